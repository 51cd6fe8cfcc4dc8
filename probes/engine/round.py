"""One round: a fresh pair of children runs all planned probes and exits; then the probes that want children of their
own. Whatever happens to a child ends in a stated outcome of the probe it was busy with, and the rest goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from probes import agreement, cold
from probes.catalog import Probe, why_not
from probes.engine import plan as planning
from probes.engine.blocks import Timing, six, time_instance
from probes.engine.child import Child, ChildError
from probes.engine.pair import Pair, Surroundings
from probes.engine.plan import Plan
from probes.engine.quiet import Watch
from probes.schema import (
    FRAMEWORKS,
    Framework,
    Instance,
    Measurement,
    Outcome,
    Round,
    SideReport,
)

#: Shortest and longest time for the superblocks of one instance.
SHORTEST, LONGEST = 0.25, 1.0

Tell = Callable[[str, "str | None", float], None]  # message, probe, share of the round that is done


@dataclass
class _Open:
    """A measurement in the making."""

    probe: Probe
    sides: dict[Framework, SideReport]
    instances: list[Instance] = field(default_factory=list)
    agreement: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def fail(self, framework: Framework, outcome: Outcome, reason: str) -> None:
        """The first failure of a side stands."""
        if self.sides[framework].outcome == Outcome.OK:
            self.sides[framework] = SideReport(outcome, reason)

    def sound(self) -> list[Framework]:
        """The sides that nothing speaks against so far."""
        return [framework for framework, side in self.sides.items() if side.outcome == Outcome.OK]

    def closed(self) -> Measurement:
        """What is kept."""
        return Measurement(
            self.probe.spec.id,
            dict(self.sides),
            tuple(self.instances),
            dict(self.agreement),
            tuple(dict.fromkeys(self.notes)),
        )


class RoundRunner:
    """Runs round ``index`` of a plan. ``skip`` names probes that ended in an earlier round: they aren't tried again."""

    def __init__(
        self,
        plan: Plan,
        surroundings: Surroundings,
        index: int,
        *,
        skip: Collection[str],
        tell: Tell,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan, self._with, self._index, self._clock, self._tell = plan, surroundings, index, clock, tell
        self._probes = [probe for probe in plan.probes if probe.spec.id not in skip]
        order: tuple[Framework, ...] = FRAMEWORKS if index % 2 == 0 else FRAMEWORKS[::-1]
        self._order = order
        self._pair = Pair(surroundings, order, self._seed("process"), self._say)
        self._open = {probe.spec.id: _opened(probe) for probe in self._probes}
        self._reached: dict[str, None] = {}  # in the order of the run
        self._started_at, self._start, self._watch = datetime.now(UTC), clock(), Watch()
        self._starved = False
        self._costs = _costs(plan, self._probes)
        self._done = 0.0
        self._probe: str | None = None

    def run(self) -> Round:
        """The finished round. Raises CancelledError, after which ``so_far`` still tells what was measured."""
        try:
            self._pair_probes()
        finally:
            self._pair.close()
        for probe in self._of_kind("fresh"):
            self._guarded(probe, self._fresh)
            self._spend(planning.PAIR_SECONDS)
        return self.so_far(complete=True)

    def so_far(self, *, complete: bool = False) -> Round:
        """All that was measured up to now."""
        return Round(
            index=self._index,
            measurements=tuple(self._open[name].closed() for name in self._reached),
            environment={framework: dict(said) for framework, said in self._pair.environment.items()},
            started_at=self._started_at.isoformat(timespec="seconds"),
            seconds=round(self._clock() - self._start, 3),
            contended=self._starved or bool(self._watch.disturbances()),
            complete=complete,
        )

    # ------------------------------------------------------------------------- probes on the pair

    def _pair_probes(self) -> None:
        started = self._clock()
        for probe in self._of_kind("cold"):
            self._guarded(probe, self._cold)
        if self._of_kind("timed") or self._of_kind("paired"):
            with suppress(ChildError):  # said where it matters: the next probe starts the pair again
                self._pair.start()
        self._spend(planning.PAIR_SECONDS)
        deadline = self._start + self._plan.round_seconds - self._later_seconds(self._clock() - started)
        timed = self._of_kind("timed")
        for number, probe in enumerate(timed):
            share = (deadline - self._clock()) / (len(timed) - number) / self._plan.instances
            seconds = min(LONGEST, max(SHORTEST, share - planning.INSTANCE_OVERHEAD))
            self._guarded(probe, partial(self._timed, seconds=seconds))
        for probe in self._of_kind("paired"):
            self._guarded(probe, self._paired)

    def _cold(self, open_: _Open) -> None:
        """The start of this pair, which no other work preceded."""
        children = self._ready(open_)
        self._keep(open_, {child.framework: self._single(child, open_.probe, 0) for child in children})

    def _timed(self, open_: _Open, *, seconds: float) -> None:
        if not self._comparable(open_):
            return
        for number in range(self._plan.instances):
            self._say(f"{open_.probe.spec.title}, instance {number + 1} of {self._plan.instances}")
            timing = Timing(
                probe=open_.probe.spec.id,
                seed=self._seed(open_.probe.spec.id, number),
                sizes=planning.sizes_of(self._with.request, open_.probe),
                seconds=seconds,
                warmup=self._plan.warmup_seconds,
                timeout=self._plan.step_limit,
            )
            timed = time_instance(self._ready(open_), timing)
            open_.instances.append(timed.instance)
            open_.notes += timed.notes
            on_cpu = self._pair.environment[open_.sound()[0]].get("device") == "cpu"
            self._starved |= timed.starved and on_cpu and self._with.request.threads == 1
            self._spend(planning.INSTANCE_OVERHEAD + 0.4)

    def _paired(self, open_: _Open) -> None:
        """One value a side and seed; who goes first alternates."""
        if not self._comparable(open_):
            return
        for number in range(self._plan.seeds):
            self._say(f"{open_.probe.spec.title}, training {number + 1} of {self._plan.seeds}")
            children = self._ready(open_)[:: 1 if number % 2 == 0 else -1]
            self._keep(open_, {child.framework: self._single(child, open_.probe, number) for child in children})
            self._spend(planning.SEED_SECONDS)

    def _comparable(self, open_: _Open) -> bool:
        """Both halves must compute the same before any clock starts. One side alone has nothing to agree with."""
        children = self._ready(open_)
        if not children:
            return False
        if len(children) == 1:
            return True
        self._say(f"{open_.probe.spec.title}, do both sides compute the same?")
        arrays = []
        for child in sorted(children, key=lambda child: child.framework):
            file = Path(self._with.scratch) / f"{child.framework}.npz"
            reply = child.ask("check", **self._arguments(open_.probe, 0), file=str(file))
            if not reply["checked"]:
                return True
            with np.load(file) as found:
                arrays.append(dict(found))
        deviations, reason = agreement.compare(*arrays)
        open_.agreement = {name: six(value) for name, value in deviations.items()}
        for framework in FRAMEWORKS if reason else ():
            open_.fail(framework, Outcome.NOT_COMPARABLE, reason)
        return not reason

    # ------------------------------------------------------------------------- children of their own

    def _fresh(self, open_: _Open) -> None:
        """One child after the other, each started for this probe alone; its start is a cold one as well."""
        values = {}
        for framework in self._order:
            if framework not in open_.sound():
                continue
            pair = Pair(self._with, (framework,), self._seed(open_.probe.spec.id), self._say)
            try:
                for child in pair.start().values():
                    self._say(f"{open_.probe.spec.title}, in a process of its own")
                    values[framework] = self._single(child, open_.probe, 0)
            except ChildError as error:
                open_.fail(framework, error.outcome, error.reason)
            finally:
                pair.close()
            for down, report in pair.down.items():
                open_.fail(down, report.outcome, report.reason)
        self._keep(open_, values)
        parts = {f: {name: six(v["details"].get(name, 0.0)) for name in cold.PARTS} for f, v in values.items()}
        for probe in self._of_kind("cold"):
            if probe.spec.model == open_.probe.spec.model and set(self._open[probe.spec.id].sound()) == set(parts):
                single = {framework: six(sum(found.values())) for framework, found in parts.items()}
                self._open[probe.spec.id].instances.append(Instance(single=single, details=parts))

    # ------------------------------------------------------------------------- what they share

    def _guarded(self, probe: Probe, work: Callable[[_Open], None]) -> None:
        """Run ``work``; a child that doesn't deliver ends this probe, and only this one."""
        open_ = self._open[probe.spec.id]
        self._reached[probe.spec.id], self._probe = None, probe.spec.id
        self._say(probe.spec.title)
        try:
            if open_.sound():
                work(open_)
        except ChildError as error:
            open_.fail(error.framework, error.outcome, error.reason)
            if error.outcome == Outcome.CONTAMINATED:
                open_.instances.clear()
            if error.dead:
                self._pair.close()
        ended = next((side.outcome for side in open_.sides.values() if side.outcome != Outcome.OK), "done")
        self._say(f"{probe.spec.title}: {ended}")
        self._probe = None

    def _ready(self, open_: _Open) -> list[Child]:
        """The pair's children that this probe can use, started if need be."""
        children = self._pair.start()
        for framework, report in self._pair.down.items():
            open_.fail(framework, report.outcome, report.reason)
        open_.notes += self._pair.notes
        return [children[framework] for framework in self._order if framework in open_.sound()]

    def _single(self, child: Child, probe: Probe, number: int) -> dict[str, Any]:
        return child.ask("single", **self._arguments(probe, number))

    def _arguments(self, probe: Probe, number: int) -> dict[str, Any]:
        return {
            "timeout": self._plan.step_limit,
            "probe": probe.spec.id,
            "seed": self._seed(probe.spec.id, number),
            "sizes": planning.sizes_of(self._with.request, probe),
        }

    def _keep(self, open_: _Open, replies: Mapping[Framework, Mapping[str, Any]]) -> None:
        if replies:
            details = {f: {name: six(v) for name, v in reply["details"].items()} for f, reply in replies.items()}
            single = {framework: six(reply["value"]) for framework, reply in replies.items()}
            open_.instances.append(Instance(single=single, details=details))
            open_.notes += [f"{f}: {reply['note']}" for f, reply in replies.items() if reply["note"]]

    def _of_kind(self, kind: str) -> list[Probe]:
        return [probe for probe in self._probes if probe.measure_spec.kind == kind]

    def _seed(self, *parts: object) -> int:
        return planning.seed_of(self._with.request.seed, self._index, *parts)

    def _later_seconds(self, start_seconds: float) -> float:
        """What this round still has to do after the timed probes; starting again takes as long as it just took."""
        paired = len(self._of_kind("paired")) * self._plan.seeds * planning.SEED_SECONDS
        return paired + len(self._of_kind("fresh")) * start_seconds

    def _spend(self, seconds: float) -> None:
        self._done += seconds

    def _say(self, message: str) -> None:
        self._tell(message, self._probe, min(1.0, self._done / self._costs))


def _opened(probe: Probe) -> _Open:
    sides = {framework: SideReport() for framework in FRAMEWORKS}
    open_ = _Open(probe, sides)
    for framework in FRAMEWORKS:
        if reason := why_not(probe, framework):
            open_.fail(framework, Outcome.UNSUPPORTED, reason)
    return open_


def _costs(plan: Plan, probes: list[Probe]) -> float:
    """Seconds that a round of these probes is expected to take, for the progress bar."""
    each = {
        "timed": plan.instances * (planning.INSTANCE_OVERHEAD + 0.4),
        "paired": plan.seeds * planning.SEED_SECONDS,
        "fresh": planning.PAIR_SECONDS,
        "cold": 0.0,
    }
    return planning.PAIR_SECONDS + sum(each[probe.measure_spec.kind] for probe in probes)
