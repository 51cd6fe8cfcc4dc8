"""What trying ways on a machine says goes before what is known of them, for the network that was tried."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.decision.evidence import assess, route_runs
from advisor.decision.evidence.route_runs import Wanted, taken_over, wanted
from advisor.decision.evidence.routes import choose, expected, value
from advisor.decision.evidence.vetoes import vetoes
from advisor.knowledge import Knowledge, load
from advisor.model.routes import Route
from probes.deploy.schema import RouteRecord
from probes.schema import FRAMEWORKS, Outcome
from tests import ways
from tests.advisor import changed

KNOWLEDGE = load()
MLP = Wanted("mlp")


def told(**content: Any) -> Answers:
    return Answers.model_validate({"schema": 1, "project": {"domain": "tabular"}, **content})


def tool(knowledge: Knowledge, target: str, side: str, name: str) -> Route:
    return next(route for route in knowledge.routes[target][side] if route.tool == name)  # type: ignore[index]


def seen(*records: RouteRecord) -> Knowledge:
    return taken_over(KNOWLEDGE, ways.run(*records))


def all_fail(side: str, reason: str = "RuntimeError: no such op") -> list[RouteRecord]:
    """Every way that any row of a side names, tried and failed."""
    names = {name for sides in KNOWLEDGE.routes.values() for route in sides[side] for name in route.tried_by}  # type: ignore[index]
    return [ways.record(ways.way(name, name), outcome=Outcome.FAILED, reason=reason) for name in sorted(names)]


def test_without_a_run_nothing_changes() -> None:
    assert taken_over(KNOWLEDGE, None) is KNOWLEDGE
    assert taken_over(KNOWLEDGE, replace(ways.run(), records=())) == KNOWLEDGE


def test_a_row_gets_what_its_ways_did_and_others_stay() -> None:
    known = taken_over(KNOWLEDGE, ways.run())
    litert = tool(known, "android", "tensorflow", "LiteRT").tried["mlp"]
    assert (litert.state, litert.way, litert.machine) == ("works", "tensorflow_litert", "Sample CPU, 2 cores, 8 GiB")
    assert litert.latency_s == pytest.approx(30e-6, rel=0.02)
    assert "30.0 µs" in litert.said
    assert "2.00 MiB on disk" in litert.said
    assert not tool(known, "android", "tensorflow", "MediaPipe Tasks").tried


def test_full_precision_counts_before_faster_forms_that_round() -> None:
    assert (
        tool(taken_over(KNOWLEDGE, ways.run()), "ios", "pytorch", "ONNX Runtime").tried["mlp"].way
        == "pytorch_onnxruntime"
    )
    way = ways.way(form="int8 dynamic")
    broken = ways.record(ways.way(), outcome=Outcome.FAILED, reason="no such op")
    found = tool(seen(broken, ways.record(way)), "ios", "pytorch", "ONNX Runtime").tried["mlp"]
    assert (found.state, found.way) == ("works", "pytorch_onnxruntime.int8-dynamic"), "one form that works is a way"


@pytest.mark.parametrize(
    "outcome", [Outcome.FAILED, Outcome.NOT_COMPARABLE, Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY], ids=str
)
def test_tried_and_failed_is_worth_nothing_here(outcome: Outcome) -> None:
    known = seen(ways.record(ways.way(), outcome=outcome, reason="it differs by 3.1"))
    row = tool(known, "ios", "pytorch", "ONNX Runtime")
    assert expected(row, MLP) == 0
    assert expected(row, Wanted("cnn")) == expected(row) > 0, "another network was not tried"
    assert "doesn't work" in row.tried["mlp"].said
    assert "it differs by 3.1" in row.tried["mlp"].said
    chosen = choose(known.routes["ios"]["pytorch"], MLP)
    assert row not in (chosen.route, *chosen.alternatives)
    assert [found.title for found in chosen.broken] == ["ONNX → ONNX Runtime"]


@pytest.mark.parametrize("outcome", [Outcome.UNSUPPORTED, Outcome.CANCELLED])
def test_what_could_not_be_tried_stays_as_it_was_known_and_says_so(outcome: Outcome) -> None:
    row = tool(
        seen(ways.record(ways.way(), outcome=outcome, reason="make its environment")), "ios", "pytorch", "ONNX Runtime"
    )
    assert expected(row, MLP) == expected(row)
    assert (row.tried["mlp"].state, "make its environment" in row.tried["mlp"].said) == ("not tried", True)


def test_what_a_terminal_would_make_bold_is_plain() -> None:
    record = ways.record(ways.way(), outcome=Outcome.FAILED, reason="\x1b[1mno such op\x1b[0m")
    assert "Runtime: no such op" in tool(seen(record), "ios", "pytorch", "ONNX Runtime").tried["mlp"].said


def test_a_row_of_two_ways_fails_only_if_both_do() -> None:
    eager = ways.record(ways.way("pytorch_eager", "Eager"), outcome=Outcome.FAILED, reason="x")
    compiled = ways.way("pytorch_compile", "torch.compile")
    for outcome, state in ((Outcome.UNSUPPORTED, "not tried"), (Outcome.FAILED, "fails"), (Outcome.OK, "works")):
        known = seen(eager, ways.record(compiled, outcome=outcome, reason="y"))
        assert tool(known, "server_rest_grpc", "pytorch", "LitServe").tried["mlp"].state == state


def test_what_is_only_exported_here_counts_as_known() -> None:
    found = tool(taken_over(KNOWLEDGE, ways.run()), "browser", "tensorflow", "TensorFlow.js")
    assert found.tried["mlp"].state == "exported"
    assert "runs in a browser" in found.tried["mlp"].said
    assert value(found, Wanted("mlp", told(targets=[LIMITED]).targets[0].latency_ms)) == value(found)


LIMITED = {"id": "android", "importance": 5, "latency_ms": {"target": 1, "limit": 10}}


def test_with_a_target_and_a_limit_the_measured_latency_counts_widened_for_the_way_to_the_device() -> None:
    answers = told(targets=[LIMITED])
    want = wanted("android", answers, KNOWLEDGE)
    slow = tool(
        seen(ways.record(ways.way("tensorflow_litert", "LiteRT"), seconds=0.0055)), "android", "tensorflow", "LiteRT"
    )
    cell, plain = value(slow, want), value(slow)
    assert cell.likely == pytest.approx(0.5 * plain.likely, rel=1e-3), "5.5 ms lies halfway between 1 and 10"
    assert cell.low == 0, "a phone may well take twice as long"
    assert cell.high > 0.9 * plain.high
    fast = tool(
        seen(ways.record(ways.way("tensorflow_litert", "LiteRT"), seconds=1e-5)), "android", "tensorflow", "LiteRT"
    )
    assert value(fast, want) == value(fast)
    assert want.factor > KNOWLEDGE.transfer["level"], "a phone is no server"


def test_evidence_names_the_figures_the_machine_the_day_and_how_it_was_counted() -> None:
    known = taken_over(KNOWLEDGE, ways.run())
    row = next(row for row in assess(told(targets=[LIMITED]), known) if row.target == "android")
    assert row.status == "measured"
    (shown,) = [item for item in row.evidence if item.id == "tensorflow_litert"]
    assert (shown.machine, shown.date) == ("Sample CPU, 2 cores, 8 GiB", "2026-11-23")
    assert "30.0 µs (28.0 µs to 32.1 µs) a call at batch 1" in shown.text
    assert any("your own target of 1 ms and limit of 10 ms" in item.text for item in row.evidence)
    assert "30.0 µs a call here" in row.summary


def test_without_a_limit_the_figures_are_shown_and_change_nothing() -> None:
    answers = told(targets=[{"id": "android", "importance": 5}])
    before, after = (
        next(row for row in assess(answers, known) if row.target == "android")
        for known in (KNOWLEDGE, taken_over(KNOWLEDGE, ways.run()))
    )
    assert after.values == before.values
    assert after.status == "fact"
    assert any(item.machine for item in after.evidence)


def test_a_target_without_a_working_way_is_a_veto_with_evidence() -> None:
    answers = told(targets=[{"id": "android", "importance": 5}])
    known = taken_over(KNOWLEDGE, ways.run(*all_fail("tensorflow")))
    found = {veto.framework: veto for veto in vetoes(answers, known)}
    assert {side: veto.status for side, veto in found.items()} == {"pytorch": "pass", "tensorflow": "unknown"}
    no_part = replace(known, routes={**known.routes, "android": {
        side: tuple(route for route in rows if route.scope == "any model")
        for side, rows in known.routes["android"].items()
    }})  # fmt: skip
    (veto,) = [veto for veto in vetoes(answers, no_part) if veto.framework == "tensorflow"]
    assert veto.status == "fail"
    assert "tensorflow_litert was tried here, without a result" in veto.text
    assert "no such op" in veto.evidence[0].text
    decision = decide(answers, no_part, samples=500)
    assert decision.verdict.strength == "veto"
    assert decision.verdict.framework == "pytorch"
    assert decision.routes["android"]["tensorflow"].route is None


def test_a_way_that_is_too_slow_is_still_a_way() -> None:
    known = seen(
        ways.record(ways.way("tensorflow_litert", "LiteRT"), seconds=9.0),
    )
    answers = told(targets=[LIMITED])
    assert [veto.status for veto in vetoes(answers, known)] == ["pass", "pass"]
    found = choose([tool(known, "android", "tensorflow", "LiteRT")], wanted("android", answers, known))
    assert found.route is not None
    assert found.value == 0


def test_the_network_is_the_projects_own() -> None:
    """Tried with the cnn only: a project in tables decides as if nothing had been tried, one in images doesn't."""
    records = [replace(record, model="cnn") for record in all_fail("pytorch")]
    known = taken_over(KNOWLEDGE, ways.run(*records, models=("cnn",)))
    target = [{"id": "edge_linux", "importance": 5}]
    table, image = (told(project={"domain": domain}, targets=target) for domain in ("tabular", "vision"))
    assert assess(table, known)[0].values == assess(table, KNOWLEDGE)[0].values
    assert choose(known.routes["edge_linux"]["pytorch"], wanted("edge_linux", image, known)).broken


