"""The self-check's full form: enough trials to state error rates. Takes hours; what is done is not done again."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from probes.check import agree, faults
from probes.check.calibration import FEWEST_PAIRS, LEAST_SPREAD
from probes.check.quick import Start, found, identical
from probes.check.schema import Finding, Spread, Trial, finding, unavailable
from probes.check.sides import SWAPPED, TRUE, UnavailableError, both
from probes.check.spreads import spread_of
from probes.check.trials import Design, Piece, batch, judged, measure, rejudged
from probes.engine.planning import plan, time_costs
from probes.json_form import from_dict, to_dict
from probes.schema import FRAMEWORKS, TITLES, Framework, RunRequest, RunSetup, Verdict
from probes.system.quantities import percent

PROBES = ("mlp.inference_b1", "mlp.train_step")
SHARED = 10  # trials that take turns in the same pairs, at most
#: In one pair, about: enough for its start to cost little, few enough for long trials to stand on many pairs.
SHARED_INSTANCES = 30
#: What an instance takes besides its blocks, about.
INSTANCE_SECONDS = 0.9


@dataclass(frozen=True, slots=True)
class Series:
    """Trials of one design.

    ``budget``: seconds in which its verdict is promised, by a machine that knows its own spread between processes.
    """

    design: Design
    trials: int
    budget: float | None = None

    @property
    def name(self) -> str:
        """Names it in the book."""
        d = self.design
        within = f"+{d.within:g}s" if d.within else ""
        return f"{d.framework}/{d.probe}/{d.slowdown:g}/{d.rounds}x{d.instances}x{d.seconds:g}{within}"

    @property
    def shared(self) -> int:
        """How many trials take turns in the same pairs."""
        return min(SHARED, max(1, SHARED_INSTANCES // self.design.instances))

    @property
    def seconds(self) -> float:
        """About what a trial takes, the share of starting its pairs left out."""
        least = self.design.instances * (INSTANCE_SECONDS + self.design.seconds)
        return self.design.rounds * max(least, self.design.within)


def series() -> Iterator[Series]:
    """Identical sides first: 300 verdicts a framework at their share of the quick budget; then the same as planned for
    the time in which «equal» is promised, and slow-downs for that in which they must be found.
    """
    for framework in FRAMEWORKS:
        for probe in PROBES:
            yield Series(Design(probe, framework, rounds=2, instances=3), 150)
    for framework in FRAMEWORKS:
        for probe, effect, seconds in (
            ("mlp.inference_b1", 0.0, 60.0), ("mlp.inference_b1", 0.05, 60.0), ("mlp.inference_b1", 0.03, 120.0),
            ("mlp.train_step", 0.0, 180.0), ("mlp.train_step", 0.10, 60.0), ("mlp.train_step", 0.05, 180.0),
        ):  # fmt: skip
            yield Series(as_planned(probe, framework, effect, seconds), 20, seconds)
        yield from (Series(Design("mlp.inference_b1", framework, effect, 2, 4), 20) for effect in (0.01, 0.02, 0.10))


def as_planned(probe: str, framework: Framework, slowdown: float, budget: float) -> Design:
    """What a run of this probe alone would do with ``budget`` seconds, both frameworks' starts included, as they are
    reckoned with.

    A pair of one framework may start sooner. The time that this saves isn't used; the time of instances that take less
    than they are reckoned with is, as in a run.
    """
    planned = plan.plan(RunSetup(RunRequest(probes=(probe,), budget=budget)))
    left = planned.round_seconds - planned.pace * time_costs.pair_seconds(planned.probes)
    seconds = plan.timing_seconds(planned, planned.probes, left)
    return Design(
        probe, framework, slowdown, planned.rounds, planned.instances, round(seconds, 2), within=round(left, 1)
    )


@dataclass
class Book:
    """Finished batches, one JSON line each, appended at once. Without a file they live as long as this object.

    Raises ValueError for a line that can't be read, which is left as it is.
    """

    file: Path | None = None
    lines: dict[str, list[tuple[list[Trial], float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.file and self.file.exists():
            for number, line in enumerate(self.file.read_text(encoding="utf-8").splitlines(), start=1):
                try:
                    entry = json.loads(line)
                    trials = [from_dict(Trial, trial) for trial in entry["trials"]]
                    self.of(entry["series"]).append((trials, float(entry["pair_seconds"])))
                except (ValueError, KeyError, TypeError) as error:
                    said = f"--trials: {self.file}, line {number} is not a batch of trials, or it was cut off"
                    raise ValueError(f"{said}; without that line the rest is used") from error

    def of(self, name: str) -> list[tuple[list[Trial], float]]:
        return self.lines.setdefault(name, [])

    def trials(self, name: str) -> list[Trial]:
        """Finished trials of a series, as they were kept."""
        return [trial for trials, _ in self.of(name) for trial in trials]

    def done(self, name: str) -> int:
        return len(self.trials(name))

    def add(self, name: str, trials: list[Trial], pair_seconds: float) -> None:
        self.of(name).append((trials, pair_seconds))
        if self.file:
            entry = {"series": name, "pair_seconds": pair_seconds, "trials": [to_dict(trial) for trial in trials]}
            with self.file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(entry, separators=(",", ":")) + "\n")


def run(
    start: Start,
    *,
    cancelled: Callable[[], bool],
    tell: Callable[[str, float], None],
    book: Book,
    seconds: float = math.inf,
) -> tuple[list[Finding], list[Spread], list[Trial]]:
    """Findings, spreads and trials. After ``seconds`` no batch begins any more, and what there is is reported.

    Raises ChildError, CancelledError.
    """
    findings, able = _spoilt(start, cancelled, tell)
    planned = [one for one in series() if one.design.framework in able]
    _fill(book, planned, start, cancelled=cancelled, tell=tell, until=time.monotonic() + seconds)
    spreads = {one.name: spread for one in planned if (spread := _spread(book, [one])) is not None}
    trials: list[Trial] = []
    for one in planned:
        spread = _spread(book, _alike(planned, one)) if one.budget else None
        between = max(LEAST_SPREAD, spread.between) if spread and spread.pairs >= FEWEST_PAIRS else None
        own = [rejudged(trial, between) for trial in book.trials(one.name)]
        trials += own
        findings.append(_finding(one, own, between) if own else _not_measured(one))
    if len(able) == len(FRAMEWORKS):
        findings.append(_swapped(start, cancelled))
    return findings, list(spreads.values()), trials


def _alike(planned: Sequence[Series], one: Series) -> list[Series]:
    """The other series of identical sides of its probe and framework: nothing is judged by a spread of its own."""
    design = one.design
    others = [other for other in planned if other != one and not other.design.slowdown]
    return [o for o in others if (o.design.probe, o.design.framework) == (design.probe, design.framework)]


def _spread(book: Book, of: Sequence[Series]) -> Spread | None:
    """How identical sides scatter; None without any trial of them."""
    batches = [(one, batch_) for one in of if not one.design.slowdown for batch_ in book.of(one.name)]
    if not batches:
        return None
    pair_seconds = sum(seconds for _, (_, seconds) in batches) / len(batches)
    pairs = sum(one.design.rounds for one, _ in batches)
    return spread_of([trial for _, (trials, _) in batches for trial in trials], pair_seconds, pairs)


def _finding(one: Series, trials: Sequence[Trial], between: float | None) -> Finding:
    finding_ = (found if one.design.slowdown else identical)(trials, one.design)
    if one.budget is None:
        return finding_
    said = finding_.said
    if between is not None:
        said += (
            f" Reckoned with a spread of {percent(between, 1)} between processes, as other identical sides showed it."
        )
    return replace(
        finding_,
        id=f"{finding_.id}.{one.budget:g}s",
        title=f"{finding_.title}, in {one.budget:g} s",
        said=said,
        figures={**finding_.figures, **({} if between is None else {"spread": between})},
    )


def _fill(
    book: Book,
    planned: Sequence[Series],
    start: Start,
    *,
    cancelled: Callable[[], bool],
    tell: Callable[[str, float], None],
    until: float,
) -> None:
    """Batch after batch into the book, of that series next that has the least of its trials, then of the shortest.

    So every figure has a value early, however soon the time is over.
    """
    total = sum(one.trials for one in planned)
    while due := [one for one in planned if book.done(one.name) < one.trials]:
        if time.monotonic() >= until:
            return
        one = min(due, key=lambda one: (book.done(one.name) / one.trials, one.seconds))
        done = book.done(one.name)
        tell(f"{one.name}: {done} of {one.trials} trials", sum(book.done(o.name) for o in planned) / total)
        number = len(book.of(one.name))
        book.add(one.name, *batch(one.design, min(one.shared, one.trials - done), number, start, cancelled=cancelled))


def _not_measured(one: Series) -> Finding:
    said = f"None of {one.trials} trials was done in the time there was."
    return Finding(one.name, one.name, "not measured", said, framework=one.design.framework, probe=one.design.probe)


def _spoilt(
    start: Start, cancelled: Callable[[], bool], tell: Callable[[str, float], None]
) -> tuple[list[Finding], list[Framework]]:
    """What either framework's spoilt sides show, and which frameworks can be had here."""
    findings: list[Finding] = []
    able: list[Framework] = []
    for number, framework in enumerate(FRAMEWORKS):
        tell(f"{TITLES[framework]}: sides spoilt on purpose, and other people's clocks", 0.0)
        try:
            with start(both(framework), number, cancelled=cancelled) as pair:
                able.append(framework)
                for probe in PROBES:
                    findings.append(agree.harness(pair, framework, probe))
                    spoils = (faults.idle, faults.broken_half, faults.unfinished_steps, faults.hog)
                    findings += [spoil(pair, framework, probe) for spoil in spoils]
                findings += faults.unheeded_settings(pair, framework)
                findings += agree.others(pair, framework)
        except UnavailableError as error:
            findings.append(unavailable(framework, str(error)))
    return findings, able


def _swapped(start: Start, cancelled: Callable[[], bool]) -> Finding:
    """The verdict belongs to the framework and not to the label or the place."""
    design = Design("mlp.inference_b1", "pytorch", rounds=2, instances=4)
    verdicts = []
    for sides in (TRUE, SWAPPED):
        pieces: list[Piece] = []
        for number in range(design.rounds):
            with start(sides, number, cancelled=cancelled) as pair:
                pieces.append(measure(pair, design, "swapped", number))
        verdicts.append(judged(design, pieces).verdict)
    flip = {Verdict.PYTORCH: Verdict.TENSORFLOW, Verdict.TENSORFLOW: Verdict.PYTORCH}
    flipped = flip.get(verdicts[0]) == verdicts[1]
    said = f"PyTorch against TensorFlow: {verdicts[0]}; with swapped labels: {verdicts[1]}."
    title = "Swapped labels flip the verdict"
    return finding("swapped", title, said, passed=flipped, probe=design.probe)
