"""Runs with fake children: order, seeds, failures, cancelling, going on. No process is started, nothing is measured."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from advisor.measured.growth import growth
from advisor.measured.scaling import scalings
from probes import catalog
from probes.engine.judging.results import summarise
from probes.engine.planning import plan
from probes.engine.planning.significance import ENGINE, STATED_FREEDOM
from probes.engine.watching.topology import Processor
from probes.json_form import from_json, to_json
from probes.results import ProbeResult, Progress, Round, RunResult
from probes.schema import FRAMEWORKS, Calibration, Outcome, Priority, RunRequest, RunSetup, Verdict
from tests.probes.engine.running.fake_runs import BARE, STATED, by_id, fake_run
from tests.probes.fake_child import FakeMachine

pytestmark = pytest.mark.usefixtures("everything_can_run")


def test_a_quick_run_decides_every_quick_probe() -> None:
    result = fake_run(FakeMachine())
    quick = [p.id for p in catalog.probes() if (p.model, p.budget) == ("mlp", "quick")]
    assert {row.probe for row in result.results} == set(quick)
    for row in result.results:
        assert row.outcome == Outcome.OK
        assert row.verdict == (
            Verdict.TENSORFLOW if row.better == "higher" and row.ratio.estimate > 1 else Verdict.PYTORCH
        )
        assert row.ratio.low < row.ratio.estimate < row.ratio.high
        assert not row.provisional
    assert len(result.rounds) == result.planned_rounds == 3


def test_the_ratio_is_tensorflow_over_pytorch_of_the_metric() -> None:
    rows = by_id(fake_run(FakeMachine()))
    assert rows["mlp.train_step.careful"].ratio.estimate == pytest.approx(1.5, rel=0.02)
    assert rows["mlp.throughput_b256.careful"].ratio.estimate == pytest.approx(1 / 1.5, rel=0.02)
    assert rows["mlp.throughput_b256.careful"].sides["pytorch"].median == pytest.approx(256 / 0.010, rel=0.02)


def test_a_record_keeps_the_spreads_that_its_verdicts_were_reckoned_with() -> None:
    """What a measure states may change; a record's verdicts may not."""
    own = {"mlp.train_step": 0.07}
    result = fake_run(FakeMachine(), calibration=Calibration(spreads=own))
    stated = {p.spec.id: plan.spread(STATED, p) for p in plan.plan(RunSetup()).probes}
    assert result.calibration == Calibration(spreads=stated | own, spread_freedom=STATED_FREEDOM, engine=ENGINE)
    assert summarise(result.setup, result.rounds, planned_rounds=result.planned_rounds) == result.results


def test_spawn_order_alternates_between_rounds() -> None:
    machine = FakeMachine()
    fake_run(machine, RunRequest(probes=("mlp.train_step",), budget=30.0))
    assert machine.started == ["pytorch", "tensorflow", "tensorflow", "pytorch"]


def test_both_sides_get_the_same_seed_and_rounds_get_different_ones() -> None:
    machine = FakeMachine()
    fake_run(machine, RunRequest(probes=("mlp.train_step",), budget=30.0))
    seeds = {f: [a["seed"] for g, do, a in machine.asked if (g, do) == (f, "prepare")] for f in machine.started}
    assert seeds["pytorch"] == seeds["tensorflow"]
    assert len(set(seeds["pytorch"])) == len(seeds["pytorch"])


def test_no_clock_starts_before_both_sides_agreed() -> None:
    machine = FakeMachine(skew=0.5)
    rows = by_id(fake_run(machine))
    row = rows["mlp.train_step.careful"]
    assert row.outcome == Outcome.NOT_COMPARABLE
    assert "outputs by 0.5" in row.reason
    assert row.ratio is None
    assert not [do for _, do, _ in machine.asked if do in ("prepare", "block")]
    assert rows["mlp.memory_peak"].outcome == Outcome.OK


def test_sides_that_agreed_are_not_asked_again_in_later_rounds() -> None:
    machine = FakeMachine()
    whole = fake_run(machine, RunRequest(probes=("mlp.inference_b1", "mlp.train_step")))
    assert len(whole.rounds) > 1
    assert [do for _, do, _ in machine.asked].count("check") == 2 * 2, "a probe and side once"
    assert [any(m.agreement for m in r.measurements) for r in whole.rounds] == [
        True,
        *[False] * (len(whole.rounds) - 1),
    ]
    resumed = FakeMachine()
    fake_run(resumed, RunRequest(probes=("mlp.inference_b1", "mlp.train_step")), done=whole.rounds[:1])
    assert "check" not in [do for _, do, _ in resumed.asked]


