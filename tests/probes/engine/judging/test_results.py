"""Results as a pure function of rounds: recomputed from a recorded run, mirrored, disturbed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from probes import __main__ as cli
from probes.engine.judging.results import summarise
from probes.engine.planning.plan import plan
from probes.json_form import from_json, to_json
from probes.results import Instance, Measurement, ProbeResult, Round, RunResult, SideReport, Superblock
from probes.schema import FRAMEWORKS, Calibration, Outcome, RunRequest, RunSetup, Verdict
from tests.places import GOLDEN, MEASUREMENTS

QUICK = GOLDEN / "quick.json"
KEPT = sorted([*MEASUREMENTS.glob("thorough-*.json"), *MEASUREMENTS.glob("run-*.json")])


@pytest.fixture(scope="module")
def golden() -> RunResult:
    return from_json(RunResult, QUICK.read_bytes())


def test_every_verdict_is_recomputed_bit_for_bit_from_the_raw_rounds(golden: RunResult) -> None:
    found = summarise(golden.setup, golden.rounds, planned_rounds=2)
    assert {row.probe: row for row in found} == {row.probe: row for row in golden.results}


def test_what_a_run_measured_counts_also_if_its_budget_would_leave_it_out_today(golden: RunResult) -> None:
    small = replace(golden.setup, request=replace(golden.request, budget=30.0))
    assert not {row.probe for row in golden.results} <= {p.spec.id for p in plan(small).probes}
    assert {row.probe for row in summarise(small, golden.rounds)} == {row.probe for row in golden.results}


def test_the_recorded_run_reads_and_writes_the_same(golden: RunResult) -> None:
    assert from_json(RunResult, to_json(golden)) == golden


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.stem)
def test_kept_records_say_today_what_they_said_then(file: Path) -> None:
    """Also when what would be planned has changed since."""
    assert cli.main(["verdict", str(file)]) == 0


def test_swapped_labels_flip_every_verdict(golden: RunResult) -> None:
    flip = {Verdict.PYTORCH: Verdict.TENSORFLOW, Verdict.TENSORFLOW: Verdict.PYTORCH}
    swapped = summarise(golden.setup, [_swapped(round_) for round_ in golden.rounds], planned_rounds=2)
    assert swapped
    recorded = {row.probe: row for row in golden.results}
    assert recorded.keys() == {row.probe for row in swapped}
    for there, back in ((recorded[row.probe], row) for row in swapped):
        assert back.verdict == flip.get(there.verdict, there.verdict)
        assert back.ratio.estimate == pytest.approx(1 / there.ratio.estimate, rel=1e-4)
        assert back.ratio.low == pytest.approx(1 / there.ratio.high, rel=1e-4)


def test_what_the_recorded_run_found_is_plausible(golden: RunResult) -> None:
    # A quiet 2-core machine, 1 thread, gave 2.20 at batch 1, 1.07 at batch 256 and 0.64 for the training step.
    ratios = {row.probe: row.ratio.estimate for row in golden.results}
    assert ratios["mlp.inference_b1"] == pytest.approx(2.2, rel=0.25)
    assert ratios["mlp.throughput_b256"] == pytest.approx(1 / 1.07, rel=0.25)
    assert ratios["mlp.train_step"] == pytest.approx(0.64, rel=0.25)
    assert {row.outcome for row in golden.results} == {Outcome.OK}


def test_before_the_last_round_results_are_provisional(golden: RunResult) -> None:
    first = summarise(golden.setup, golden.rounds[:1], planned_rounds=2)
    assert all(row.provisional for row in first)
    assert not any(row.provisional for row in summarise(golden.setup, golden.rounds, planned_rounds=2))


def test_a_probe_that_was_not_reached_has_no_result_until_the_run_is_cancelled(golden: RunResult) -> None:
    assert summarise(golden.setup, [], planned_rounds=2) == ()
    rows = summarise(golden.setup, [], planned_rounds=2, cancelled=True)
    assert len(rows) == 6
    assert {row.outcome for row in rows} == {Outcome.CANCELLED}
    assert all(row.reason for row in rows)


@pytest.mark.parametrize("outcome", [o for o in Outcome if o != Outcome.OK], ids=str)
def test_only_ok_is_a_measurement(outcome: Outcome) -> None:
    rows = two_rounds([_round(1.5), _round(1.5, SideReport(outcome, "because"))])
    assert (rows[0].outcome, rows[0].ratio, rows[0].verdict) == (outcome, None, Verdict.UNDECIDED)
    assert "because" in rows[0].reason
    assert rows[0].sides["pytorch"].samples, "the other side is still shown"


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [(1.5, Verdict.PYTORCH), (0.7, Verdict.TENSORFLOW), (1.0, Verdict.EQUAL), (1.05, Verdict.PYTORCH)],
)
def test_verdicts_of_a_quiet_machine(ratio: float, verdict: Verdict) -> None:
    assert two_rounds([_round(ratio), _round(ratio)])[0].verdict == verdict


def test_rounds_that_contradict_each_other_decide_nothing() -> None:
    row = two_rounds([_round(1.2), _round(0.9)])[0]
    assert (row.verdict, row.outcome) == (Verdict.UNDECIDED, Outcome.OK)
    assert "more would decide it" in row.notes[-1]
    assert two_rounds([_round(8.0), _round(0.5)])[0].outcome == Outcome.TOO_NOISY


def test_under_load_both_witnesses_must_agree() -> None:
    def rounds(contended: bool) -> list[Round]:
        return [_round(1.5, cpu_ratio=1.0, contended=contended)] * 2

    assert two_rounds(rounds(contended=False))[0].verdict == Verdict.PYTORCH
    disturbed = two_rounds(rounds(contended=True))[0]
    assert (disturbed.verdict, disturbed.contended) == (Verdict.UNDECIDED, True)
    assert "CPU time doesn't bear out" in disturbed.notes[-1]


def test_under_load_the_witnesses_must_agree_on_the_size_too() -> None:
    """A busy neighbour on one side made it 2.5 times slower by wall time and 1.1 times by CPU time: no winner."""
    rounds = [_round(2.5, cpu_ratio=1.1, contended=True)] * 2
    assert two_rounds(rounds)[0].verdict == Verdict.UNDECIDED
    alike = [_round(2.5, cpu_ratio=2.45, contended=True)] * 2
    assert two_rounds(alike)[0].verdict == Verdict.PYTORCH


def test_a_run_that_outlasted_its_budget_says_so() -> None:
    rows = two_rounds([_round(1.5, seconds=80.0)] * 2)
    assert "the run took 160 s instead of 90 s" in rows[0].notes[-1]


def test_one_framework_alone_shows_its_blocks() -> None:
    missing = SideReport(Outcome.UNSUPPORTED, "TensorFlow is not installed")
    alone = Instance(blocks={"pytorch": (0.01, 0.02)})
    rounds = [Round(0, (Measurement(PROBE, {"pytorch": SideReport(), "tensorflow": missing}, (alone,)),))] * 2
    row = two_rounds(rounds)[0]
    assert (row.outcome, row.reason) == (Outcome.UNSUPPORTED, "TensorFlow: TensorFlow is not installed")
    assert row.sides["pytorch"].samples == (0.01, 0.02) * 2


PROBE = "mlp.train_step"
SETUP = RunSetup(RunRequest(probes=(PROBE,)), Calibration(spreads={PROBE: 0.015}))


def two_rounds(rounds: Sequence[Round]) -> tuple[ProbeResult, ...]:
    return summarise(SETUP, rounds, planned_rounds=2)


def _round(
    ratio: float,
    tensorflow: SideReport | None = None,
    *,
    cpu_ratio: float | None = None,
    contended: bool = False,
    seconds: float = 1.0,
) -> Round:
    a, b, cpu = 0.01, 0.01 * ratio, 0.01 * (cpu_ratio or ratio)
    blocks = (Superblock("ABBA", (a, b, b, a), (a, cpu, cpu, a)), Superblock("BAAB", (b, a, a, b), (cpu, a, a, cpu)))
    sides = {"pytorch": SideReport(), "tensorflow": tensorflow or SideReport()}
    measurement = Measurement(PROBE, sides, (Instance(blocks), Instance(blocks), Instance(blocks)))
    return Round(0, (measurement,), contended=contended, seconds=seconds)


def _swapped(round_: Round) -> Round:
    """The same figures with PyTorch and TensorFlow exchanged."""
    other = dict(zip(FRAMEWORKS, FRAMEWORKS[::-1], strict=True))
    turned = {"ABBA": "BAAB", "BAAB": "ABBA"}

    def side(figures: Mapping[str, object]) -> dict[str, object]:
        return {other[f]: value for f, value in figures.items()}

    def instance(one: Instance) -> Instance:
        blocks = tuple(replace(b, order=turned[b.order]) for b in one.superblocks)
        return replace(one, superblocks=blocks, single=side(one.single), details=side(one.details))

    def measurement(one: Measurement) -> Measurement:
        return replace(one, sides=side(one.sides), instances=tuple(map(instance, one.instances)))

    return replace(round_, measurements=tuple(map(measurement, round_.measurements)))


def test_a_probe_with_nothing_to_compare_yet_is_no_failure(golden: RunResult) -> None:
    started = replace(golden.rounds[0], complete=False, measurements=_emptied(golden.rounds[0]))
    assert summarise(golden.setup, [started], planned_rounds=2) == ()
    over = summarise(golden.setup, [replace(started, index=i, complete=True) for i in range(2)], planned_rounds=2)
    assert {row.outcome for row in over} == {Outcome.FAILED}
    assert over[0].measured_at == golden.rounds[0].started_at


def _emptied(round_: Round) -> tuple[Measurement, ...]:
    return tuple(replace(m, instances=()) for m in round_.measurements)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"version": "9.9"}, "PyTorch's version was"), ({"device": "NVIDIA Sample"}, "PyTorch's device was cpu in some")],
)
def test_rounds_of_two_states_of_the_machine_are_never_put_together(
    golden: RunResult, changes: dict[str, str], said: str
) -> None:
    """A run that was interrupted may be gone on with after an upgrade, or where the GPU has gone."""
    first, *rest = golden.rounds
    environment = {**first.environment, "pytorch": {**first.environment["pytorch"], **changes}}
    rows = summarise(golden.setup, [*rest, replace(first, environment=environment)], planned_rounds=2)
    assert rows
    for row in rows:
        assert row.outcome is Outcome.CONTAMINATED
        assert said in row.reason
        assert "measure again" in row.reason
        assert row.ratio is None