# ------------------------------------------------------------------------------------------- laws

seconds = st.floats(1e-6, 1.0)


@settings(deadline=None, max_examples=40)
@given(seconds, seconds)
def test_adding_a_way_never_changes_anothers_value(one: float, other: float) -> None:
    want = wanted("android", told(targets=[LIMITED]), KNOWLEDGE)
    first = ways.record(ways.way("tensorflow_litert", "LiteRT"), seconds=one)
    more = ways.record(ways.way(), seconds=other)
    alone, both = seen(first), seen(first, more)
    others = [
        (before, after)
        for side in FRAMEWORKS
        for before, after in zip(alone.routes["android"][side], both.routes["android"][side], strict=True)
        if "pytorch_onnxruntime" not in after.tried_by
    ]
    assert others
    assert [value(before, want) for before, _ in others] == [value(after, want) for _, after in others]


@settings(deadline=None, max_examples=40)
@given(seconds, st.floats(1.0, 50.0))
def test_a_better_latency_never_lowers_a_side(slow: float, times: float) -> None:
    want = wanted("android", told(targets=[LIMITED]), KNOWLEDGE)
    litert = ways.way("tensorflow_litert", "LiteRT")
    worse, better = (seen(ways.record(litert, seconds=took)) for took in (slow, slow / times))
    values = [choose(known.routes["android"]["tensorflow"], want).value for known in (worse, better)]
    assert values[1] >= values[0] - 1e-12
    a, b = (value(tool(known, "android", "tensorflow", "LiteRT"), want) for known in (worse, better))
    assert (b.low, b.likely, b.high) >= (a.low, a.likely, a.high)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(ways.records()), st.sampled_from(list(Outcome))), max_size=6), seconds)