def test_a_step_is_measured_with_ever_more_threads_up_to_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.engine.watching.machine.usable_cores", lambda: 6)
    monkeypatch.setattr("probes.engine.watching.topology.here", Processor)
    machine = FakeMachine(scales=0.5)
    (row,) = fake_run(machine, RunRequest(probes=("mlp.train_step_all_cores",), budget=60.0)).results
    assert row.outcome == Outcome.OK
    for framework in FRAMEWORKS:
        details = row.sides[framework].details
        assert list(details) == ["threads_1", "threads_2", "threads_4", "threads_6", "efficiency_share"]
        assert row.sides[framework].median == details["threads_6"]
        assert details["threads_2"] == pytest.approx(details["threads_1"] / 2**0.5, rel=1e-4)
        assert details["efficiency_share"] == pytest.approx(6**0.5 / 6, rel=1e-4)
    (scaling,) = scalings(row)
    assert (scaling.over, len(scaling.sides["pytorch"])) == ("threads", 4)


def test_a_network_is_measured_at_three_sizes_each_in_processes_of_its_own() -> None:
    machine = FakeMachine()
    request = RunRequest(
        probes=("mlp.train_step_sizes.careful",), budget=60.0, sizes={"mlp": {"hidden1": 64, "hidden2": 32}}
    )
    run_ = fake_run(machine, request)
    (row,) = run_.results
    assert row.outcome == Outcome.OK
    asked = [arguments["sizes"] for side, do, arguments in machine.asked if (side, do) == ("pytorch", "single")]
    rounds = len(run_.rounds)
    assert [one["hidden1"] for one in asked] == sorted({one["hidden1"] for one in asked}) * rounds
    assert len(asked) == 3 * rounds
    for framework in FRAMEWORKS:
        details = row.sides[framework].details
        assert len(details) == 3
        assert row.sides[framework].median == list(details.values())[-1]
    (scaling,) = scalings(row)
    assert (scaling.over, len(scaling.sides["pytorch"])) == ("weights", 3)
    raw = [measurement for round_ in run_.rounds for measurement in round_.measurements]
    assert [point.rounds for point in growth(row, raw).points] == [rounds] * 3


def test_startup_is_read_from_every_child_that_starts_cold() -> None:
    row = by_id(fake_run(FakeMachine()))["mlp.startup"]
    assert len(row.sides["pytorch"].samples) == 3  # the start of each round's pair, whose memory is read as well


def undated(result: RunResult) -> list[ProbeResult]:
    """Results without the time of day, which is the one thing that may differ."""
    return [replace(row, measured_at="") for row in result.results]


def test_going_on_after_an_interruption_is_the_same_as_never_having_stopped() -> None:
    whole: list[Round] = []
    at_once, machine = fake_run(FakeMachine(), on_round=whole.append), FakeMachine()
    more: list[Round] = []
    resumed = fake_run(machine, done=whole[:1], on_round=more.append)
    assert [r.index for r in more] == [1, 2]
    for again, once in zip(more, whole[1:], strict=True):
        assert [m.instances for m in again.measurements] == [m.instances for m in once.measurements]
    assert undated(resumed) == undated(at_once)
    assert machine.started[0] == "tensorflow", "the second round's order"


def test_a_round_that_was_cut_off_is_run_again() -> None:
    cut = fake_run(FakeMachine(cancel_at=200))
    assert not cut.rounds[-1].complete
    assert undated(fake_run(FakeMachine(), done=cut.rounds)) == undated(fake_run(FakeMachine()))


def test_nothing_is_left_to_do_when_all_rounds_are_done() -> None:
    machine = FakeMachine()
    done = fake_run(FakeMachine())
    assert fake_run(machine, done=done.rounds).results == done.results
    assert machine.started == []


def test_progress_grows_to_the_end_and_speaks_of_what_runs() -> None:
    seen: list[Progress] = []
    fake_run(FakeMachine(), on_progress=seen.append)
    fractions = [p.fraction for p in seen]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1
    assert any("Round 2 of 3: Training step, both careful, instance" in p.message for p in seen)
    assert all(row.provisional for p in seen for row in p.results)
    first = next(p for p in seen if any(row.ratio for row in p.results))
    assert first.round == 1, "a provisional ratio is there long before the first round ends"


def test_intervals_shrink_as_instances_come_in() -> None:
    seen: list[Progress] = []
    fake_run(FakeMachine(), on_progress=seen.append)
    rows = [row for p in seen for row in p.results if row.probe == "mlp.train_step.careful" and row.ratio]
    assert rows[-1].ratio.high - rows[-1].ratio.low < rows[0].ratio.high - rows[0].ratio.low


