"""From what a browser sent to the figures that are shown, by the engine's own statistics. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, median
from typing import Final

from probes.deploy import summary
from probes.deploy.summary import Span
from probes.engine.judging import statistics, verdicts
from probes.engine.judging.statistics import TIME_FLOOR, Estimate
from probes.engine.planning.significance import STATED_FREEDOM
from probes.in_browser.schema import BrowserCell, CellEnd, CellRecord, Kit, Visit
from probes.multiplicity import holm
from probes.places import FRAMEWORKS, Framework
from probes.results import Instance
from probes.schema import Outcome, Verdict
from probes.system.quantities import percent

MARGIN: Final = 0.05  # how far two sides may differ and be equal
#: A side that is slower by so much at the end than at the beginning was throttled: its times are no steady ones.
THROTTLED: Final = 0.25


@dataclass(frozen=True, slots=True)
class BrowserFigures:
    """What is shown of a cell. None: not seen."""

    cell: BrowserCell
    outcome: Outcome
    reason: str = ""
    pending: bool = False  # it goes on, or is still to come
    rounds: int = 0
    planned: int = 0
    #: Sides that ended by themselves, or were never exported for this runtime, each with its reason.
    ended: Mapping[Framework, CellEnd] = field(default_factory=dict)
    ratio: Span | None = None  # TensorFlow's time over PyTorch's
    verdict: Verdict = Verdict.UNDECIDED  # of a cell that came to its end
    p: float = 1.0
    latency: Mapping[Framework, Span] = field(default_factory=dict)  # seconds a call
    deviation: Mapping[Framework, float] = field(default_factory=dict)  # of any logit from the source's
    drift: Mapping[Framework, float] = field(default_factory=dict)  # last time over the first, less 1
    build_s: Mapping[Framework, float] = field(default_factory=dict)  # medians, as the next two
    first_s: Mapping[Framework, float] = field(default_factory=dict)
    load_s: float | None = None
    heap_bytes: int = 0

    @property
    def complete(self) -> bool:
        """Whether it came to its last round."""
        return self.rounds == self.planned > 0

    def end(self, side: Framework) -> CellEnd:
        """What became of a side: its own end, else the cell's."""
        return self.ended.get(side, CellEnd(self.outcome, self.reason))


def figures(visit: Visit) -> tuple[BrowserFigures, ...]:
    """Every chosen cell, in the plan's order. Verdicts of complete cells are read together (Holm's correction)."""
    found = [of_cell(visit, cell) for cell in visit.plan.cells if cell.id in visit.chosen]
    judged = [i for i, one in enumerate(found) if one.outcome is Outcome.OK and one.verdict is not Verdict.UNDECIDED]
    for equal in (False, True):
        family = [i for i in judged if equal == (found[i].verdict is Verdict.EQUAL)]
        compared = sum(one.ratio is not None for one in found)
        p_values = [found[i].p for i in family] + [1.0] * (compared - len(family))
        for i, stands in zip(family, holm(p_values), strict=False):
            if not stands:
                found[i] = replace(found[i], verdict=Verdict.UNDECIDED)
    return tuple(found)


def of_cell(visit: Visit, cell: BrowserCell) -> BrowserFigures:
    """One cell by itself; without rounds as far as is known how it ended."""
    record = visit.records.get(cell.id, CellRecord(cell))
    planned = len(visit.plan.orders[cell.id])
    outcome = Outcome.CANCELLED if len(record.rounds) < planned else Outcome.OK
    reason = "" if outcome is Outcome.OK else "It is still to come."
    if record.end is not None:
        outcome, reason = record.end.outcome, record.end.reason
    ended = {**_not_exported(visit.plan.kit, cell), **record.ended}
    pending = record.end is None and outcome is not Outcome.OK
    made = BrowserFigures(cell, outcome, reason, pending, len(record.rounds), planned, ended)
    if not record.rounds:
        return made
    times = {side: _times(record, side) for side in record.playing}
    drift = {side: _drift(rounds) for side, rounds in times.items()}
    ratio = _ratio(record) if len(times) == len(FRAMEWORKS) else None
    starts = {side: [r.starts[side] for r in record.rounds if side in r.starts] for side in times}
    made = replace(
        made,
        latency={side: _span(_estimate([[fmean(map(math.log, one)) for one in r] for r in rounds]))
                 for side, rounds in times.items()},
        drift=drift,
        deviation={
            side: summary.deviation(answers, visit.plan.kit.answers[side])
            for side, answers in record.rounds[0].answers.items()
        },
        build_s={side: median(start.build_s for start in seen) for side, seen in starts.items()},
        first_s={side: median(start.first_s for start in seen) for side, seen in starts.items()},
        load_s=median(r.load_s for r in record.rounds),
        heap_bytes=max(r.heap_bytes for r in record.rounds),
        ratio=_span(ratio) if ratio else None,
    )  # fmt: skip
    worst = max(drift.values(), default=0.0)
    if made.outcome is Outcome.OK and worst > THROTTLED:
        slower = f"It was slower by {percent(worst)} at the end than at the beginning"
        reason = f"{slower}: the device cut its speed, or other work took it."
        return replace(made, outcome=Outcome.CONTAMINATED, reason=reason)
    if made.outcome is Outcome.OK and made.complete and ratio is not None:
        verdict = verdicts.verdict("lower", ratio, MARGIN)
        made = replace(made, verdict=verdict, p=verdicts.claim(ratio, 1.0, MARGIN, verdict))
    return made


def _not_exported(kit: Kit, cell: BrowserCell) -> dict[Framework, CellEnd]:
    """Sides that have a way to the runtime and no export by it."""
    exports = [kit.export(side, cell.runtime) for side in FRAMEWORKS]
    return {
        one.framework: CellEnd(one.outcome, f"It was not exported: {one.reason}")
        for one in exports
        if one is not None and one.outcome is not Outcome.OK
    }


def _ratio(record: CellRecord) -> Estimate | None:
    processes = [
        [log for instance in one.instances if (log := verdicts.log_ratio(instance)) is not None]
        for one in record.rounds
    ]
    return _estimate([logs for logs in processes if logs]) if any(processes) else None


def _estimate(processes: Sequence[Sequence[float]]) -> Estimate:
    """Rounds are the processes of the engine's statistics: a fresh Worker has a memory of its own."""
    return statistics.nested(processes, TIME_FLOOR, STATED_FREEDOM, satterthwaite=True)


def _span(found: Estimate) -> Span:
    return Span(math.exp(found.log), math.exp(found.low), math.exp(found.high))


def _times(record: CellRecord, side: Framework) -> list[list[list[float]]]:
    """Seconds a call of each block, by instance and round."""
    return [[_of(instance, side) for instance in one.instances] for one in record.rounds]


def _of(instance: Instance, side: Framework) -> list[float]:
    if side in instance.blocks:
        return list(instance.blocks[side])
    return [wall for block in instance.superblocks for wall in verdicts.blocks(block, side, cpu=False)]


def _drift(rounds: Sequence[Sequence[Sequence[float]]]) -> float:
    """Median of the last third of the rounds against that of the first; 0 of one round alone."""
    some = max(1, len(rounds) // 3)
    first, last = (
        [wall for one in part for instance in one for wall in instance] for part in (rounds[:some], rounds[-some:])
    )
    return median(last) / median(first) - 1
