"""Joining the runs of a decision."""

from __future__ import annotations

import math
from dataclasses import replace

from advisor.measured import result_sets
from probes import catalog
from probes.engine.judging.results import summarise
from probes.engine.planning.plan import stated
from probes.results import Instance, Measurement, ProbeResult, Round, RunResult, SideReport
from probes.schema import FRAMEWORKS, Calibration, Outcome, RunRequest, RunSetup
from tests import samples

QUICK = samples.run_result()  # its time to accuracy failed
STEP, LATENCY = QUICK.results[:2]


def joined(runs: list[RunResult]) -> RunResult | None:
    return result_sets.joined(runs, samples.Judge())


def run(*results: object, seed: int = 0, **request: object) -> RunResult:
    return replace(QUICK, results=results, request=RunRequest(seed=seed, **request))


def test_nothing_joins_to_nothing_and_one_run_is_itself() -> None:
    assert joined([]) is None
    found = joined([QUICK])
    assert found is not None
    assert replace(found, best=()) == QUICK


def test_a_later_run_of_one_probe_keeps_the_others() -> None:
    again = replace(STEP, contended=True)
    found = joined([run(again, seed=1), QUICK])
    assert found is not None
    assert {r.probe for r in found.results} == {r.probe for r in QUICK.results}
    assert next(r for r in found.results if r.probe == STEP.probe) == again


def test_a_measurement_outlives_a_later_failure_and_replaces_an_earlier_one() -> None:
    failed = replace(STEP, outcome=Outcome.FAILED, ratio=None)
    for runs in ([run(failed), run(STEP, LATENCY)], [run(STEP), run(failed, LATENCY)]):
        found = joined(runs)
        assert found is not None
        assert next(r for r in found.results if r.probe == STEP.probe) == STEP


def test_another_machine_device_thread_count_or_size_is_another_measurement() -> None:
    elsewhere = replace(QUICK, machine=replace(QUICK.machine, fingerprint="f" * 16))
    others = (
        elsewhere,
        run(LATENCY, threads=2),
        run(LATENCY, device="cuda"),
        run(LATENCY, sizes={"mlp": {"width": 9}}),
    )
    for other in others:
        newest = run(STEP)
        alone = joined([newest, other])
        assert alone is not None
        assert replace(alone, best=()) == newest


# ------------------------------------------------------------------------------------------------ rounds of like runs


def measured(*logs: float, seed: int = 0, day: int = 1, calibration: Calibration | None = None) -> RunResult:
    """A run of one probe, a round for each log-ratio, as the engine leaves it."""
    probe, sides = catalog.find("mlp.inference_b1"), {framework: SideReport() for framework in FRAMEWORKS}
    rounds = tuple(
        Round(
            index,
            (Measurement(probe.spec.id, sides, tuple(_instance(log + jitter) for jitter in (-0.001, 0.0, 0.001))),),
            started_at=f"2026-11-{day:02}T12:0{index}:00+00:00",
            seconds=10.0,
        )
        for index, log in enumerate(logs)
    )
    setup = RunSetup(RunRequest(probes=(probe.spec.id,), seed=seed), calibration or stated(Calibration(), [probe]))
    results = summarise(setup, rounds, planned_rounds=len(rounds))
    return replace(
        QUICK, request=setup.request, calibration=setup.calibration, results=results, rounds=rounds,
        planned_rounds=len(rounds), started_at=f"2026-11-{day:02}T12:00:00+00:00",
    )  # fmt: skip


def _instance(log: float) -> Instance:
    return Instance(single={"pytorch": 1.0, "tensorflow": math.exp(log)})


def test_measuring_longer_goes_on_instead_of_beginning_anew() -> None:
    first, second = measured(0.03, 0.05, 0.04), measured(0.04, 0.05, 0.03, seed=1, day=2)
    together = joined([second, first])
    assert together is not None
    (row,) = together.results
    assert row.rounds == 6
    assert row.ratio is not None
    assert second.results[0].ratio is not None
    width = math.log(row.ratio.high / row.ratio.low)
    assert width < math.log(second.results[0].ratio.high / second.results[0].ratio.low)
    assert row.ratio.confidence > second.results[0].ratio.confidence, "two runs share one error"
    assert row.notes[0] == "rests on 2 runs under the same conditions, 6 process pairs"
    alone = joined([second])
    assert alone is not None
    assert replace(alone, best=()) == second, "one run stays what it said"


def test_runs_that_go_by_another_calibration_or_older_rules_are_not_pooled() -> None:
    probe = catalog.find("mlp.inference_b1")
    new = measured(0.04, 0.05, 0.03, day=2)
    for calibration in (
        Calibration(spread_freedom=2),
        stated(Calibration(spreads={probe.spec.id: 0.002}), [probe]),
        stated(Calibration(margin=0.03), [probe]),
    ):
        found = joined([new, measured(0.03, 0.05, 0.04, calibration=calibration)])
        assert found is not None
        assert [row.rounds for row in found.results] == [3]


def test_a_run_that_was_taken_over_counts_where_it_was_measured() -> None:
    """It stands as the newest in the list, and is older than what this decision measured itself."""
    own, taken_over = measured(0.04, 0.05, 0.03, day=2), measured(0.03, 0.05, 0.04, seed=1)
    rows = [the_row(joined(runs)) for runs in ([taken_over, own], [own, taken_over])]
    assert rows[0] == rows[1]
    assert rows[0].rounds == 6
    assert the_row(joined([own, own])).rounds == 3, "the same rounds twice are no more rounds"


def the_row(result: RunResult | None) -> ProbeResult:
    assert result is not None
    (row,) = result.results
    return row


def test_a_round_that_failed_is_nothing_to_go_on_from() -> None:
    first, second = measured(0.03, 0.05, 0.04), measured(0.04, 0.05, 0.03, day=2)
    failed = replace(
        first.rounds[1].measurements[0],
        sides={"pytorch": SideReport(), "tensorflow": SideReport(Outcome.FAILED, "it died")},
    )
    broken = replace(first, rounds=(first.rounds[0], replace(first.rounds[1], measurements=(failed,)), first.rounds[2]))
    found = joined([second, broken])
    assert found is not None
    assert (found.results[0].outcome, found.results[0].rounds) == (Outcome.OK, 5)