@pytest.mark.parametrize(("tick", "built"), [(0.01, plan.MOST_INSTANCES), (30.0, None)])
def test_a_machine_with_time_left_builds_more_instances_than_planned(tick: float, built: int | None) -> None:
    """And a slow one two, whatever they take."""
    request = RunRequest(probes=("mlp.inference_b1", "mlp.train_step"), budget=60.0)
    planned, ticks = plan.plan(RunSetup(request)), count()
    assert planned.instances < plan.MOST_INSTANCES
    seen: list[Progress] = []
    result = fake_run(FakeMachine(), request, clock=lambda: next(ticks) * tick, on_progress=seen.append)
    for round_ in result.rounds:
        assert [len(m.instances) for m in round_.measurements] == [built or plan.LEAST_INSTANCES] * 2
    assert any("while there is time" in p.message for p in seen) is bool(built)
    assert [p.fraction for p in seen] == sorted(p.fraction for p in seen)


def test_a_whole_run_survives_the_way_through_json() -> None:
    result = fake_run(FakeMachine())
    assert from_json(RunResult, to_json(result)) == result


def test_sizes_reach_both_children() -> None:
    machine = FakeMachine()
    fake_run(machine, RunRequest(sizes={"mlp": {"hidden1": 64}}))
    sizes = [a["sizes"] for _, do, a in machine.asked if do == "prepare"]
    assert {s["hidden1"] for s in sizes} == {64}
    assert {s["hidden2"] for s in sizes} == {256}


def test_the_margin_in_a_result_is_the_one_that_decided() -> None:
    assert {row.margin for row in fake_run(FakeMachine()).results} == {STATED.margin}


def test_a_run_ends_when_everything_is_decided() -> None:
    """A fake machine decides at the first look; the rounds that were planned beyond it would change nothing."""
    request = RunRequest(probes=("mlp.train_step", "mlp.inference_b1"), budget="thorough")
    result = fake_run(FakeMachine(), request)
    first = plan.plan(RunSetup(request)).looks[0]
    assert len(result.rounds) == first < result.planned_rounds
    assert {row.outcome for row in result.results} == {Outcome.OK}
    assert not any(row.provisional for row in result.results)
    assert summarise(result.setup, result.rounds) == result.results


def test_what_cannot_change_the_decision_gets_one_look_and_says_so() -> None:
    request = RunRequest(probes=("mlp.train_step", "mlp.inference_b1"), budget="thorough")
    rows = by_id(fake_run(FakeMachine(), request, priority=Priority({"mlp.train_step": 1})))
    assert any("nothing it could say would change" in note for note in rows["mlp.inference_b1"].notes)
    assert not any("nothing it could say" in note for note in rows["mlp.train_step"].notes)


def test_a_run_that_goes_on_has_the_surroundings_that_it_began_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.engine.watching.topology.here", lambda: BARE)
    whole = fake_run(FakeMachine()).rounds
    said = {"cores": "0", "waiting": "passive: of old"}
    first = replace(whole[0], environment={f: {**record, **said} for f, record in whole[0].environment.items()})
    resumed = fake_run(FakeMachine(), done=[first]).rounds[1]
    assert whole[1].environment["pytorch"]["cores"] == "3"
    for framework in FRAMEWORKS:
        assert {name: resumed.environment[framework][name] for name in said} == said


def test_more_threads_than_cores_are_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.engine.watching.topology.here", lambda: BARE)
    machine = FakeMachine()
    (row,) = fake_run(machine, RunRequest(probes=("mlp.inference_b1",), budget=60.0, threads=5)).results
    assert row.outcome == Outcome.UNSUPPORTED
    assert "Choose at most 4 threads" in row.reason
    assert machine.started == []


def test_all_cores_are_cut_to_those_that_can_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.engine.watching.topology.here", lambda: replace(BARE, quota=1.5))
    machine = FakeMachine()
    request = RunRequest(probes=("cnn.pipeline_jpeg_workers",), budget=300.0)
    (row,) = fake_run(machine, request).results
    assert row.outcome == Outcome.OK
    assert {arguments["threads"] for _, do, arguments in machine.asked if do == "load"} == {1}


def test_what_only_one_core_measures_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.engine.watching.topology.here", lambda: Processor(BARE.cores[:1]))
    (row,) = fake_run(FakeMachine(), RunRequest(probes=("mlp.inference_b1",), budget=60.0)).results
    assert row.outcome == Outcome.OK
    assert any("only one core may be used" in note for note in row.notes)
