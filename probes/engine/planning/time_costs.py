"""What measuring is reckoned to take, in seconds, before anything was measured. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from probes.catalog import Probe
from probes.schema import TRACKS, Track

#: Seconds on a 2-core virtual machine for a fresh pair to import both frameworks and finish a first step. Parts keep
#: their proportions from machine to machine, so that one pace stands for all of them (see ``running/pace.py``).
PAIR_SECONDS = 4.7
#: Building, tracing or compiling, and warming up both sides of an instance, in seconds; then what is timed at least.
INSTANCE_OVERHEAD: Mapping[Track, float] = {**dict.fromkeys(TRACKS, 0.5), "tuned": 5.0}
INSTANCE_SECONDS = 0.3
#: How often what a network is slower by counts: in an instance, on top of the measure's own ``work``; in a pair's first
#: step; and in a value that takes a time of its own. Seen step by step in quick runs of all six networks.
SLOWER: Mapping[Track, float] = {**dict.fromkeys(TRACKS, 0.65), "eager": 1.3}
SLOWER_PAIR, SLOWER_VALUE = 1.75, 3.0
#: What it takes to see that both sides compute the same, once a run: so much of an instance without what is timed. It
#: builds and traces training under several settings.
CHECK_SHARE = 2.0
#: Pairs of a curve, as it is reckoned with: 1, 2 and 4 threads, or three sizes. A plan is the same on every machine.
CURVE_PAIRS = 3


def pair_seconds(probes: Iterable[Probe]) -> float:
    """What a fresh pair takes for its start and the first step of the slowest of these."""
    return PAIR_SECONDS + SLOWER_PAIR * max((float(probe.model.SPEC.slower) for probe in probes), default=0.0)


def instance_seconds(probe: Probe) -> float:
    """What an instance of a timed probe takes at least."""
    slower = SLOWER[probe.spec.track] * probe.measure_spec.work * float(probe.model.SPEC.slower)
    return INSTANCE_OVERHEAD[probe.spec.track] + INSTANCE_SECONDS + slower


def check_seconds(probes: Iterable[Probe]) -> float:
    """What it takes to see, once a run, that both sides compute the same."""
    timed = [probe for probe in probes if probe.measure_spec.kind == "timed"]
    return CHECK_SHARE * sum(instance_seconds(probe) - INSTANCE_SECONDS for probe in timed)


def on_the_start(probes: Sequence[Probe]) -> tuple[Probe, ...]:
    """The probe that is measured as a round's pair starts, and those that its start tells as well.

    The start is a cold one for one probe only. Memory goes first: its start is clocked part by part, which is what the
    start-up of the same network is.
    """
    cold = sorted((p for p in probes if p.measure_spec.kind == "cold"), key=lambda p: p.measure_spec.unit != "B")
    return tuple(
        probe
        for probe in cold
        if probe is cold[0] or (probe.measure_spec.unit == "s" and _alike(probe) == _alike(cold[0]))
    )


def _alike(probe: Probe) -> tuple[str, Track]:
    return probe.spec.model, probe.spec.track


def with_own_children(probes: Sequence[Probe]) -> tuple[Probe, ...]:
    """The probes that get children of their own."""
    told = on_the_start(probes)
    return tuple(probe for probe in probes if probe.measure_spec.alone and probe not in told)


def own_seconds(probe: Probe) -> float:
    """What children of its own take for a value."""
    pairs = CURVE_PAIRS if probe.measure_spec.kind in ("scaled", "sized") else 1
    return pairs * (pair_seconds([probe]) + value_seconds(probe))


def value_seconds(probe: Probe) -> float:
    """What a value of both sides takes, start-up aside."""
    stated = probe.measure_spec.seconds.get(probe.spec.track, 0.0)
    return stated + SLOWER_VALUE * float(probe.model.SPEC.slower) if stated else 0.0
