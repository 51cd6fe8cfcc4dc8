"""The self-check's child: ``python -m probes.check.worker FRAMEWORK PARENT_PID``. The measured one, which can be spoilt
and asked for other people's clocks as well."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, cast

from probes.check import reference
from probes.check.fault_injection import FaultInjection, Hog, unfinished
from probes.contracts import Subject, Timed, TrainingSettings
from probes.engine.child import clocked_steps, command_loop, worker_bench
from probes.engine.child.command_loop import Reply
from probes.engine.child.import_guard import ImportGuard
from probes.schema import Framework, Track

COMMANDS = (*worker_bench.COMMANDS, "tamper", "reference", "cost")


class CheckWorker(worker_bench.Worker):
    """The plain worker with faults on demand; the clocked loop is the plain one's own."""

    def __init__(self, framework: Framework, guard: ImportGuard | None = None) -> None:
        super().__init__(framework, guard)
        self._faults = FaultInjection()
        self._hog: Hog | None = None

    def tamper(self, **how: Any) -> Reply:
        """Spoil this side on purpose, as ``FaultInjection`` says; with nothing it is whole again."""
        self._faults = FaultInjection(**how)
        if self._hog:
            self._hog.close()
        self._hog = Hog() if self._faults.hog else None
        return {}

    def reference(self, steps: int, discard: int, timer: str) -> Reply:
        """Seconds a step by somebody else's timer, over ``steps`` steps of the prepared instance after ``discard``
        unclocked ones."""
        self._guard.open(reference.PACKAGES)
        ready = self._ready()
        clocked_steps.run(ready, discard)
        return {"wall": reference.TIMERS[timer](ready.step, steps)}

    def cost(self, steps: int) -> Reply:
        """Seconds that the clocked loop itself takes a step: the same loop around nothing."""
        nothing = Timed(self._ready().subject, lambda: None, lambda _: None)
        return {"wall": clocked_steps.run(nothing, steps)[0]}

    def build(
        self,
        *,
        batch: int,
        settings: TrainingSettings | None = None,
        sizes: Mapping[str, int] | None = None,
        track: Track | None = None,
    ) -> Subject:
        settings = self._faults.heeded(settings or TrainingSettings())
        return super().build(batch=batch, settings=settings, sizes=sizes, track=track)

    def _choose(self, probe: str, seed: int, sizes: Mapping[str, int]) -> Any:
        return super()._choose(probe, seed + self._faults.other_weights, sizes)

    def _clocked(self, timed: Timed, steps: int) -> tuple[float, float, float]:
        timed = unfinished(timed) if self._faults.unfinished else timed
        done = steps + self._faults.uncounted(steps)
        if self._hog:
            self._hog.begin()
        wall, cpu = clocked_steps.run(timed, done)
        if self._hog:
            self._hog.end()
        return wall * done / steps, cpu * done / steps, clocked_steps.late(timed)


if __name__ == "__main__":
    command_loop.serve(int(sys.argv[2]), COMMANDS, lambda: CheckWorker.guarded(cast(Framework, sys.argv[1])))
