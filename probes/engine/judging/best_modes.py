"""Best mode against best mode, and what each mode does for its framework: from results and the rounds behind them.

Modes of a measure are tracks of their own, each with both sides in turns. Where the best modes stand on two tracks, or
two modes of one framework are compared, figures of the same processes are: instance by instance, through the same
inference as all else. Superblocks of all modes alternate since ADR 37; in older rounds modes were measured one after
the other, and what drifted meanwhile widens the interval.

Where others were at work, CPU time has to bear out what wall time says of two modes, as it has to within a track. The
figures of one side in two modes bear witness as well as those of two sides in one: a neighbour takes wall time from
either. Without such a witness (single values, a GPU) an effect is said by wall time alone, as a verdict within a track
is; a headline isn't, because its two sides may not have had the neighbour at the same time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from probes import catalog
from probes.engine.judging import statistics, verdicts
from probes.engine.judging.statistics import Estimate, six
from probes.engine.planning.plan import spread
from probes.engine.planning.significance import ALPHA, STATED_FREEDOM
from probes.results import NOT_SHOWN, BestModes, Instance, Measurement, ModeEffect, ProbeResult, Ratio, Round
from probes.schema import FRAMEWORKS, Calibration, Framework, Outcome, Track, Verdict

#: Whose mode stands unless another one is shown to be better.
ORDER: tuple[Track, ...] = ("careful", "default", "tuned", "plain", "graph", "eager")
#: Outcomes after which even the side that worked has no figure to go by.
_DOUBTED = frozenset({Outcome.CONTAMINATED, Outcome.NOT_COMPARABLE, Outcome.TOO_NOISY, Outcome.CANCELLED})
#: What a verdict says of the second of two modes, which stands where TensorFlow does elsewhere.
_TOLD: Mapping[Verdict, Literal["better", "worse", "equal", "undecided"]] = {
    Verdict.TENSORFLOW: "better",
    Verdict.PYTORCH: "worse",
    Verdict.EQUAL: "equal",
    Verdict.UNDECIDED: "undecided",
}
CROSSED = "the two best modes weren't measured in turns, only in the same processes: the interval carries that"
APART = "the best modes of both sides were measured in different runs, so one track stands for them"
UNWITNESSED = "others were at work, and no CPU time tells what they cost either mode: undecided"

RoundsOf = Mapping[str, Sequence[Round]]  # by probe, what its result rests on


@dataclass(frozen=True, slots=True)
class _Side:
    """One framework's half of a track."""

    row: ProbeResult
    framework: Framework

    @property
    def mode(self) -> str:
        return self.row.sides[self.framework].mode


def best_modes(results: Sequence[ProbeResult], rounds: RoundsOf, calibration: Calibration) -> tuple[BestModes, ...]:
    """For each model and measure with something to compare, in the order of ``results``."""
    groups: dict[tuple[str, str], list[ProbeResult]] = {}
    for row in results:
        groups.setdefault((row.model, row.measure), []).append(row)
    found = (_of_measure(sorted(rows, key=_rank), rounds, calibration) for rows in groups.values())
    return tuple(best for best in found if best is not None)


def _of_measure(rows: Sequence[ProbeResult], rounds: RoundsOf, calibration: Calibration) -> BestModes | None:
    """None without anything to compare. What has no careful track isn't a matter of modes: its first track stands."""
    probe = next(iter(catalog.known([rows[0].probe])), None)  # results outlive what the catalog has
    if probe is None or "careful" not in probe.measure_spec.tracks:
        rows = rows[:1]
    paired = [row for row in rows if row.outcome is Outcome.OK and row.ratio is not None]
    sides = {framework: _modes(rows, framework) for framework in FRAMEWORKS}
    if len(alone := [modes for modes in sides.values() if modes]) == 1:
        return _alone(list(alone[0].values()), rounds, calibration)
    if not paired or not all(sides.values()):
        return None
    best = {framework: _best(list(sides[framework].values()), rounds, calibration) for framework in FRAMEWORKS}
    both = [row for row in paired if all(row.sides[f].mode == best[f].mode for f in FRAMEWORKS)]
    result = both[0] if both else _crossed(best["pytorch"], best["tensorflow"], paired, rounds, calibration)
    effects = tuple(
        effect for framework in FRAMEWORKS for effect in _effects(list(sides[framework].values()), rounds, calibration)
    )
    return BestModes(replace(result, title=probe.measure_title) if probe else result, effects)


