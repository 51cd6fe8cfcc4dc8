"""From a request to what will be done: which probes, how many rounds and instances, how long. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from probes import catalog
from probes.budgets import SECONDS, SECONDS_BEFORE, level
from probes.catalog import Probe
from probes.engine.planning import time_costs
from probes.engine.planning.significance import ENGINE, STATED_FREEDOM
from probes.engine.planning.validation import budget_seconds, validate
from probes.schema import BEST_TRACKS, LEVELS, Calibration, Level, Priority, RunRequest, RunSetup, Schedule

#: Share of the budget that rounds aim at: what an instance takes is known only afterwards.
AIM = 0.9
FEWEST_INSTANCES, MOST_INSTANCES = 3, 8
FEWEST_ROUNDS, MOST_ROUNDS = 2, 20
#: (rounds, instances) that a budget's own choice of probes leaves time for. A quick run of a slow network has fewer of
#: both rather than do without one of the ``FIRST`` probes that its reader looks for first.
DEPTHS: Mapping[Level, tuple[tuple[int, int], ...]] = {
    "quick": ((3, 3), (3, 2), (2, 2)),
    "standard": ((4, 3),),
    "thorough": ((6, 3),),
}
FIRST = 4
DEPTHS_BEFORE = ((2, 3),)  # of records that don't say what was planned
#: Instances that come in any case, however long they take.
LEAST_INSTANCES = 2
#: (rounds from here on, looks): few, as each costs width. Before ADR 25 there were more.
LOOKS = ((8, 4), (4, 2), (0, 1))
LOOKS_BEFORE = ((8, 5), (4, 3), (0, 1))
#: Values that a measure with one an instance needs at least, over all rounds.
SEEDS = 5

#: A gain below this, in points of 1, can't be told from none: a twentieth of a point of 100.
WORTH = 0.0005

#: Shortest and longest time for the superblocks of one instance.
SHORTEST_TIMING, LONGEST_TIMING = 0.25, 1.0
#: A step that takes longer is a block of its own. Where steps take less than ``SHORT_STEP`` blocks are longer, so that
#: what a switch costs the first of them is a smaller part.
BLOCK_SECONDS, SHORT_BLOCK_SECONDS, SHORT_STEP = 0.010, 0.020, 0.001
#: After a switch, at least a step. After 2 ms PyTorch's inference took 1.6 ± 0.3 % longer than pyperf says, after 5 ms
#: 0.6 ± 0.4 %, after 10 ms no less (docs/measurements).
DISCARDED_SECONDS = 0.005
FEWEST_SUPERBLOCKS, MOST_SUPERBLOCKS = 4, 64


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does. Everything that decides how often something is measured is fixed here, before any clock."""

    probes: tuple[Probe, ...]
    rounds: int  # at most: a run ends when everything is decided
    looks: tuple[int, ...]  # numbers of rounds after which a verdict may be reached
    instances: int  # of each timed probe in a round, at least: more where there is time
    seeds: int  # of each paired probe in a round: one value a side and seed
    round_seconds: float  # what a round should take, heavy probes aside
    budget_seconds: float  # what the run may take, the check aside
    check_seconds: float  # on top, where it isn't known yet that both sides compute the same
    warmup_seconds: float  # at most, for one side of an instance
    pace: float  # how long this machine takes for what is reckoned with
    step_limit: float  # seconds after which a command to a child has timed out
    import_limit: float

    idle: frozenset[str] = frozenset()  # ids of probes that can't change the decision that asks
    heavy: frozenset[str] = frozenset()  # ids of probes that take so long for a value that two rounds must do
    left_out: tuple[Probe, ...] = ()  # what the budget would take if it were larger

    def looks_of(self, probe: Probe) -> tuple[int, ...]:
        """After which rounds a verdict on ``probe`` may be reached.

        One look for a probe that can't change the decision; no look before all training runs are there.
        """
        looks = self.looks
        if probe.spec.id in self.heavy:
            return (min(FEWEST_ROUNDS, self.rounds),)
        if probe.measure_spec.kind == "paired":
            looks = tuple(look for look in looks if look * self.seeds_of(probe) >= SEEDS) or looks[-1:]
        return looks[:1] if probe.spec.id in self.idle else looks

    def seeds_of(self, probe: Probe) -> int:
        """How many values of a paired probe a round takes."""
        return math.ceil(SEEDS / FEWEST_ROUNDS) if probe.spec.id in self.heavy else self.seeds

    def round_costs(self, probes: Sequence[Probe]) -> float:
        """Seconds that a round of these probes is expected to take, for the progress bar."""
        seconds = time_costs.pair_seconds(probes)
        for probe in probes:
            if probe.measure_spec.kind == "timed":
                seconds += self.instances * time_costs.instance_seconds(probe)
            elif probe.measure_spec.kind == "paired":
                seconds += self.seeds_of(probe) * time_costs.value_seconds(probe)
        return seconds + sum(time_costs.own_seconds(probe) for probe in time_costs.with_own_children(probes))

    def later_seconds(self, probes: Sequence[Probe], start_seconds: float) -> float:
        """What a round of these still has to do after the timed ones, heavy ones aside, for which the plan has time of
        its own; starting again takes as long as it just took."""
        light = [probe for probe in probes if probe.spec.id not in self.heavy]
        paired = sum(time_costs.value_seconds(p) for p in light if p.measure_spec.kind == "paired") * self.seeds
        own = time_costs.with_own_children(light)
        return paired + len(own) * start_seconds + sum(time_costs.value_seconds(probe) for probe in own)


