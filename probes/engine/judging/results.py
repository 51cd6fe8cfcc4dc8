"""From raw rounds to results: pure, so that any verdict can be recomputed bit for bit from what was kept."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from statistics import fmean, median

from probes.catalog import Probe, find
from probes.engine.judging import verdicts
from probes.engine.judging.statistics import Estimate, six
from probes.engine.judging.verdicts import Judged, Rules, judge
from probes.engine.planning.plan import plan, schedule, spread
from probes.engine.planning.validation import validate
from probes.places import runs_at, titles
from probes.results import NOT_SHOWN, Instance, Measurement, ProbeResult, Ratio, Round, SideReport, SideResult
from probes.schema import FRAMEWORKS, Framework, Interpreter, Outcome, RunSetup, Schedule, Verdict

#: An interval that reaches further than a factor of two either way answers nothing: «too noisy».
NOISY = math.log(2)
#: The budget may be exceeded by this share before the result says so.
OVERRUN, OVERRUN_BEFORE = 1.1, 1.15
#: What a framework's child says of itself, and what must be the same in all rounds of a result.
_ALIKE = ("version", "device", "intra_op_threads")
IDLE = "one look only: nothing it could say would change the recommendation"
#: Seconds beyond which nobody is told to wait for a verdict.
FARTHEST_ADVICE = 4 * 3600


@dataclass(frozen=True, slots=True)
class _Seen:
    probe: Probe
    measurements: tuple[Measurement, ...]
    complete: int  # how many of them are whole
    contended: bool
    on_cpu: bool  # CPU time bears witness only there
    measured_at: str  # of the last round
    mixed: str  # what was another in another round, "" if nothing was
    interpreters: Mapping[Framework, Interpreter]  # of sides that don't run in the app's own

    def well(self) -> bool:
        return all(side.outcome == Outcome.OK for m in self.measurements for side in m.sides.values())

    def judged(self, rules: Rules) -> Judged | None:
        doubted = self.contended and self.on_cpu
        return judge(self.probe, self.measurements, rules, complete=self.complete, doubted=doubted)

    def instances(self) -> Iterator[Instance]:
        for measurement in self.measurements:
            yield from measurement.instances


def summarise(
    setup: RunSetup,
    rounds: Sequence[Round],
    *,
    planned_rounds: int | None = None,
    cancelled: bool = False,
    earlier: Sequence[Sequence[Round]] = (),
) -> tuple[ProbeResult, ...]:
    """Results over the rounds so far, in the plan's order; a probe with nothing to compare yet has none.

    A result is ``provisional`` until its probe is decided or the last of ``planned_rounds`` is there. With
    ``cancelled`` every planned probe gets a result, and what isn't finished ends as cancelled. ``earlier`` are the
    rounds of runs before this one, oldest first, that were measured under the same conditions and go by the same
    calibration: what is said rests on all of them. Raises ValueError for an invalid setup.
    """
    validate(setup)
    calibration, stated = setup.calibration, setup.schedule
    if stated is None:
        measured = {measurement.probe for round_ in rounds for measurement in round_.measurements}
        stated = schedule(plan(setup, planned_rounds, calibration.engine, measured))
    longest = (OVERRUN if setup.schedule else OVERRUN_BEFORE) * stated.budget_seconds + stated.check_seconds
    results = []
    for probe in map(find, stated.probes):
        runs = [whole for run in earlier if (whole := [r for r in run if _measured(r, probe)])]
        already = sum(map(len, runs))
        seen = _seen(probe, [*chain.from_iterable(runs), *rounds], setup.request.interpreters)
        looks = tuple(already + look for look in stated.looks[probe.spec.id])
        rules = Rules(
            looks,
            calibration.margin,
            spread(calibration, probe),
            calibration.spread_freedom,
            calibration.engine,
            run=len(runs) + 1,
        )
        judged = seen.judged(rules)
        over = already + sum(round_.complete for round_ in rounds) >= looks[-1]
        over = over or (judged is not None and judged.final)
        if cancelled or (seen.measurements and (over or judged or not seen.well())):
            result = _result(seen, judged, calibration.margin, provisional=not over, cancelled=cancelled)
            if runs:
                rests = f"rests on {len(runs) + 1} runs under the same conditions, {result.rounds} process pairs"
                result = replace(result, notes=(rests, *result.notes))
            kinds = verdicts.kinds_of_processes(probe, seen.measurements, calibration.margin)
            if kinds and calibration.engine > 1:
                low, high = kinds
                note = f"processes come in two kinds here: pairs around {low:.3g} and pairs around {high:.3g}"
                result = replace(result, notes=(*result.notes, note))
            # What a look of the next run would have to be sure of.
            next_alpha = replace(rules, run=rules.run + 1).alpha
            results.append(_with_notes(result, judged, next_alpha, rounds, stated, longest))
    return tuple(results)


def _measured(round_: Round, probe: Probe) -> bool:
    """Whether a round of an earlier run has something of it to rest on."""
    return round_.complete and any(
        m.probe == probe.spec.id and m.instances and all(side.outcome == Outcome.OK for side in m.sides.values())
        for m in round_.measurements
    )


def _seen(probe: Probe, rounds: Sequence[Round], interpreters: Mapping[Framework, Interpreter]) -> _Seen:
    pairs = [(r, m) for r in rounds for m in r.measurements if m.probe == probe.spec.id]
    devices = {said.get("device", "cpu") for r, _ in pairs for said in r.environment.values()}
    return _Seen(
        probe,
        tuple(m for _, m in pairs),
        complete=sum(r.complete for r, _ in pairs),
        contended=any(r.contended for r, _ in pairs),
        on_cpu=devices <= {"cpu"},
        measured_at=pairs[-1][0].started_at if pairs else "",
        mixed=_mixed([r for r, _ in pairs], titles(interpreters)),
        interpreters=interpreters,
    )


def _mixed(rounds: Sequence[Round], of_sides: Mapping[Framework, str]) -> str:
    """What differs between rounds that must be alike: a run may be gone on with after an upgrade, or without a GPU."""
    for framework in FRAMEWORKS:
        said = [round_.environment[framework] for round_ in rounds if framework in round_.environment]
        for name in _ALIKE:
            values = dict.fromkeys(environment.get(name, "") for environment in said)
            if len(values) > 1:
                return f"{of_sides[framework]}'s {name} was {' in some rounds and '.join(values)} in others"
    return ""


def _result(seen: _Seen, judged: Judged | None, margin: float, *, provisional: bool, cancelled: bool) -> ProbeResult:
    spec = seen.probe.spec
    sides = {framework: _side(seen, framework) for framework in FRAMEWORKS}
    outcome, reason = _outcome(seen, sides)
    judged = judged if outcome == Outcome.OK else None
    if outcome == Outcome.OK and judged is None and not cancelled:
        outcome, reason = Outcome.FAILED, "nothing was measured on both sides"
    if cancelled and provisional and outcome == Outcome.OK:
        outcome, reason = Outcome.CANCELLED, f"cancelled after {seen.complete} complete rounds"
    elif not provisional and judged and judged.estimate.half_width > NOISY:
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
        ratio=_ratio(judged.estimate) if judged else None,
        verdict=judged.verdict if judged else Verdict.UNDECIDED,
        p=six(judged.p) if judged else None,
        outcome=outcome,
        reason=reason,
        provisional=provisional,
        rounds=len(seen.measurements),
        margin=margin,
        contended=seen.contended,
        notes=tuple(dict.fromkeys(note for m in seen.measurements for note in m.notes)),
        doubt=next((m.doubt for m in seen.measurements if m.doubt), ""),
        measured_at=seen.measured_at,
    )


def _with_notes(
    result: ProbeResult,
    judged: Judged | None,
    next_alpha: float,
    rounds: Sequence[Round],
    stated: Schedule,
    longest: float,
) -> ProbeResult:
    """What belongs to the run as a whole but is read beside each result."""
    notes = [f"{NOT_SHOWN}: {result.doubt}"] if result.doubt else []
    notes += result.notes
    if result.probe in stated.idle and not result.provisional:
        notes.append(IDLE)
    seconds = sum(round_.seconds for round_ in rounds)
    if not result.provisional and seconds > longest:
        budget = stated.budget_seconds
        notes.append(f"the run took {seconds:.0f} s instead of {budget:.0f} s: fresh processes need that here")
    if result.contended:
        seen = dict.fromkeys(what for r in rounds if r.contended for what in r.disturbances)
        notes += [f"Not quiet: {what}" for what in seen]
    if judged and judged.contradicted:
        notes.append(verdicts.CONTRADICTED)
    elif judged and not result.provisional and (result.outcome, result.verdict) == (Outcome.OK, Verdict.UNDECIDED):
        notes.append(_what_would_decide(judged.estimate, next_alpha, result, rounds))
    return replace(result, notes=tuple(notes))


def _what_would_decide(estimate: Estimate, next_alpha: float, result: ProbeResult, rounds: Sequence[Round]) -> str:
    """If the estimate stays, its interval must shrink until it leaves 0 out or fits into the margin: as 1/√rounds."""
    distance = abs(estimate.log)
    needed = max(distance, math.log1p(result.margin) - distance)
    times = (replace(estimate, alpha=next_alpha).half_width / needed) ** 2
    seconds = math.ceil(
        max(1.0, (times - 1) * max(result.rounds, len(rounds))) * fmean(round_.seconds for round_ in rounds)
    )
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
        mode=seen.probe.spec.modes[runs_at(framework, seen.interpreters)],
        median=median(samples) if samples else None,
        samples=samples,
        outcome=report.outcome,
        reason=report.reason,
        details={name: six(median(values)) for name, values in details.items()},
    )


def _report(seen: _Seen, framework: Framework) -> SideReport:
    """The first thing that went wrong on this side, or OK."""
    reports = [m.sides[framework] for m in seen.measurements]
    return next((report for report in reports if report.outcome != Outcome.OK), SideReport())


def _samples(probe: Probe, instance: Instance, framework: Framework) -> list[float]:
    seconds = [s for block in instance.superblocks for s in verdicts.blocks(block, framework, cpu=False)]
    seconds += instance.blocks.get(framework, ())
    if framework in instance.single:
        return [instance.single[framework]]
    measure = probe.measure_spec
    return [six(measure.value(s)) for s in seconds] if measure.samples_per_step else seconds


# ---------------------------------------------------------------------------------------- both sides


def _outcome(seen: _Seen, sides: Mapping[Framework, SideResult]) -> tuple[Outcome, str]:
    of_sides = titles(seen.interpreters)
    if seen.mixed:
        return Outcome.CONTAMINATED, f"{seen.mixed}, so that they can't be put together: measure again from the start"
    wrong = [(f, side) for f, side in sides.items() if side.outcome != Outcome.OK]
    if wrong:
        reasons = dict.fromkeys(side.reason for _, side in wrong)
        if len(reasons) == 1 and len(wrong) == len(FRAMEWORKS):
            return wrong[0][1].outcome, wrong[0][1].reason
        return wrong[0][1].outcome, "; ".join(f"{of_sides[framework]}: {side.reason}" for framework, side in wrong)
    for name, tolerance in seen.probe.measure_spec.must_agree.items():
        means = [_mean_detail(seen, framework, name) for framework in FRAMEWORKS]
        if None not in means and abs((means[0] or 0.0) - (means[1] or 0.0)) > tolerance:
            return Outcome.NOT_COMPARABLE, (
                f"{name} differs: {means[0]:.3f} with {of_sides['pytorch']}, {means[1]:.3f} with "
                f"{of_sides['tensorflow']} (allowed: {tolerance:g})"
            )
    return Outcome.OK, ""


def _mean_detail(seen: _Seen, framework: Framework, name: str) -> float | None:
    values = [i.details[framework][name] for i in seen.instances() if name in i.details.get(framework, {})]
    return fmean(values) if values else None


def _ratio(estimate: Estimate) -> Ratio:
    return Ratio(
        six(math.exp(estimate.log)),
        six(math.exp(estimate.low)),
        six(math.exp(estimate.high)),
        six(1 - estimate.alpha),
    )
