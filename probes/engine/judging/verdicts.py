"""From the raw rounds of one probe to its verdict. Pure: what was kept recomputes it bit for bit.

A verdict may be reached at a few looks that were fixed beforehand, each at its share of the error (Bonferroni: the
family error is at most α whatever the looks have in common). The first look that decides is the last word: the probe
isn't measured any further, and what it is found to be doesn't depend on when somebody asks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from probes.catalog import Probe
from probes.engine.judging import statistics
from probes.engine.judging.statistics import Estimate
from probes.engine.planning.significance import ALPHA
from probes.schema import FRAMEWORKS, Framework, Instance, Measurement, Superblock, Verdict


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides, fixed before any clock: looks by number of rounds, equality margin, stated spread between pairs."""

    looks: tuple[int, ...]
    margin: float  # a fraction
    spread: float  # standard deviation of log-ratios between fresh pairs
    freedom: int  # degrees of freedom it counts for where every process gives one value

    @property
    def alpha(self) -> float:
        """Error of one look."""
        return ALPHA / len(self.looks)


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rounds say so far. ``p`` belongs to the claim that is nearest to standing, over all looks."""

    estimate: Estimate
    verdict: Verdict
    p: float
    final: bool  # decided, or nothing more will be looked at
    contradicted: bool  # wall time decides, and CPU time doesn't bear it out


def judge(
    probe: Probe, measurements: Sequence[Measurement], rules: Rules, *, complete: int, doubted: bool
) -> Judged | None:
    """Judge a probe by its ``measurements``, one a round, of which the first ``complete`` are whole.

    ``doubted``: others were at work, so that CPU time must say the same. None if nothing can be compared yet.
    """
    p, last = 1.0, None
    for look in (look for look in rules.looks if look <= complete):
        found = _at(probe, measurements[:look], rules, doubted=doubted)
        if found is None:
            continue
        p = min(p, min(1.0, len(rules.looks) * _claim(found.estimate, rules)))
        last = replace(found, p=p, final=found.verdict != Verdict.UNDECIDED or look == rules.looks[-1])
        if last.final:
            return last
    latest = _at(probe, measurements, rules, doubted=doubted)
    if latest is None:
        return last
    over = complete >= rules.looks[-1]
    return replace(latest, p=p, final=over)


def estimate(probe: Probe, measurements: Sequence[Measurement], rules: Rules, *, cpu: bool = False) -> Estimate | None:
    """log(TensorFlow / PyTorch) of the metric over instances nested in processes; None without any pair."""
    measure = probe.measure_spec
    processes = [
        [log for instance in m.instances if (log := log_ratio(instance, cpu=cpu)) is not None] for m in measurements
    ]
    if measure.alone:
        processes = [[log] for logs in processes for log in logs]
    processes = [logs for logs in processes if logs]
    if not processes:
        return None
    found = statistics.nested(processes, rules.spread, rules.freedom if measure.alone else 0)
    found = replace(found, alpha=rules.alpha)
    # A rate's ratio is the inverse of the times'.
    return replace(found, log=-found.log) if measure.samples_per_step else found


def log_ratio(instance: Instance, *, cpu: bool = False) -> float | None:
    """Of times, or of single values; None where a side is missing or CPU time is too short for its clock."""
    if instance.superblocks:
        return _of_superblocks(instance.superblocks, cpu)
    if cpu or instance.single.keys() != set(FRAMEWORKS):
        return None
    return math.log(instance.single["tensorflow"] / instance.single["pytorch"])


def blocks(block: Superblock, framework: Framework, *, cpu: bool) -> tuple[float, float]:
    """The two blocks of a framework in a superblock; A is PyTorch."""
    first, second, third, fourth = block.cpu if cpu else block.wall
    outer = (block.order == "ABBA") == (framework == "pytorch")
    return (first, fourth) if outer else (second, third)


def _at(probe: Probe, measurements: Sequence[Measurement], rules: Rules, *, doubted: bool) -> Judged | None:
    found = estimate(probe, measurements, rules)
    if found is None:
        return None
    verdict = _verdict(probe, found, rules.margin)
    witness = estimate(probe, measurements, rules, cpu=True) if doubted else None
    if witness and verdict != Verdict.UNDECIDED:
        # The same winner is not enough: a neighbour on one side costs it a little CPU time as well (cold caches).
        overlap = witness.low <= found.high and found.low <= witness.high
        agrees = overlap and _verdict(probe, witness, rules.margin) == verdict
        return Judged(found, verdict if agrees else Verdict.UNDECIDED, 1.0, final=False, contradicted=not agrees)
    return Judged(found, verdict, 1.0, final=False, contradicted=False)


def called(probe: Probe, found: Estimate, rules: Rules) -> tuple[Verdict, float]:
    """The verdict of an estimate at one look, and the p-value of the claim that is nearest to standing."""
    found = replace(found, alpha=rules.alpha)
    return _verdict(probe, found, rules.margin), min(1.0, len(rules.looks) * _claim(found, rules))


def _verdict(probe: Probe, found: Estimate, margin: float) -> Verdict:
    reach = math.log1p(margin)
    if -reach < found.low and found.high < reach:
        return Verdict.EQUAL
    if found.low > 0 or found.high < 0:
        tensorflow_more = found.low > 0
        better = tensorflow_more == (probe.spec.better == "higher")
        return Verdict.TENSORFLOW if better else Verdict.PYTORCH
    return Verdict.UNDECIDED


def _claim(found: Estimate, rules: Rules) -> float:
    return min(found.p_different(), found.p_equal(math.log1p(rules.margin)))


@lru_cache(maxsize=8192)
def _of_superblocks(superblocks: tuple[Superblock, ...], cpu: bool) -> float | None:
    logs = []
    for block in superblocks:
        pytorch, tensorflow = (sum(blocks(block, framework, cpu=cpu)) for framework in FRAMEWORKS)
        if pytorch > 0 and tensorflow > 0:
            logs.append(math.log(tensorflow / pytorch))
    return statistics.hodges_lehmann(logs) if logs else None