def plan(setup: RunSetup, rounds: int | None = None, engine: int = ENGINE, measured: Collection[str] = ()) -> Plan:
    """What a run does that goes by ``setup``. Raises what ``validate`` raises.

    ``rounds``: how many a record was planned with that doesn't say what was planned, ``engine`` whose rules it was
    planned by, and ``measured`` what it has. What may be said after which of them goes by that, and not by what would
    be planned today.
    """
    validate(setup)
    request, gains = setup.request, setup.priority.gains
    pace = setup.calibration.pace
    budget = budget_seconds(request.budget, SECONDS if engine > 1 else SECONDS_BEFORE)
    seconds = budget / pace  # on the machine that is reckoned with
    depths = DEPTHS[level(request.budget)] if engine > 1 else DEPTHS_BEFORE
    chosen, left_out, (own, fewest) = _chosen(request, setup.priority, seconds, depths)
    if measured and not request.probes:
        known = catalog.known(measured)
        chosen, left_out, (own, fewest) = _by_gain(setup.priority, known), (), depths[0]
    timed = [probe for probe in chosen if probe.measure_spec.kind == "timed"]
    heavy = _heavy(request, chosen)
    light = [probe for probe in chosen if probe not in heavy]
    fixed, instance, a_seed = _parts(light)
    least = fixed + fewest * instance + math.ceil(SEEDS / own) * a_seed
    seconds_beside = FEWEST_ROUNDS * _heavy_seconds(heavy)
    rounds_seconds = seconds - seconds_beside
    if not rounds:
        rounds = max(FEWEST_ROUNDS, min(MOST_ROUNDS, math.floor(rounds_seconds / least)))
        if request.budget == "quick" and engine > 1:  # it takes what its verdicts need, and fills no budget
            rounds = min(rounds, own)
            rounds_seconds = min(rounds_seconds, rounds * least / AIM)  # with something in hand
            budget = min(budget, pace * (rounds_seconds + seconds_beside))
    seeds = math.ceil(SEEDS / rounds)
    rest = rounds_seconds / rounds - fixed - seeds * a_seed
    instances = math.floor(rest / instance) if timed else 0
    return Plan(
        probes=chosen,
        rounds=rounds,
        looks=looks_after(rounds, engine),
        instances=max(fewest, min(MOST_INSTANCES, instances)),
        seeds=seeds,
        round_seconds=AIM * pace * rounds_seconds / rounds,
        budget_seconds=budget,
        check_seconds=pace * time_costs.check_seconds(chosen),
        warmup_seconds=1.0 if level(request.budget) == "quick" else 3.0,
        idle=frozenset(p.spec.id for p in chosen if gains and gains.get(p.spec.id, 0.0) < WORTH),
        heavy=frozenset(probe.spec.id for probe in heavy),
        left_out=left_out,
        pace=pace,
        step_limit=max(180.0, budget),  # compiling one network took up to 94 s under load
        import_limit=180.0,
    )


