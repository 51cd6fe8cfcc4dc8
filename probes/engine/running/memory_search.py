"""A search for the largest number that fits into a memory limit: every trial is a child of its own, and may die."""

from __future__ import annotations

from probes.catalog import Probe
from probes.engine.planning.plan import Plan
from probes.engine.running import bisection
from probes.engine.running.child import ChildError
from probes.engine.running.pair import Pair, PairSettings
from probes.schema import Framework, Outcome

LEAST = 2  # samples: BatchNorm can't train on one


class MemorySearch:
    """One framework's search. ``run`` raises ChildError if a trial fails for another reason than its limit."""

    def __init__(self, surroundings: PairSettings, probe: Probe, framework: Framework, plan: Plan) -> None:
        self._with, self._probe, self._framework, self._plan = surroundings, probe, framework, plan
        self._sizes = probe.model.SPEC.sized(surroundings.request.sizes)

    def run(self) -> int:
        """The largest number, to within 10 %. The limit is what the least one needs, and the measure's room on top."""
        room = self._probe.measure.ROOM
        limit = int(self._attempt(LEAST, None)) + room
        _, kept = self._probe.model.floats(self._sizes)  # values that a step keeps of each sample, each with a gradient
        try:
            return bisection.largest(
                lambda number: self._fits(number, limit), guess=int(room / (2 * 4 * kept)), low=LEAST
            )
        except bisection.NothingFitsError as error:
            reason = f"not even {LEAST} fits into the limit"
            raise ChildError(self._framework, Outcome.OUT_OF_MEMORY, reason, dead=False) from error

    def _fits(self, number: int, limit: int) -> bool:
        try:
            self._attempt(number, limit)
        except ChildError as error:
            starved = error.outcome == Outcome.OUT_OF_MEMORY or (error.dead and error.outcome != Outcome.TIMED_OUT)
            if not starved:
                raise
            return False
        return True

    def _attempt(self, number: int, limit: int | None) -> float:
        pair = Pair(self._with, (self._framework,), 0, lambda _: None, memory=limit)
        try:
            children = pair.start()
            if self._framework not in children:
                report = pair.down[self._framework]
                raise ChildError(self._framework, report.outcome, report.reason, dead=False)
            reply = children[self._framework].ask(
                "attempt",
                timeout=self._plan.step_limit,
                probe=self._probe.spec.id,
                seed=0,
                sizes=self._sizes,
                number=number,
            )
            return float(reply["held"])
        finally:
            pair.close()
