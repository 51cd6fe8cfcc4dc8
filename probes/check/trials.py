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
from probes.engine.judging import verdicts
from probes.engine.judging.results import summarise
from probes.engine.planning import plan
from probes.engine.running.blocks import Timing, time_instance
from probes.results import Instance, Measurement, Round, SideReport, Superblock
from probes.schema import FRAMEWORKS, Calibration, Framework, RunRequest, RunSetup, Verdict

WARMUP = 1.0  # seconds a side at most
#: What a slow side is called: labels are PyTorch and TensorFlow, whatever runs under them.
SLOW: Framework = "tensorflow"


@dataclass(frozen=True, slots=True)
class Design:
    """One kind of trial: ``rounds`` process pairs of ``instances`` each, with so many seconds of blocks.

    ``within``: seconds of a pair that are the trial's. Where instances take less, there are more of them, as in a run.
    """

    probe: str
    framework: Framework
    slowdown: float = 0.0
    rounds: int = 2
    instances: int = 4
    seconds: float = 0.4
    within: float = 0.0

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
    children = list(started.children.values())  # in the order of their start, which alternates, as in a run
    for child in children:
        how = {"extra_every": design.every, **spoilt} if child.framework == SLOW else {}
        child.ask("tamper", timeout=TIME_LIMIT, **how)
    begin, starved = time.monotonic(), False
    instances: list[Instance] = []
    probe = find(design.probe)
    while plan.another(
        design.instances, number := len(instances), spent := time.monotonic() - begin, design.within - spent
    ):
        tell(f"{probe.spec.title}, instance {number + 1} of {design.instances}")
        timing = Timing(
            probe=design.probe,
            seed=plan.seed_of(*seed, number),
            sizes=probe.model.SPEC.sized({}),
            seconds=design.seconds,
            warmup=WARMUP,
            timeout=TIME_LIMIT,
            multiple_of=max(1, design.every),
        )
        timed = time_instance(children, timing)
        instances.append(timed.instance)
        starved = starved or timed.starved
    return Piece(tuple(instances), starved, time.monotonic() - begin)


def asked(probe: str, slowdown: float) -> RunSetup:
    """What somebody goes by who looks for such a slow-down: a margin that isn't wider.

    Within a wider one, sides that differ by it are rightly called equal.
    """
    today = plan.stated(Calibration(), [find(probe)])
    margin = min(today.margin, slowdown or today.margin)
    return RunSetup(RunRequest(probes=(probe,)), replace(today, margin=margin))


def judged(design: Design, pieces: Sequence[Piece]) -> Trial:
    """The verdict over one trial's pieces, one a pair."""
    well = {framework: SideReport() for framework in FRAMEWORKS}
    rounds = [
        Round(
            index, (Measurement(design.probe, well, piece.instances),), contended=piece.starved, seconds=piece.seconds
        )
        for index, piece in enumerate(pieces)
    ]
    (result,) = summarise(asked(design.probe, design.slowdown), rounds, planned_rounds=len(rounds))
    assert result.ratio is not None  # noqa: S101 - every instance has both sides
    return Trial(
        probe=design.probe,
        framework=design.framework,
        slowdown=design.slowdown,
        logs=_logs(pieces, cpu=False),
        verdict=result.verdict,
        estimate=result.ratio.estimate,
        low=result.ratio.low,
        high=result.ratio.high,
        seconds=round(sum(piece.seconds for piece in pieces), 2),
        contended=result.contended,
        p=result.p,
        cpu_logs=_logs(pieces, cpu=True) if result.contended else (),
    )


def _logs(pieces: Sequence[Piece], *, cpu: bool) -> tuple[tuple[float, ...], ...]:
    logs = ((verdicts.log_ratio(instance, cpu=cpu) for instance in piece.instances) for piece in pieces)
    return tuple(tuple(round(log, 6) for log in piece if log is not None) for piece in logs)


def rejudged(trial: Trial, spread: float | None = None) -> Trial:
    """The trial by today's rules: what is kept are its log-ratios, and a verdict is what the engine makes of them.

    ``spread``: between pairs, if another one than is stated is to be reckoned with. A contended trial of which no CPU
    times are kept (before 26 November 2026) gets no winner if it had none.
    """
    probe, setup = find(trial.probe), asked(trial.probe, trial.slowdown)
    looks, calibration = plan.plan(setup, len(trial.logs)).looks_of(probe), setup.calibration
    spread = plan.spread(calibration, probe) if spread is None else spread
    rules = verdicts.Rules(looks, calibration.margin, spread, calibration.spread_freedom, calibration.engine)
    cpu_logs = trial.cpu_logs or trial.logs
    rounds = [
        Measurement(probe.spec.id, {}, tuple(map(_instance, logs, cpu)))
        for logs, cpu in zip(trial.logs, cpu_logs, strict=True)
    ]
    found = verdicts.judge(probe, rounds, rules, complete=len(rounds), doubted=bool(trial.cpu_logs))
    assert found is not None  # noqa: S101 - every trial has instances of both sides
    unheard = trial.contended and not trial.cpu_logs and trial.verdict is Verdict.UNDECIDED
    return replace(
        trial,
        verdict=Verdict.UNDECIDED if unheard else found.verdict,
        p=found.p,
        estimate=math.exp(found.estimate.log),
        low=math.exp(found.estimate.low),
        high=math.exp(found.estimate.high),
    )


def _instance(log: float, cpu_log: float) -> Instance:
    wall, cpu = math.exp(log), math.exp(cpu_log)
    return Instance((Superblock("ABBA", (1.0, wall, wall, 1.0), (1.0, cpu, cpu, 1.0)),))


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