def schedule(planned: Plan) -> Schedule:
    """What is stated of a plan."""
    return Schedule(
        probes=tuple(probe.spec.id for probe in planned.probes),
        looks={probe.spec.id: planned.looks_of(probe) for probe in planned.probes},
        budget_seconds=planned.budget_seconds,
        check_seconds=round(planned.check_seconds, 1),
        idle=tuple(sorted(planned.idle)) if len(planned.looks) > 1 else (),
    )


def _parts(probes: Sequence[Probe]) -> tuple[float, float, float]:
    """Seconds that a round of these takes: whatever else it does, for each instance, and for each seed."""
    return (
        time_costs.pair_seconds(probes)
        + sum(time_costs.own_seconds(probe) for probe in time_costs.with_own_children(probes)),
        sum(time_costs.instance_seconds(probe) for probe in probes if probe.measure_spec.kind == "timed"),
        sum(time_costs.value_seconds(probe) for probe in probes if probe.measure_spec.kind == "paired"),
    )


def fewest_seconds(request: RunRequest, probes: Sequence[Probe], depth: tuple[int, int]) -> float:
    """What a run of these takes with so many rounds and instances, the check aside, at pace 1."""
    rounds, instances = depth
    heavy = _heavy(request, probes)
    fixed, instance, a_seed = _parts([probe for probe in probes if probe not in heavy])
    a_round = fixed + instances * instance + math.ceil(SEEDS / rounds) * a_seed
    return rounds * a_round + FEWEST_ROUNDS * _heavy_seconds(heavy)


def timing_seconds(plan: Plan, ahead: Sequence[Probe], left: float) -> float:
    """For the superblocks of an instance of the next probe, if ``left`` seconds are there for all timed ones ahead."""
    least = plan.pace * sum(time_costs.instance_seconds(probe) for probe in ahead) * plan.instances
    spare = (left - least) / len(ahead) / plan.instances
    return min(LONGEST_TIMING, max(SHORTEST_TIMING, time_costs.INSTANCE_SECONDS + spare))


def share_seconds(modes: Sequence[Probe], ahead: Sequence[Probe], left: float) -> float:
    """What the next ``modes`` get of the ``left`` seconds that are there for all timed ones ahead."""
    return left * sum(map(time_costs.instance_seconds, modes)) / sum(map(time_costs.instance_seconds, ahead))


def another(instances: int, done: int, spent: float, left: float) -> bool:
    """Whether one more instance is due after ``done``: ``LEAST_INSTANCES``, whatever they take; those that are planned
    while their time isn't over; then as many as find time. ``spent``: seconds that those done took; ``left``: those
    still to be had. No ratio has a say in it.
    """
    least = min(instances, LEAST_INSTANCES)
    return done < least or (done < instances and left > 0) or (done < MOST_INSTANCES and spent / done <= left)


def _heavy(request: RunRequest, chosen: Sequence[Probe]) -> tuple[Probe, ...]:
    """Of what only the largest budget takes by itself: what isn't timed in short blocks. Named probes are not heavy:
    somebody wants to know just them."""
    if request.probes:
        return ()
    return tuple(p for p in chosen if p.measure_spec.kind != "timed" and _lightest(p) == "thorough")


def _lightest(probe: Probe) -> Level:
    """The smallest budget that takes it by itself, or its careful mode, which takes as long."""
    return min(probe.spec.budget, probe.measure_spec.tracks.get("careful", probe.spec.budget), key=LEVELS.index)


def _heavy_seconds(heavy: Sequence[Probe]) -> float:
    seeds = math.ceil(SEEDS / FEWEST_ROUNDS)
    return sum(
        seeds * time_costs.value_seconds(probe)
        if probe.measure_spec.kind == "paired"
        else time_costs.own_seconds(probe)
        for probe in heavy
    )


def thread_counts(cores: int) -> tuple[int, ...]:
    """Where a curve over threads has its points: the powers of two below ``cores``, and all of them."""
    return (*(2**i for i in range((cores - 1).bit_length())), cores)


def seed_of(*parts: Any) -> int:
    """A seed below 2³¹ from (seed, round, probe, instance …): the same ones again after an interruption."""
    digest = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % 2**31


def spread(calibration: Calibration, probe: Probe) -> float:
    """Standard deviation of the probe's log-ratio between fresh pairs: this machine's own, else what is stated."""
    return calibration.spreads.get(probe.spec.id, max(calibration.spread, probe.measure_spec.spread))