def _alone(sides: Sequence[_Side], rounds: RoundsOf, calibration: Calibration) -> BestModes | None:
    """One framework's modes against each other; None for a single one."""
    effects = tuple(_effects(sides, rounds, calibration))
    return BestModes(_best(sides, rounds, calibration).row, effects) if effects else None


def _rank(row: ProbeResult) -> int:
    return ORDER.index(row.track)


def _modes(rows: Sequence[ProbeResult], framework: Framework) -> dict[str, _Side]:
    """By mode. One that several tracks measured counts as the first of them did: the best of repeated draws would
    flatter the side that was drawn more often."""
    found: dict[str, _Side] = {}
    for row in rows:
        said = row.sides[framework]
        if row.outcome not in _DOUBTED and said.outcome is Outcome.OK and said.median:
            found.setdefault(said.mode, _Side(row, framework))
    return found


def _best(sides: Sequence[_Side], rounds: RoundsOf, calibration: Calibration) -> _Side:
    """The first of ``ORDER``, unless another one is shown to be better: by chance no mode becomes a headline's."""
    chosen = sides[0]
    for side in sides[1:]:
        compared = _compare(side, chosen, rounds, calibration)
        if compared and _TOLD[compared.verdict] == "better":
            chosen = side
    return chosen


def _crossed(
    pytorch: _Side, tensorflow: _Side, paired: Sequence[ProbeResult], rounds: RoundsOf, calibration: Calibration
) -> ProbeResult:
    """The two sides of two tracks as one result; the first track that was compared, where no process had both."""
    compared = _compare(tensorflow, pytorch, rounds, calibration)
    if compared is None:
        return replace(paired[0], notes=(*paired[0].notes, APART))
    rows = (pytorch.row, tensorflow.row)
    doubt = next((row.doubt for row in rows if row.doubt), "")  # goes with their figures onto any track
    left_open = verdicts.CONTRADICTED if compared.contradicted else UNWITNESSED if compared.unwitnessed else ""
    notes = (f"{NOT_SHOWN}: {doubt}" if doubt else "", "" if compared.in_turns else CROSSED, left_open)
    return replace(
        rows[0],
        sides={"pytorch": rows[0].sides["pytorch"], "tensorflow": rows[1].sides["tensorflow"]},
        ratio=_ratio(compared.estimate),
        verdict=Verdict.UNDECIDED if left_open else compared.verdict,
        p=1.0 if left_open else six(compared.p),
        outcome=Outcome.OK,
        reason="",
        provisional=any(row.provisional for row in rows),
        rounds=compared.pairs,
        contended=any(row.contended for row in rows),
        notes=tuple(filter(None, notes)),
        doubt=doubt,
        measured_at=max(row.measured_at for row in rows),
    )


def _effects(sides: Sequence[_Side], rounds: RoundsOf, calibration: Calibration) -> Iterator[ModeEffect]:
    """Each mode's figure over that of the default mode; nothing where that wasn't measured in the same processes."""
    plain = next((side for side in sides if side.row.track == "default"), None)
    for side in sides:
        if plain is None or side is plain:
            continue
        compared = _compare(side, plain, rounds, calibration)
        if compared is not None:
            row, told = side.row, _TOLD[compared.verdict]
            ratio = _ratio(compared.estimate)
            yield ModeEffect(
                side.framework, side.mode, plain.mode, row.probe, row.better, ratio, told, compared.in_turns
            )


