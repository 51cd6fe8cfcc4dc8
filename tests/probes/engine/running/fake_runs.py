"""Whole runs with fake children."""

from __future__ import annotations

from probes.engine.running.supervisor import run
from probes.engine.watching.topology import LogicalCore, Processor
from probes.results import RunResult
from probes.schema import Calibration, Priority, RunRequest, RunSetup
from tests.probes.fake_child import Around, FakeMachine, no_lock

QUICK, STATED, NOBODY_ASKS = RunRequest(), Calibration(), Priority()


BARE = Processor(tuple(LogicalCore(n, frozenset({n})) for n in range(4)))


def fake_run(
    machine: FakeMachine,
    request: RunRequest = QUICK,
    calibration: Calibration = STATED,
    priority: Priority = NOBODY_ASKS,
    **options: object,
) -> RunResult:
    setup = RunSetup(request, calibration, priority)
    result = run(setup, launcher=machine, lock=no_lock, **{"watch": Around, "clock": lambda: 0.0, **options})  # type: ignore[arg-type]
    assert machine.alive == 0, "a child was left behind"
    return result


def by_id(result: RunResult) -> dict[str, object]:
    return {row.probe: row for row in result.results}
