"""Instances of timed probes: build and warm both sides, calibrate, then superblocks ABBA or BAAB.

Several modes of one measure are taken in turns, superblock by superblock, so that what drifts meanwhile touches all of
them alike, and one framework's modes can be told apart as well as two frameworks.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from probes.engine.judging.statistics import six
from probes.engine.planning import plan
from probes.engine.running.child import Child, ChildError
from probes.engine.watching.contention import CPU_SHARE
from probes.results import ORDERS, Instance, Order, Superblock, sides_of
from probes.schema import FRAMEWORKS, TITLES, Framework, Outcome
from probes.system.quantities import percent

#: An idle child that burns more than this share of a core would slow the other one down.
IDLE_SHARE = 0.01
#: Work that goes on after the clock has stopped for more than this share of what was clocked wasn't waited for.
LATE_SHARE = 0.10
#: CPU seconds that hearing a command costs a child; they lie outside every clock and are no idling.
HEARING = 0.0005


@dataclass(frozen=True, slots=True)
class Timing:
    """How to time one instance. ``seconds`` are for its superblocks; nothing in here depends on a ratio."""

    probe: str
    seed: int
    sizes: Mapping[str, int]
    seconds: float
    warmup: float
    timeout: float
    titles: Mapping[Framework, str] = field(default_factory=lambda: TITLES)  # what people call the sides
    multiple_of: int = 1  # steps in a block: where every so-many-th step is a special one

    def steps(self, filling: tuple[int, int]) -> dict[Framework, int]:
        """Steps in a block of either side, from those that fill it.

        With special steps both sides are the same program, and their blocks are of one length: the first steps after a
        switch are slower than the rest, so that a shorter block would look like a slower side.
        """
        if self.multiple_of > 1:
            filling = (-(-max(filling) // self.multiple_of) * self.multiple_of,) * 2
        return dict(zip(FRAMEWORKS, filling, strict=True))


@dataclass(frozen=True, slots=True)
class TimedInstance:
    """An instance, and what a reader must know about it."""

    instance: Instance
    notes: tuple[str, ...]
    starved: bool  # a side got less CPU time than its wall time asks for


class TimingError(ChildError):
    """What a child didn't deliver, and for which probe."""

    def __init__(self, error: ChildError, probe: str) -> None:
        super().__init__(error.framework, error.outcome, error.reason, dead=error.dead)
        self.probe = probe


def time_instance(children: Sequence[Child], timing: Timing) -> TimedInstance:
    """Build, warm up and time. One child alone gives ``Instance.blocks``. Raises what ``Child.ask`` raises."""
    return time_in_turns([(children, timing)])[0]


def time_in_turns(modes: Sequence[tuple[Sequence[Child], Timing]]) -> list[TimedInstance]:
    """An instance of each of ``modes``, in their order, whose superblocks are spread evenly over the same time.

    Raises TimingError where a child doesn't deliver, and CancelledError.
    """
    turn = _Turn()
    runs = [_Prepared(children, timing, turn, beside=bool(i)) for i, (children, timing) in enumerate(modes)]
    while waiting := [run for run in runs if run.share_done < 1]:
        min(waiting, key=lambda run: run.share_done).go_on()
    return [run.finished() for run in runs]


@dataclass
class _Turn:
    """Whose turn it was last: (probe, framework)."""

    last: tuple[str, Framework] | None = None


