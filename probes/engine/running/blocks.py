"""One instance of a timed probe: build and warm both sides, calibrate, then superblocks ABBA or BAAB."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from probes.engine.judging.statistics import six
from probes.engine.planning import plan
from probes.engine.running.child import Child, ChildError
from probes.engine.watching.contention import CPU_SHARE
from probes.schema import FRAMEWORKS, TITLES, Framework, Instance, Outcome, Superblock
from probes.system.quantities import percent

#: An idle child that burns more than this share of a core would slow the other one down.
IDLE_SHARE = 0.01
#: Work that goes on after the clock has stopped for more than this share of what was clocked wasn't waited for.
LATE_SHARE = 0.10
#: CPU seconds that hearing a command costs a child; they lie outside every clock and are no idling.
HEARING = 0.0005
_LETTERS: Mapping[str, Framework] = {"A": "pytorch", "B": "tensorflow"}
_ORDERS: tuple[Literal["ABBA", "BAAB"], ...] = ("ABBA", "BAAB")


@dataclass(frozen=True, slots=True)
class Timing:
    """How to time one instance. ``seconds`` are for its superblocks; nothing in here depends on a ratio."""

    probe: str
    seed: int
    sizes: Mapping[str, int]
    seconds: float
    warmup: float
    timeout: float
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


def time_instance(children: Sequence[Child], timing: Timing) -> TimedInstance:
    """Build, warm up and time. One child alone gives ``Instance.blocks``. Raises what ``Child.ask`` raises."""
    details: dict[Framework, dict[str, float]] = {}
    unsteady: list[Framework] = []
    for child in children:
        reply = child.ask(
            "prepare", timeout=timing.timeout, probe=timing.probe, seed=timing.seed, sizes=dict(timing.sizes)
        )
        warm = child.ask("warm", timeout=timing.timeout, limit=timing.warmup)
        details[child.framework] = {name: six(reply[name]) for name in ("build_s", "first_step_s")}
        details[child.framework]["step_s"] = six(warm["step_s"])
        if not warm["steady"]:
            unsteady.append(child.framework)
    if len(children) == 1:
        return _alone(children[0], timing, details, unsteady)
    by_framework = {child.framework: child for child in children}
    step_seconds = (details["pytorch"]["step_s"], details["tensorflow"]["step_s"])
    count, filling = plan.superblocks(timing.seconds, step_seconds)
    steps = timing.steps(filling)
    discarded = dict(zip(FRAMEWORKS, map(plan.discarded, step_seconds), strict=True))
    run = _Blocks(by_framework, steps, discarded, timing)
    coin = random.Random(timing.seed)
    count = max(plan.FEWEST_SUPERBLOCKS, count * filling[0] // steps["pytorch"])
    blocks = tuple(run.superblock(coin.choice(_ORDERS)) for _ in range(count))
    run.check_late()
    for framework, share in run.idle_shares().items():
        details[framework]["idle_share"] = six(share)
    return TimedInstance(Instance(blocks, steps, details=details), run.notes(unsteady), run.starved())


def _alone(
    child: Child, timing: Timing, details: dict[Framework, dict[str, float]], unsteady: list[Framework]
) -> TimedInstance:
    """As many blocks as a superblock design would have given this side."""
    step = details[child.framework]["step_s"]
    count, (steps, _) = plan.superblocks(timing.seconds, (step, step))
    run = _Blocks({child.framework: child}, {child.framework: steps}, {child.framework: plan.discarded(step)}, timing)
    walls = tuple(run.block(child.framework)[0] for _ in range(2 * count))
    instance = Instance(steps={child.framework: steps}, details=details, blocks={child.framework: walls})
    return TimedInstance(instance, run.notes(unsteady), run.starved())


class _Blocks:
    """Runs blocks and adds up what they cost, who idled badly and who traced anew."""

    def __init__(
        self,
        children: Mapping[Framework, Child],
        steps: Mapping[Framework, int],
        discarded: Mapping[Framework, int],
        timing: Timing,
    ) -> None:
        self._children, self._steps, self._discarded, self._timing = children, steps, discarded, timing
        self._last: Framework | None = None
        self._wall = dict.fromkeys(children, 0.0)
        self._cpu = dict.fromkeys(children, 0.0)
        self._late = dict.fromkeys(children, 0.0)
        self._idle_wall = dict.fromkeys(children, 0.0)
        self._idle_cpu = dict.fromkeys(children, 0.0)
        self._retraced: set[Framework] = set()

    def superblock(self, order: Literal["ABBA", "BAAB"]) -> Superblock:
        """Four blocks in ``order``."""
        walls, cpus = zip(*(self.block(_LETTERS[letter]) for letter in order), strict=True)
        return Superblock(order, walls, cpus)

    def block(self, framework: Framework) -> tuple[float, float]:
        """(wall, CPU) seconds a step. After a switch, the caches are the other's: the first steps are discarded."""
        switched = framework != self._last
        reply = self._children[framework].ask(
            "block",
            timeout=self._timing.timeout,
            steps=self._steps[framework],
            discard=self._discarded[framework] if switched else 0,
        )
        self._account(framework, reply, switched=switched)
        self._last = framework
        return six(reply["wall"]), six(reply["cpu"])

    def notes(self, unsteady: Sequence[Framework]) -> tuple[str, ...]:
        notes = [f"{TITLES[framework]}: no steady state within the warm-up limit" for framework in unsteady]
        notes += [f"{TITLES[f]}: traced or compiled again while a clock ran" for f in sorted(self._retraced)]
        for framework, share in self.idle_shares().items():
            if share > IDLE_SHARE:
                notes.append(f"{TITLES[framework]}: the idle child used {percent(share, 1)} of a core")
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

    def _account(self, framework: Framework, reply: Mapping[str, Any], *, switched: bool) -> None:
        self._wall[framework] += reply["wall"] * self._steps[framework]
        self._cpu[framework] += reply["cpu"] * self._steps[framework]
        self._late[framework] += reply["late"]
        if switched and len(self._children) > 1:  # only then was it idle while the other worked
            self._idle_wall[framework] += reply["idle_wall"]
            self._idle_cpu[framework] += max(0.0, reply["idle_cpu"] - HEARING)
        if reply["retraced"]:
            self._retraced.add(framework)