def test_swapping_the_frameworks_negates(chosen: list[tuple[RouteRecord, Outcome]], took: float) -> None:
    answers = told(targets=[LIMITED, {"id": "server_rest_grpc", "latency_ms": {"target": 1, "limit": 50}}])
    records = {one.way.id: ways.record(one.way, seconds=took, outcome=outcome) for one, outcome in chosen}
    known = taken_over(KNOWLEDGE, replace(ways.run(), records=tuple(records.values())))
    straight = [row.values.mean() for row in assess(answers, known) if row.target]
    other = [row.values.mean() for row in assess(answers, changed.swapped(known)) if row.target]
    assert [a - b for a, b in straight] == pytest.approx([b - a for a, b in other], abs=1e-12)


def test_a_decision_with_tried_ways_says_the_same_for_the_same_arguments() -> None:
    known, answers = taken_over(KNOWLEDGE, ways.run()), told(targets=[LIMITED])
    assert decide(answers, known, samples=500) == decide(answers, known, samples=500)


def test_words_carry_what_was_seen() -> None:
    from probes.deploy.summary import figures

    run = ways.run()
    found = figures(run.records[1], run)
    assert found is not None
    assert route_runs.words(found).startswith("50.0 µs (")
    assert route_runs.words(found).endswith("2.00 MiB on disk, cold start 800 ms")
