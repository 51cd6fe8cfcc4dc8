"""From answers, facts, routes and probes to values: each kind, its ranges, and what is unknown."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.decision.evidence.values import CostRatio, Independent, Limit, UnknownRatio, Values, unknown
from advisor.decision.scoring.draws import Stream
from advisor.model.evidence import Cell
from probes.results import BestModes, Round, RunResult
from probes.schema import FRAMEWORKS, Outcome, RunRequest, Verdict
from probes.team_files import ModelFile
from tests.advisor import runs
from tests.advisor.decision.evidence.rows import KNOWLEDGE, row, told


def test_before_probes_ran_performance_is_unknown_and_uniform() -> None:
    found = row("training_speed")
    assert found.status == "unknown"
    assert found.values.cells()["pytorch"] == unknown("Not measured yet.")
    drawn = found.values.draw(Stream(0, 20_000), "x")
    assert drawn[0].std() == pytest.approx(1 / math.sqrt(12), abs=0.01)
    assert drawn.sum(axis=0) == pytest.approx(np.ones(20_000))


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.OK])
def test_an_outcome_that_is_no_measurement_is_unknown_with_its_reason(outcome: Outcome) -> None:
    found = row("training_speed", run=runs.run(runs.result("train_step", None, outcome=outcome, reason="it broke")))
    cell = found.values.cells()["tensorflow"]
    assert (cell.low, cell.high, cell.outcome) == (0, 1, outcome)
    assert "it broke" in cell.reason
    assert found.status == "unknown"


def test_a_cost_twice_as_high_is_worth_a_quarter() -> None:
    """S = 4: ½ ± ln 2 / (2 ln 4)."""
    values = row("training_speed", run=runs.run(runs.result("train_step", 2.0))).values
    assert isinstance(values, CostRatio)
    assert values.cells()["pytorch"].likely == pytest.approx(0.75)
    assert values.cells()["tensorflow"].likely == pytest.approx(0.25)


def test_more_throughput_is_better() -> None:
    values = row("throughput", run=runs.run(runs.result("throughput_b256", 2.0))).values
    assert values.cells()["tensorflow"].likely == pytest.approx(0.75)


def test_inside_the_margin_both_get_half() -> None:
    values = row("memory", run=runs.run(runs.result("memory_peak", 1.03, verdict=Verdict.EQUAL))).values
    assert values.cells()["pytorch"].likely == 0.5


def test_another_machine_widens_and_says_so() -> None:
    measured = runs.run(runs.result("train_step", 2.0))
    found = {
        kind: row("training_speed", told(hardware={"train": hardware} if hardware else {}), measured)
        for kind, hardware in (("same", "cpu"), ("unknown", None), ("other", "nvidia"))
    }
    widths = [found[kind].values.sd for kind in ("same", "unknown", "other")]  # type: ignore[attr-defined]
    assert widths == sorted(widths)
    assert widths[0] > math.log(1.05) / 1.96
    for kind, assessed in found.items():
        factor = KNOWLEDGE.transfer[kind]
        assert f"by a factor of {factor:g}" in assessed.evidence[-1].text


def test_what_counts_is_where_the_children_worked_and_not_what_the_machine_has() -> None:
    """«auto» on a machine with a GPU that only one framework sees comes to the CPU."""
    machine = replace(runs.MACHINE, gpus=("NVIDIA Sample, 80 GiB",))
    for device, kind in (("cpu", "other"), ("NVIDIA Sample", "same")):
        rounds = (Round(0, (), {side: {"device": device} for side in FRAMEWORKS}),)
        measured = replace(
            runs.run(runs.result("train_step", 2.0)), machine=machine, request=RunRequest(), rounds=rounds
        )
        assessed = row("training_speed", told(hardware={"train": "nvidia"}), measured)
        assert f"by a factor of {KNOWLEDGE.transfer[kind]:g}" in assessed.evidence[-1].text


def test_the_evidence_names_machine_day_modes_and_interval() -> None:
    evidence = row("training_speed", run=runs.run(runs.result("train_step", 0.5))).evidence[0]
    assert (evidence.kind, evidence.id) == ("probe", "mlp.train_step")
    assert evidence.machine == runs.MACHINE.name
    assert evidence.date == "2026-11-20"
    assert "PyTorch's time per training step was 2.00 times TensorFlow's" in evidence.text
    assert "eager against tf.function" in evidence.text
    assert "1.90 to 2.10" in evidence.text


def test_a_witness_is_shown_and_not_counted() -> None:
    alone = row("training_speed", run=runs.run(runs.result("train_step", 2.0)))
    both = row("training_speed", run=runs.run(runs.result("train_step", 2.0), runs.result("time_to_accuracy", 0.2)))
    assert alone.values == both.values
    assert any("Shown beside it, not counted" in item.text for item in both.evidence)


def test_the_best_modes_of_both_sides_count() -> None:
    tuned = runs.result("train_step", 0.625, base=0.008, track="tuned")
    run = replace(runs.run(runs.result("train_step", 2.0, base=0.010)), best=(BestModes(tuned),))
    evidence = row("training_speed", run=run).evidence[0]
    assert "PyTorch's time per training step was 1.60 times TensorFlow's" in evidence.text
    assert "torch.compile against XLA" in evidence.text


def test_a_teams_own_model_counts_only_where_both_sides_were_seen_to_compute_the_same() -> None:
    own = replace(runs.result("train_step", 2.0), probe="own-0123456789ab.train_step", model="own-0123456789ab")
    doubted = replace(own, doubt="of layers that keep a kernel, PyTorch has 2 and Keras 1")
    assert row("training_speed", run=runs.run(own)).status == "measured"
    assert row("training_speed", run=runs.run(doubted)).status == "unknown"
    both = [runs.run(runs.result("train_step", 0.5), *more) for more in ((), (doubted,))]
    means = [row("training_speed", run=run).values.mean() for run in both]
    assert means[0] == means[1]


def test_one_side_alone_is_no_evidence() -> None:
    """A model with one half: what its modes do is told, and nothing is decided by it."""
    alone = runs.result("train_step", None, outcome=Outcome.UNSUPPORTED, reason="no half")
    run = replace(runs.run(), results=(alone,), best=(BestModes(alone),))
    assert (run.headlines, run.evidence) == ((), ())
    assert row("training_speed", run=run).status == "unknown"


def test_a_failed_tuned_probe_changes_nothing() -> None:
    plain = runs.result("train_step", 2.0)
    tuned = runs.result("train_step", None, track="tuned", outcome=Outcome.UNSUPPORTED, reason="no compiler")
    with_it, without = (row("training_speed", run=runs.run(*results)) for results in ((plain, tuned), (plain,)))
    assert with_it.values == without.values


def test_a_target_and_a_limit_anchor_latency() -> None:
    answers = told(targets=[{"id": "server_rest_grpc", "latency_ms": {"target": 20, "limit": 100}}])
    found = row("inference_latency", answers, runs.run(runs.result("inference_b1", 5.0, base=0.020)))
    assert isinstance(found.values, Limit)
    cells = found.values.cells()
    assert cells["pytorch"].likely == pytest.approx(1.0)  # 20 ms: on target
    assert cells["tensorflow"].likely == pytest.approx(0.0)  # 100 ms: at the limit
    assert "your own target of 20 ms" in " ".join(item.text for item in found.evidence)


def test_both_on_target_is_no_difference() -> None:
    answers = told(targets=[{"id": "serverless", "latency_ms": {"target": 200, "limit": 400}}])
    pytorch, tensorflow = row(
        "inference_latency", answers, runs.run(runs.result("inference_b1", 5.0, base=0.001))
    ).values.mean()
    assert pytorch == tensorflow == pytest.approx(1)


def test_a_phones_limit_is_not_held_against_this_machine() -> None:
    phone = {"id": "android", "latency_ms": {"target": 20, "limit": 100}}
    answers = told(targets=[phone, {"id": "server_batch"}])
    assert isinstance(row("inference_latency", answers, runs.quick(2.0)).values, CostRatio)


CELLS = st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)).map(lambda t: Cell(*sorted(t)))


@settings(max_examples=25, deadline=None)
@given(
    st.one_of(
        st.builds(Independent, CELLS, CELLS, st.booleans()),
        st.builds(CostRatio, st.floats(-3, 3), st.floats(0.01, 1), st.floats(1.5, 10), st.floats(0, 0.1)),
        st.builds(UnknownRatio, st.just(unknown("?"))),
        st.builds(
            Limit,
            st.floats(0, 6),
            st.floats(0.01, 1),
            st.floats(-2, 2),
            st.floats(0.01, 1),
            st.just(20.0),
            st.just(90.0),
        ),
    )
)
def test_the_mean_is_the_mean_of_the_draws(values: Values) -> None:
    drawn = values.draw(Stream(5, 20_000), "law")
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    assert drawn.mean(axis=1) == pytest.approx(values.mean(), abs=0.015)
    for cell in values.cells().values():
        assert 0 <= cell.low <= cell.likely + 1e-12 <= cell.high + 1e-9 <= 1 + 1e-9


OURS = ModelFile("ours.py", "a" * 64, "Ours", FRAMEWORKS, trains=True)


def of_ours(doubt: str = "") -> RunResult:
    measured = replace(runs.result("train_step", 2.0), probe=f"{OURS.id}.train_step", model=OURS.id, doubt=doubt)
    return replace(runs.run(measured), request=RunRequest(device="cpu", model=OURS.id, model_file=OURS))


def test_a_teams_own_model_needs_no_allowance_for_another_network() -> None:
    answers = told(project={"domain": "vision"}, hardware={"train": "cpu"})
    own, stand_in = (
        row("training_speed", answers, run) for run in (of_ours(), runs.run(runs.result("train_step", 2.0)))
    )
    assert own.probe == f"{OURS.id}.train_step"
    assert "network" not in {piece.id for piece in own.evidence}
    assert "network" in {piece.id for piece in stand_in.evidence}
    assert isinstance(own.values, CostRatio)
    assert isinstance(stand_in.values, CostRatio)
    assert own.values.sd < stand_in.values.sd


def test_what_isnt_shown_to_be_the_same_on_both_sides_is_unknown_and_says_so() -> None:
    found = row("training_speed", run=of_ours("the outputs differ"))
    assert found.status == "unknown"
    reason = found.values.cells()["pytorch"].reason
    assert reason == "Measured, and not counted: not shown to be the same on both sides (the outputs differ)."