class _Prepared:
    """One mode's instance: built and warm on both sides, timed bit by bit."""

    def __init__(self, children: Sequence[Child], timing: Timing, turn: _Turn, *, beside: bool) -> None:
        self._timing, self._coin = timing, random.Random(timing.seed)
        self._details: dict[Framework, dict[str, float]] = {}
        self._unsteady: list[Framework] = []
        for child in children:
            self._prepare(child, beside=beside)
        self._alone = children[0].framework if len(children) == 1 else None
        step_seconds = {child.framework: self._details[child.framework]["step_s"] for child in children}
        both = (min(step_seconds.values()),) * 2 if self._alone else tuple(step_seconds[f] for f in FRAMEWORKS)
        count, filling = plan.superblocks(timing.seconds, (both[0], both[1]))
        steps = timing.steps(filling) if not self._alone else dict.fromkeys(FRAMEWORKS, filling[0])
        self._steps = {framework: steps[framework] for framework in step_seconds}
        discarded = {framework: plan.discarded(seconds) for framework, seconds in step_seconds.items()}
        self._run = _Blocks({child.framework: child for child in children}, self._steps, discarded, timing, turn)
        self._count = max(plan.FEWEST_SUPERBLOCKS, count * filling[0] // steps["pytorch"])
        self._superblocks: list[Superblock] = []
        self._walls: list[float] = []

    def _prepare(self, child: Child, *, beside: bool) -> None:
        timing, which = self._timing, child.framework
        with _naming(timing.probe):
            reply = child.ask(
                "prepare", timeout=timing.timeout, probe=timing.probe, seed=timing.seed, sizes=dict(timing.sizes),
                beside=beside,
            )  # fmt: skip
            warm = child.ask("warm", timeout=timing.timeout, limit=timing.warmup, probe=timing.probe)
        self._details[which] = {name: six(reply[name]) for name in ("build_s", "first_step_s")}
        self._details[which]["step_s"] = six(warm["step_s"])
        if not warm["steady"]:
            self._unsteady.append(which)

    @property
    def share_done(self) -> float:
        """0 to 1. A side alone has as many blocks as superblocks would have given it."""
        return len(self._walls) / (2 * self._count) if self._alone else len(self._superblocks) / self._count

    def go_on(self) -> None:
        """One superblock, or one block of a side alone."""
        with _naming(self._timing.probe):
            if self._alone:
                self._walls.append(self._run.block(self._alone)[0])
            else:
                self._superblocks.append(self._run.superblock(self._coin.choice(ORDERS)))

    def finished(self) -> TimedInstance:
        notes = self._run.notes(self._unsteady)
        if self._alone:
            instance = Instance(steps=self._steps, details=self._details, blocks={self._alone: tuple(self._walls)})
            return TimedInstance(instance, notes, self._run.starved())
        with _naming(self._timing.probe):
            self._run.check_late()
        for framework, share in self._run.idle_shares().items():
            self._details[framework]["idle_share"] = six(share)
        return TimedInstance(
            Instance(tuple(self._superblocks), self._steps, details=self._details), notes, self._run.starved()
        )


@contextmanager
def _naming(probe: str) -> Iterator[None]:
    try:
        yield
    except ChildError as error:
        raise TimingError(error, probe) from error


class _Blocks:
    """Runs blocks and adds up what they cost, who idled badly and who traced anew."""

    def __init__(
        self,
        children: Mapping[Framework, Child],
        steps: Mapping[Framework, int],
        discarded: Mapping[Framework, int],
        timing: Timing,
        turn: _Turn,
    ) -> None:
        self._children, self._steps, self._discarded, self._timing = children, steps, discarded, timing
        self._turn = turn
        self._wall = dict.fromkeys(children, 0.0)
        self._cpu = dict.fromkeys(children, 0.0)
        self._late = dict.fromkeys(children, 0.0)
        self._idle_wall = dict.fromkeys(children, 0.0)
        self._idle_cpu = dict.fromkeys(children, 0.0)
        self._retraced: set[Framework] = set()

    def superblock(self, order: Order) -> Superblock:
        """Four blocks in ``order``."""
        walls, cpus = zip(*map(self.block, sides_of(order)), strict=True)
        return Superblock(order, walls, cpus)

    def block(self, framework: Framework) -> tuple[float, float]:
        """(wall, CPU) seconds a step. After a switch, the caches are the other's: the first steps are discarded."""
        last, this = self._turn.last, (self._timing.probe, framework)
        reply = self._children[framework].ask(
            "block",
            timeout=self._timing.timeout,
            steps=self._steps[framework],
            discard=self._discarded[framework] if this != last else 0,
            probe=self._timing.probe,
        )
        self._account(framework, reply, idled=last is None or last[1] != framework)
        self._turn.last = this
        return six(reply["wall"]), six(reply["cpu"])

    def notes(self, unsteady: Sequence[Framework]) -> tuple[str, ...]:
        notes = [
            f"{self._timing.titles[framework]}: no steady state within the warm-up limit" for framework in unsteady
        ]
        notes += [
            f"{self._timing.titles[f]}: traced or compiled again while a clock ran" for f in sorted(self._retraced)
        ]
        for framework, share in self.idle_shares().items():
            if share > IDLE_SHARE:
                notes.append(f"{self._timing.titles[framework]}: the idle child used {percent(share, 1)} of a core")
        return tuple(notes)

    def idle_shares(self) -> dict[Framework, float]:
        """Share of a core that each child used while the other one worked."""
        return {f: self._idle_cpu[f] / wall for f, wall in self._idle_wall.items() if wall}

    def check_late(self) -> None:
        """Raise ChildError if a side's clock stopped before its work was done."""
        for framework, late in self._late.items():
            if late > LATE_SHARE * self._wall[framework]:
                reason = f"{late:.2f} s of work went on after clocks that had shown {self._wall[framework]:.2f} s"
                raise ChildError(framework, Outcome.CONTAMINATED, reason, dead=False)

    def starved(self) -> bool:
        """Whether a side waited for its CPU."""
        return any(self._cpu[f] / self._wall[f] < CPU_SHARE for f in self._wall if self._wall[f])

    def _account(self, framework: Framework, reply: Mapping[str, Any], *, idled: bool) -> None:
        self._wall[framework] += reply["wall"] * self._steps[framework]
        self._cpu[framework] += reply["cpu"] * self._steps[framework]
        self._late[framework] += reply["late"]
        if idled and len(self._children) > 1:  # only then was it idle while the other worked
            self._idle_wall[framework] += reply["idle_wall"]
            self._idle_cpu[framework] += max(0.0, reply["idle_cpu"] - HEARING)
        if reply["retraced"]:
            self._retraced.add(framework)
