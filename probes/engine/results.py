"""From raw rounds to results: pure, so that any verdict can be recomputed bit for bit from what was kept."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median

from probes.catalog import TITLES, Probe
from probes.engine import statistics
from probes.engine.plan import Plan, plan
from probes.engine.statistics import Estimate
from probes.schema import (
    FRAMEWORKS,
    Framework,
    Instance,
    Measurement,
    Outcome,
    ProbeResult,
    Ratio,
    Round,
    RunRequest,
    SideReport,
    SideResult,
    Superblock,
    Verdict,
)

#: An interval that reaches further than a factor of two either way answers nothing: «too noisy».
NOISY = math.log(2)
#: The budget may be exceeded by this share before the result says so.
OVERRUN = 1.15
#: Seconds beyond which nobody is told to wait for a verdict.
FARTHEST_ADVICE = 4 * 3600


@dataclass(frozen=True, slots=True)
class _Seen:
    """All that the rounds hold on one probe."""

    probe: Probe
    measurements: tuple[Measurement, ...]
    contended: bool
    on_cpu: bool  # CPU time bears witness only there
    measured_at: str  # of the last round

    def pending(self) -> bool:
        """Nothing went wrong so far, but neither is there anything to compare yet."""
        well = all(side.outcome == Outcome.OK for m in self.measurements for side in m.sides.values())
        return well and _estimate(self, cpu=False) is None

    def instances(self) -> Iterator[Instance]:
        for measurement in self.measurements:
            yield from measurement.instances


def summarise(
    request: RunRequest, rounds: Sequence[Round], *, planned_rounds: int | None = None, cancelled: bool = False
) -> tuple[ProbeResult, ...]:
    """Results over the rounds so far, in the plan's order; a probe with nothing to compare yet has none.

    Results are ``provisional`` until ``planned_rounds`` complete ones are there. With ``cancelled`` every planned
    probe gets a result, and what isn't finished ends as cancelled. Raises ValueError for an invalid request.
    """
    planned = plan(request)
    wanted = planned_rounds or planned.rounds
    complete = sum(round_.complete for round_ in rounds)
    found = []
    for probe in planned.probes:
        seen = _seen(probe, rounds)
        if cancelled or (seen.measurements and not (complete < wanted and seen.pending())):
            result = _result(seen, provisional=complete < wanted, complete=complete, cancelled=cancelled)
            found.append(_with_notes(result, seen, rounds, planned))
    return tuple(found)


def _seen(probe: Probe, rounds: Sequence[Round]) -> _Seen:
    pairs = [(r, m) for r in rounds for m in r.measurements if m.probe == probe.spec.id]
    devices = {said.get("device", "cpu") for r, _ in pairs for said in r.environment.values()}
    return _Seen(
        probe,
        tuple(m for _, m in pairs),
        contended=any(r.contended for r, _ in pairs),
        on_cpu=devices <= {"cpu"},
        measured_at=pairs[-1][0].started_at if pairs else "",
    )


def _result(seen: _Seen, *, provisional: bool, complete: int, cancelled: bool) -> ProbeResult:
    spec = seen.probe.spec
    sides = {framework: _side(seen, framework) for framework in FRAMEWORKS}
    outcome, reason = _outcome(seen, sides)
    estimate = _estimate(seen, cpu=False) if outcome == Outcome.OK else None
    verdict = _verdict(seen, estimate) if estimate else Verdict.UNDECIDED
    if outcome == Outcome.OK and estimate is None and not cancelled:
        outcome, reason = Outcome.FAILED, "nothing was measured on both sides"
    if cancelled and provisional and outcome == Outcome.OK:
        outcome, reason = Outcome.CANCELLED, f"cancelled after {complete} complete rounds"
    elif not provisional and estimate and estimate.half_width > NOISY:
        outcome, reason = Outcome.TOO_NOISY, "the interval spans more than a factor of two either way"
    return ProbeResult(
        probe=spec.id,
        model=spec.model,
        measure=spec.measure,
        track=spec.track,
        title=spec.title,
        metric=spec.metric,
        unit=spec.unit,
        better=spec.better,
        sides=sides,
        ratio=_ratio(estimate) if estimate else None,
        verdict=verdict,
        outcome=outcome,
        reason=reason,
        provisional=provisional,
        rounds=len(seen.measurements),
        margin=statistics.MARGIN,
        contended=seen.contended,
        notes=tuple(dict.fromkeys(note for m in seen.measurements for note in m.notes)),
        measured_at=seen.measured_at,
    )


def _with_notes(result: ProbeResult, seen: _Seen, rounds: Sequence[Round], planned: Plan) -> ProbeResult:
    """What belongs to the run as a whole but is read beside each result."""
    notes = list(result.notes)
    seconds = sum(round_.seconds for round_ in rounds)
    if not result.provisional and seconds > OVERRUN * planned.budget_seconds:
        budget = planned.budget_seconds
        notes.append(f"the run took {seconds:.0f} s instead of {budget:.0f} s: fresh processes need that here")
    witness = _estimate(seen, cpu=True) if seen.contended and seen.on_cpu and result.ratio else None
    if witness and result.verdict != Verdict.UNDECIDED and _verdict(seen, witness) != result.verdict:
        notes.append("others were at work, and CPU time doesn't bear out what wall time says: undecided")
        return replace(result, verdict=Verdict.UNDECIDED, notes=tuple(notes))
    estimate = _estimate(seen, cpu=False)
    if result.outcome == Outcome.OK and result.verdict == Verdict.UNDECIDED and estimate and not result.provisional:
        notes.append(_what_would_decide(estimate, rounds))
    return replace(result, notes=tuple(notes))


def _what_would_decide(estimate: Estimate, rounds: Sequence[Round]) -> str:
    """If the estimate stays, its interval must shrink until it leaves 0 out or fits into the margin: as 1/√rounds."""
    distance = abs(estimate.log)
    needed = max(distance, math.log1p(statistics.MARGIN) - distance)
    times = (estimate.half_width / needed) ** 2
    seconds = math.ceil(max(1.0, (times - 1) * len(rounds)) * fmean(round_.seconds for round_ in rounds))
    if seconds > FARTHEST_ADVICE:
        return "undecided: too close to call here, hours of measuring would not be enough"
    about = f"{seconds} s" if seconds < 120 else f"{math.ceil(seconds / 60)} minutes"
    return f"undecided: about {about} more would decide it, if the estimate stays where it is"


# ---------------------------------------------------------------------------------------- one side


def _side(seen: _Seen, framework: Framework) -> SideResult:
    samples = tuple(value for i in seen.instances() for value in _samples(seen.probe, i, framework))
    report = _report(seen, framework)
    details: dict[str, list[float]] = {}
    for instance in seen.instances():
        for name, value in instance.details.get(framework, {}).items():
            details.setdefault(name, []).append(value)
    return SideResult(
        mode=seen.probe.spec.modes[framework],
        median=median(samples) if samples else None,
        samples=samples,
        outcome=report.outcome,
        reason=report.reason,
        details={name: _six(median(values)) for name, values in details.items()},
    )


def _report(seen: _Seen, framework: Framework) -> SideReport:
    """The first thing that went wrong on this side, or OK."""
    reports = [m.sides[framework] for m in seen.measurements]
    return next((report for report in reports if report.outcome != Outcome.OK), SideReport())


def _samples(probe: Probe, instance: Instance, framework: Framework) -> list[float]:
    seconds = [s for block in instance.superblocks for s in _blocks(block, framework, cpu=False)]
    seconds += instance.blocks.get(framework, ())
    if framework in instance.single:
        return [instance.single[framework]]
    measure = probe.measure_spec
    return [_six(measure.value(s)) for s in seconds] if measure.samples_per_step else seconds


def _blocks(block: Superblock, framework: Framework, *, cpu: bool) -> tuple[float, float]:
    """The two blocks of a framework in a superblock; A is PyTorch."""
    letter = "A" if framework == "pytorch" else "B"
    figures = block.cpu if cpu else block.wall
    first, second = (figure for figure, side in zip(figures, block.order, strict=True) if side == letter)
    return first, second


# ---------------------------------------------------------------------------------------- both sides


def _outcome(seen: _Seen, sides: Mapping[Framework, SideResult]) -> tuple[Outcome, str]:
    wrong = [(f, side) for f, side in sides.items() if side.outcome != Outcome.OK]
    if wrong:
        reasons = dict.fromkeys(side.reason for _, side in wrong)
        if len(reasons) == 1 and len(wrong) == len(FRAMEWORKS):
            return wrong[0][1].outcome, wrong[0][1].reason
        return wrong[0][1].outcome, "; ".join(f"{TITLES[framework]}: {side.reason}" for framework, side in wrong)
    for name, tolerance in seen.probe.measure_spec.must_agree.items():
        means = [_mean_detail(seen, framework, name) for framework in FRAMEWORKS]
        if None not in means and abs((means[0] or 0.0) - (means[1] or 0.0)) > tolerance:
            return Outcome.NOT_COMPARABLE, (
                f"{name} differs: {means[0]:.3f} with PyTorch, {means[1]:.3f} with TensorFlow (allowed: {tolerance:g})"
            )
    return Outcome.OK, ""


def _mean_detail(seen: _Seen, framework: Framework, name: str) -> float | None:
    values = [i.details[framework][name] for i in seen.instances() if name in i.details.get(framework, {})]
    return fmean(values) if values else None


def _estimate(seen: _Seen, *, cpu: bool) -> Estimate | None:
    """log(TensorFlow / PyTorch) of the metric over instances nested in processes; None without any pair."""
    measure = seen.probe.measure_spec
    floor = statistics.MEMORY_FLOOR if measure.unit == "B" else statistics.TIME_FLOOR
    processes = [
        [log for instance in m.instances if (log := _log_ratio(instance, cpu=cpu)) is not None]
        for m in seen.measurements
    ]
    if measure.kind in ("cold", "fresh"):  # each value came from a process of its own
        processes = [[log] for logs in processes for log in logs]
    processes = [logs for logs in processes if logs]
    if not processes:
        return None
    estimate = statistics.nested(processes, floor)
    rate = -1.0 if measure.samples_per_step else 1.0  # a rate's ratio is the inverse of the times'
    return Estimate(rate * estimate.log, estimate.half_width, estimate.freedom)


def _log_ratio(instance: Instance, *, cpu: bool) -> float | None:
    """Of times, or of single values; None where a side is missing or CPU time is too short for its clock."""
    if instance.superblocks:
        logs = []
        for block in instance.superblocks:
            pytorch, tensorflow = (sum(_blocks(block, framework, cpu=cpu)) for framework in FRAMEWORKS)
            if pytorch > 0 and tensorflow > 0:
                logs.append(math.log(tensorflow / pytorch))
        return statistics.hodges_lehmann(logs) if logs else None
    if cpu or instance.single.keys() != set(FRAMEWORKS):
        return None
    return math.log(instance.single["tensorflow"] / instance.single["pytorch"])


def _verdict(seen: _Seen, estimate: Estimate) -> Verdict:
    margin = math.log1p(statistics.MARGIN)
    if -margin < estimate.low and estimate.high < margin:
        return Verdict.EQUAL
    if estimate.low > 0 or estimate.high < 0:
        tensorflow_more = estimate.low > 0
        better = tensorflow_more == (seen.probe.spec.better == "higher")
        return Verdict.TENSORFLOW if better else Verdict.PYTORCH
    return Verdict.UNDECIDED


def _ratio(estimate: Estimate) -> Ratio:
    return Ratio(
        _six(math.exp(estimate.log)),
        _six(math.exp(estimate.low)),
        _six(math.exp(estimate.high)),
        statistics.CONFIDENCE,
    )


def _six(value: float) -> float:
    """Six significant digits: more than any clock here has."""
    return float(f"{value:.6g}")
