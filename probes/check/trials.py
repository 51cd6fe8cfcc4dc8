"""Verdicts on sides of known truth, by the same functions that judge PyTorch and TensorFlow."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from probes.catalog import find
from probes.check.schema import Trial
from probes.check.sides import TIME_LIMIT, Started, both
from probes.engine import plan as planning
from probes.engine import statistics, verdicts
from probes.engine.blocks import Timing, time_instance
from probes.engine.results import summarise
from probes.schema import FRAMEWORKS, Framework, Instance, Measurement, Round, RunRequest, SideReport, Verdict

WARMUP = 1.0  # seconds a side at most
#: What a slow side is called: labels are PyTorch and TensorFlow, whatever runs under them.
SLOW: Framework = "tensorflow"


@dataclass(frozen=True, slots=True)
class Design:
    """One kind of trial: ``rounds`` process pairs of ``instances`` each, with so many seconds of blocks."""

    probe: str
    framework: Framework
    slowdown: float = 0.0
    rounds: int = 2
    instances: int = 4
    seconds: float = 0.4

    @property
    def every(self) -> int:
        """After how many steps the slow side does one more."""
        return round(1 / self.slowdown) if self.slowdown else 0


@dataclass(frozen=True, slots=True)
class Piece:
    """What one pair gave to one trial."""

    instances: tuple[Instance, ...]
    starved: bool
    seconds: float


def measure(
    started: Started, design: Design, *seed: object, tell: Callable[[str], None] = lambda _: None, **spoilt: bool
) -> Piece:
    """The instances of one trial in one pair; the second side also ``spoilt``. Raises what ``Child.ask`` raises."""
    children = [started.children[label] for label in FRAMEWORKS]
    for child in children:
        how = {"extra_every": design.every, **spoilt} if child.framework == SLOW else {}
        child.ask("tamper", timeout=TIME_LIMIT, **how)
    begin, instances, starved = time.monotonic(), [], False
    probe = find(design.probe)
    for number in range(design.instances):
        tell(f"{probe.spec.title}, instance {number + 1} of {design.instances}")
        timing = Timing(
            probe=design.probe,
            seed=planning.seed_of(*seed, number),
            sizes=planning.sizes_of(RunRequest(), probe),
            seconds=design.seconds,
            warmup=WARMUP,
            timeout=TIME_LIMIT,
            multiple_of=max(1, design.every),
        )
        timed = time_instance(children, timing)
        instances.append(timed.instance)
        starved = starved or timed.starved
    return Piece(tuple(instances), starved, time.monotonic() - begin)


def judged(design: Design, pieces: Sequence[Piece], *, margin: float = 0.05, spread: float | None = None) -> Trial:
    """The verdict over one trial's pieces, one a pair."""
    request = RunRequest(probes=(design.probe,), margin=margin)
    if spread is not None:
        request = RunRequest(probes=(design.probe,), margin=margin, spread=spread)
    well = {framework: SideReport() for framework in FRAMEWORKS}
    rounds = [
        Round(
            index,
            (Measurement(design.probe, well, piece.instances),),
            contended=piece.starved,
            seconds=piece.seconds,
        )
        for index, piece in enumerate(pieces)
    ]
    (result,) = summarise(request, rounds, planned_rounds=len(rounds))
    assert result.ratio is not None  # noqa: S101 - every instance has both sides
    return Trial(
        probe=design.probe,
        framework=design.framework,
        slowdown=design.slowdown,
        logs=tuple(
            tuple(round(log, 6) for i in piece.instances if (log := verdicts.log_ratio(i)) is not None)
            for piece in pieces
        ),
        verdict=result.verdict,
        estimate=result.ratio.estimate,
        low=result.ratio.low,
        high=result.ratio.high,
        seconds=round(sum(piece.seconds for piece in pieces), 2),
        contended=result.contended,
        p=result.p,
    )


def rejudged(trial: Trial) -> Trial:
    """The trial by today's rules: what is kept are its log-ratios, and a verdict is what the rules make of them.

    Whether CPU time bore a verdict out isn't kept. A contended trial that had no winner gets none.
    """
    probe, request = find(trial.probe), RunRequest(probes=(trial.probe,))
    spread = planning.spread(request, probe)
    looks = planning.plan(request, len(trial.logs)).looks_of(probe)
    p = 1.0
    for look in looks:
        found = statistics.nested(trial.logs[:look], spread)
        if probe.measure_spec.samples_per_step:
            found = replace(found, log=-found.log)
        verdict, p_here = verdicts.called(probe, found, verdicts.Rules(looks, request.margin, spread))
        found, p = replace(found, alpha=statistics.ALPHA / len(looks)), min(p, p_here)
        if verdict is not Verdict.UNDECIDED:
            break
    if trial.contended and trial.verdict is Verdict.UNDECIDED:
        verdict = Verdict.UNDECIDED
    low, high = math.exp(found.low), math.exp(found.high)
    return replace(trial, verdict=verdict, p=p, estimate=math.exp(found.log), low=low, high=high)


def words(trial: Trial) -> str:
    """A verdict on sides of which the second may have been slowed down."""
    return {
        Verdict.PYTORCH: "the second side called slower",
        Verdict.TENSORFLOW: "the first side called slower",
        Verdict.EQUAL: "called equal",
        Verdict.UNDECIDED: "undecided",
    }[trial.verdict]


def truth(design: Design) -> float:
    """The ratio of the metric that the trial is about, second side over first."""
    slower = 1 + (1 / design.every if design.every else 0.0)
    return 1 / slower if find(design.probe).measure_spec.samples_per_step else slower


def covers(trial: Trial, design: Design) -> bool:
    """Whether the interval holds the truth."""
    return trial.low <= truth(design) <= trial.high


def batch(
    design: Design,
    trials: int,
    batch_number: int,
    start: Callable[..., AbstractContextManager[Started]],
    *,
    cancelled: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[list[Trial], float]:
    """``trials`` verdicts that share pairs but no data, and the mean seconds that starting a pair took.

    Each pair serves every trial of the batch in turn; each trial has instances of its own in every pair.
    """
    pieces: list[list[Piece]] = [[] for _ in range(trials)]
    starts = []
    for number in range(design.rounds):
        pair_number = batch_number * design.rounds + number
        with start(both(design.framework), pair_number, seed=batch_number, cancelled=cancelled, tell=tell) as pair:
            starts.append(pair.seconds)
            for trial in range(trials):
                seed = (design.probe, design.framework, design.every, pair_number, trial)
                pieces[trial].append(measure(pair, design, *seed, tell=tell))
    return [judged(design, found) for found in pieces], math.fsum(starts) / len(starts)