@dataclass(frozen=True, slots=True)
class _Compared:
    """Two figures of two modes, or of two sides in a mode each, by the processes that had both."""

    estimate: Estimate  # log(above / below) of the metric
    verdict: Verdict  # ``above`` stands where TensorFlow does elsewhere
    p: float
    pairs: int  # of processes
    in_turns: bool  # in each of them
    contradicted: bool = False  # others were at work, and CPU time doesn't bear wall time out: undecided
    unwitnessed: bool = False  # others were at work, and there is no CPU time to ask


def _compare(above: _Side, below: _Side, rounds: RoundsOf, calibration: Calibration) -> _Compared | None:
    """None where no process had both."""
    shared = tuple(_shared(above, below, rounds))
    wall = _log_ratio(above, below, shared, calibration, cpu=False)
    if wall is None:
        return None
    better, margin = above.row.better, above.row.margin
    said = verdicts.verdict(better, wall, margin)
    turns = all(below.row.probe in (above.row.probe, *found[above.row.probe].turns) for _, found in shared)
    compared = _Compared(wall, said, verdicts.claim(wall, ALPHA / wall.alpha, margin, said), len(shared), turns)
    if not any(round_.contended for round_, _ in shared):
        return compared
    on_gpu = any(round_.on_gpu for round_, _ in shared)
    witness = None if on_gpu else _log_ratio(above, below, shared, calibration, cpu=True)
    if witness is None:
        return replace(compared, unwitnessed=True)
    if said is Verdict.UNDECIDED or verdicts.borne_out(better, wall, witness, margin):
        return compared
    return replace(compared, verdict=Verdict.UNDECIDED, p=1.0, contradicted=True)


def _shared(above: _Side, below: _Side, rounds: RoundsOf) -> Iterator[tuple[Round, Mapping[str, Measurement]]]:
    """Rounds whose processes had a figure of both, with what they measured by probe."""
    for round_ in rounds.get(above.row.probe, ()):
        found = {measurement.probe: measurement for measurement in round_.measurements}
        if above.row.probe in found and below.row.probe in found and _logs(above, below, found, cpu=False):
            yield round_, found


def _log_ratio(
    above: _Side,
    below: _Side,
    shared: Sequence[tuple[Round, Mapping[str, Measurement]]],
    calibration: Calibration,
    *,
    cpu: bool,
) -> Estimate | None:
    """log(above / below) of the metric; None without any pair of figures."""
    probe = catalog.find(above.row.probe)
    processes = [logs for _, found in shared if (logs := _logs(above, below, found, cpu=cpu))]
    if not processes:
        return None
    stated = spread(calibration, probe)
    of_times = statistics.nested(processes, stated, STATED_FREEDOM, satterthwaite=True)
    sure = max(side.row.ratio.confidence if side.row.ratio else 1 - ALPHA for side in (above, below))
    log = -of_times.log if probe.measure_spec.samples_per_step else of_times.log
    return replace(of_times, alpha=1 - sure, log=log)


def _logs(above: _Side, below: _Side, found: Mapping[str, Measurement], *, cpu: bool) -> list[float]:
    """log(above / below) of times or single values in a pair of processes, an instance each."""
    both = zip(found[above.row.probe].instances, found[below.row.probe].instances, strict=False)
    figures = ((_figure(a, above.framework, cpu=cpu), _figure(b, below.framework, cpu=cpu)) for a, b in both)
    return [math.log(a / b) for a, b in figures if a and b]


def _figure(instance: Instance, framework: Framework, *, cpu: bool) -> float | None:
    """Seconds a step, or the single value, of one side of an instance; CPU seconds are kept of superblocks only."""
    if framework in instance.single:
        return None if cpu else instance.single[framework]
    seconds = [s for block in instance.superblocks for s in verdicts.blocks(block, framework, cpu=cpu)]
    if not cpu:
        seconds += instance.blocks.get(framework, ())
    return median(seconds) if seconds else None


def _ratio(estimate: Estimate) -> Ratio:
    middle, low, high = (six(math.exp(log)) for log in (estimate.log, estimate.low, estimate.high))
    return Ratio(middle, low, high, six(1 - estimate.alpha))
