"""From the raw rounds of one probe to its verdict. Pure: what was kept recomputes it bit for bit.

A verdict may be reached at a few looks that were fixed beforehand, each at its share of the error (Bonferroni: the
family error is at most α whatever the looks have in common). The first look that decides is a run's last word: the
probe isn't measured any further, and what it is found to be doesn't depend on when somebody asks. Rounds of earlier
runs count along, and every run's looks have a share of the same error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import fmean

from probes.catalog import Probe
from probes.engine.judging import statistics
from probes.engine.judging.statistics import Estimate
from probes.engine.planning.significance import ALPHA, ENGINE, share
from probes.results import Instance, Measurement, Superblock
from probes.schema import FRAMEWORKS, Better, Framework, Verdict

#: A note of a result that stays open for it.
CONTRADICTED = "others were at work, and CPU time doesn't bear out what wall time says: undecided"


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides, fixed before any clock: looks by number of rounds, equality margin, stated spread between pairs."""

    looks: tuple[int, ...]  # of the newest run, in rounds of all
    margin: float  # a fraction
    spread: float  # standard deviation of log-ratios between fresh pairs
    freedom: int  # degrees of freedom that the spread counts for
    engine: int = ENGINE  # whose rules: a record is judged by those it was measured under
    run: int = 1  # the how many-th run of those that are pooled

    @property
    def correction(self) -> float:
        """What a look's p-value is multiplied by so that all looks of all runs together err at α."""
        return len(self.looks) / (1.0 if self.engine == 1 else share(self.run))

    @property
    def alpha(self) -> float:
        """Error of one look."""
        return ALPHA / self.correction


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rounds say so far.

    ``p`` is that of the verdict's claim at the look that it rests on, corrected for all looks; of an undecided one that
    of the claim that is nearest to standing, and 1 where wall time is contradicted.
    """

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
    smallest, last = 1.0, None
    for look in (look for look in rules.looks if look <= complete):
        judged = _at(probe, measurements[:look], rules, doubted=doubted)
        if judged is None:
            continue
        smallest = min(smallest, claim(judged.estimate, rules.correction, rules.margin))
        p = smallest if rules.engine == 1 else judged.p
        last = replace(judged, p=p, final=judged.verdict != Verdict.UNDECIDED or look == rules.looks[-1])
        if last.final:
            return last
    latest = _at(probe, measurements, rules, doubted=doubted)
    if latest is None:
        return last
    over = complete >= rules.looks[-1]
    return replace(latest, p=smallest if rules.engine == 1 else latest.p, final=over)


def estimate(probe: Probe, measurements: Sequence[Measurement], rules: Rules, *, cpu: bool = False) -> Estimate | None:
    """log(TensorFlow / PyTorch) of the metric over instances nested in processes; None without any pair."""
    measure = probe.measure_spec
    processes = _processes(probe, measurements, cpu=cpu)
    if not processes:
        return None
    counts = measure.alone or rules.engine > 1
    of_times = statistics.nested(
        processes, rules.spread, rules.freedom if counts else 0, satterthwaite=rules.engine > 1
    )
    # A rate's ratio is the inverse of the times'.
    return replace(of_times, alpha=rules.alpha, log=-of_times.log if measure.samples_per_step else of_times.log)


def _processes(probe: Probe, measurements: Sequence[Measurement], *, cpu: bool) -> list[list[float]]:
    """Log-ratios of times or single values, a list for each pair of processes."""
    processes = [
        [log for instance in m.instances if (log := log_ratio(instance, cpu=cpu)) is not None] for m in measurements
    ]
    if probe.measure_spec.alone:
        return [[log] for logs in processes for log in logs]
    return [logs for logs in processes if logs]


def kinds_of_processes(probe: Probe, measurements: Sequence[Measurement], margin: float) -> tuple[float, float] | None:
    """Where pairs fall into two clusters that lie further apart than ``margin``: the metric's ratio in either, the
    lower first. An interval around their mean tells of neither."""
    rate = probe.measure_spec.samples_per_step > 0
    means = [fmean(logs) * (-1 if rate else 1) for logs in _processes(probe, measurements, cpu=False)]
    clusters = statistics.two_clusters(means)
    if clusters is None or clusters[1] - clusters[0] <= math.log1p(margin):
        return None
    return math.exp(clusters[0]), math.exp(clusters[1])


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
    wall = estimate(probe, measurements, rules)
    if wall is None:
        return None
    said = verdict(probe.spec.better, wall, rules.margin)
    witness = estimate(probe, measurements, rules, cpu=True) if doubted else None
    if witness and said != Verdict.UNDECIDED and not borne_out(probe.spec.better, wall, witness, rules.margin):
        return Judged(wall, Verdict.UNDECIDED, 1.0, final=False, contradicted=True)
    p = claim(wall, rules.correction, rules.margin, said)
    return Judged(wall, said, p, final=False, contradicted=False)


def borne_out(better: Better, wall: Estimate, witness: Estimate, margin: float) -> bool:
    """Whether CPU time says what wall time does. The same winner is not enough: a neighbour on one side costs it a
    little CPU time as well (cold caches), so their intervals must overlap too."""
    overlap = witness.low <= wall.high and wall.low <= witness.high
    return overlap and verdict(better, witness, margin) == verdict(better, wall, margin)


def verdict(better: Better, found: Estimate, margin: float) -> Verdict:
    """What an interval of log(TensorFlow / PyTorch) of a metric says."""
    reach = math.log1p(margin)
    if -reach < found.low and found.high < reach:
        return Verdict.EQUAL
    if found.low > 0 or found.high < 0:
        tensorflow_more = found.low > 0
        is_better = tensorflow_more == (better == "higher")
        return Verdict.TENSORFLOW if is_better else Verdict.PYTORCH
    return Verdict.UNDECIDED


def claim(estimate: Estimate, correction: float, margin: float, verdict: Verdict = Verdict.UNDECIDED) -> float:
    """The verdict's corrected p-value; of an undecided one, the smaller of both claims'."""
    different, equal = estimate.p_different(), estimate.p_equal(math.log1p(margin))
    p = min(different, equal) if verdict is Verdict.UNDECIDED else equal if verdict is Verdict.EQUAL else different
    return min(1.0, correction * p)


@lru_cache(maxsize=8192)
def _of_superblocks(superblocks: tuple[Superblock, ...], cpu: bool) -> float | None:
    logs = []
    for block in superblocks:
        pytorch, tensorflow = (sum(blocks(block, framework, cpu=cpu)) for framework in FRAMEWORKS)
        if pytorch > 0 and tensorflow > 0:
            logs.append(math.log(tensorflow / pytorch))
    return statistics.hodges_lehmann(logs) if logs else None
