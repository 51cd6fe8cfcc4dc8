"""Joining the runs of a decision."""

from __future__ import annotations

from dataclasses import replace

from advisor.measured.result_sets import joined
from probes.schema import Outcome, RunRequest, RunResult
from tests import samples

QUICK = samples.run_result()  # its time to accuracy failed
STEP, LATENCY = QUICK.results[:2]


def run(*results: object, seed: int = 0, **request: object) -> RunResult:
    return replace(QUICK, results=results, request=RunRequest(seed=seed, **request))


def test_nothing_joins_to_nothing_and_one_run_is_itself() -> None:
    assert joined([]) is None
    assert joined([QUICK]) == QUICK


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
        assert joined([newest, other]) == newest