def stated(calibration: Calibration, probes: Iterable[Probe]) -> Calibration:
    """``calibration`` with the spread of each of ``probes`` written out, what it counts for, and today's rules.

    A record is judged by what was stated when it was measured, whatever is stated later.
    """
    spreads = {**calibration.spreads, **{probe.spec.id: spread(calibration, probe) for probe in probes}}
    return replace(calibration, spreads=spreads, spread_freedom=STATED_FREEDOM, engine=ENGINE)


def superblocks(seconds: float, step_seconds: tuple[float, float]) -> tuple[int, tuple[int, int]]:
    """How many superblocks fit into ``seconds``, and how many steps a block has on either side.

    ``step_seconds`` are calibrated on each side after the warm-up. A superblock is two blocks a side plus what is
    discarded after up to three switches.
    """
    steps = tuple(max(1, round((SHORT_BLOCK_SECONDS if s < SHORT_STEP else BLOCK_SECONDS) / s)) for s in step_seconds)
    one = sum((2 * n + 1.5 * discarded(step)) * step for n, step in zip(steps, step_seconds, strict=True))
    return max(FEWEST_SUPERBLOCKS, min(MOST_SUPERBLOCKS, int(seconds / one))), (steps[0], steps[1])


def discarded(step_seconds: float) -> int:
    """Steps that are not clocked after a switch: one, or what takes ``DISCARDED_SECONDS``."""
    return max(1, math.ceil(DISCARDED_SECONDS / step_seconds))


def looks_after(rounds: int, engine: int = ENGINE) -> tuple[int, ...]:
    """Few rounds allow one look at the end; more looks cost width and save time only where there is time to save."""
    number = next(looks for least, looks in (LOOKS_BEFORE if engine == 1 else LOOKS) if rounds >= least)
    first = min(rounds, max(FEWEST_ROUNDS, rounds // number))
    return tuple(sorted({round(first + (rounds - first) * i / max(1, number - 1)) for i in range(number)} | {rounds}))


def _chosen(
    request: RunRequest, priority: Priority, seconds: float, depths: Sequence[tuple[int, int]]
) -> tuple[tuple[Probe, ...], tuple[Probe, ...], tuple[int, int]]:
    """What is measured, what the budget would take if it were larger, each by what the decision gains a second, and
    which of the ``depths`` there is time for.

    First comes what the decision gains most by, of that what smaller budgets take, of that a time before a rate and
    what may be a side's best mode before the others; then whatever still fits with so many rounds and instances: depth
    before breadth. Probes that were named are all taken: somebody wants to know just them, however long it takes.
    """
    if request.probes:
        return _by_gain(priority, map(catalog.find, dict.fromkeys(request.probes))), (), depths[0]
    asked = level(request.budget)
    offered = [p for p in catalog.probes_of(request.model).values() if p.spec.covered_by(asked)]

    def preference(probe: Probe) -> tuple[float, int, bool, bool]:
        spec, is_rate = probe.spec, probe.measure_spec.samples_per_step > 0
        best = spec.track in BEST_TRACKS or probe.measure_spec.tracks.keys().isdisjoint(BEST_TRACKS)
        return -gain_rate(priority, probe), LEVELS.index(spec.budget), is_rate, not best

    preferred = sorted(offered, key=preference)
    for depth in depths:
        taken: list[Probe] = []
        spent = math.inf  # the first one is taken however long it takes, and then what costs nothing beside it
        for probe in preferred:
            if (needed := fewest_seconds(request, [*taken, probe], depth)) <= max(seconds, spent):
                taken.append(probe)
                spent = needed
        if taken[:FIRST] == preferred[:FIRST]:
            break
    left_out = [probe for probe in offered if probe not in taken]
    return _by_gain(priority, [p for p in offered if p in taken]), _by_gain(priority, left_out), depth


def _by_gain(priority: Priority, probes: Iterable[Probe]) -> tuple[Probe, ...]:
    return tuple(sorted(probes, key=lambda p: -gain_rate(priority, p)))


def gain_rate(priority: Priority, probe: Probe) -> float:
    """What the decision that asks gains by a second of this probe; 0 where none asks."""
    seconds = {"timed": time_costs.instance_seconds(probe), "paired": time_costs.value_seconds(probe)}
    return priority.gains.get(probe.spec.id, 0.0) / seconds.get(probe.measure_spec.kind, time_costs.own_seconds(probe))
