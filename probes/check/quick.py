"""The self-check's quick form: one process pair a framework, identical sides, then spoilt ones; at most a minute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial

from probes.catalog import find
from probes.check import agree, faults
from probes.check.schema import Finding, Spread, Trial, finding, unavailable
from probes.check.sides import Started, UnavailableError, both
from probes.check.spreads import spread_of
from probes.check.trials import Design, asked, covers, judged, measure, words
from probes.multiplicity import ALPHA
from probes.schema import FRAMEWORKS, TITLES, Framework, Verdict
from probes.system.quantities import percent
from probes.system.sentences import lower_first

PROBE = "mlp.inference_b1"
SLOWDOWN = 0.50  # one pair tells no less: how far pairs differ is only stated
FAMILY = 6  # comparisons in a quick run, which are read together
Start = Callable[..., AbstractContextManager[Started]]


def run(
    start: Start, *, cancelled: Callable[[], bool], tell: Callable[[str, float], None]
) -> tuple[list[Finding], list[Spread], list[Trial]]:
    """Findings, spreads and trials of the frameworks that can be had. Raises ChildError, CancelledError."""
    findings: list[Finding] = []
    spreads: list[Spread] = []
    trials: list[Trial] = []
    for number, framework in enumerate(FRAMEWORKS):
        share = number / len(FRAMEWORKS)
        tell(f"Starting {TITLES[framework]} twice", share)
        try:
            with start(both(framework), number, cancelled=cancelled) as pair:
                same, slow, found_here = _one(pair, framework, partial(_after, tell, share))
                spreads.append(spread_of([same], pair.seconds, 1))
        except UnavailableError as error:
            findings.append(unavailable(framework, str(error)))
            continue
        findings += found_here
        trials += [same, slow]
    return findings, spreads, trials


def _one(pair: Started, framework: Framework, tell: Callable[[str, float], None]) -> tuple[Trial, Trial, list[Finding]]:
    """One framework: identical sides, a slow one, and what was found on these and on spoilt ones."""
    tell(f"{TITLES[framework]} against itself", 0.2)
    same = _trial(pair, Design(PROBE, framework, rounds=1))
    tell(f"{TITLES[framework]} against itself, {percent(SLOWDOWN)} slower", 0.3)
    slow = _trial(pair, Design(PROBE, framework, slowdown=SLOWDOWN, rounds=1))
    tell(f"{TITLES[framework]}, sides spoilt on purpose", 0.4)
    return (
        same,
        slow,
        [
            identical([same], Design(PROBE, framework, rounds=1)),
            found([slow], Design(PROBE, framework, slowdown=SLOWDOWN, rounds=1)),
            faults.idle(pair, framework, PROBE),
            agree.harness(pair, framework, PROBE),
            faults.broken_half(pair, framework, PROBE),
            faults.unfinished_steps(pair, framework, PROBE),
            faults.hog(pair, framework, PROBE),
        ],
    )


def _after(tell: Callable[[str, float], None], share: float, message: str, part: float) -> None:
    tell(message, share + part)


def identical(trials: Sequence[Trial], design: Design) -> Finding:
    """Of identical sides none may win."""
    winners = sum(map(_winner, trials))
    standing = sum(_winner(trial) and _stands(trial) for trial in trials)
    equal = sum(trial.verdict is Verdict.EQUAL for trial in trials)
    said = (
        f"{len(trials)} verdicts: {winners} false winners by themselves at {percent(ALPHA)} each, {standing} that "
        f"stand among the {FAMILY} comparisons of a run; {equal} equal, {len(trials) - winners - equal} undecided."
    )
    return finding(
        "identical",
        f"Identical sides have no winner ({_name(design)})",
        _of_one(trials) or said,
        passed=(winners if len(trials) == 1 else standing) <= len(trials) // 100,
        framework=design.framework,
        probe=design.probe,
        figures={"verdicts": len(trials), "false_winners": winners, "standing": standing, "equal": equal},
    )


def _of_one(trials: Sequence[Trial]) -> str:
    """What there is to say of a single trial; "" of several."""
    if len(trials) != 1:
        return ""
    (trial,) = trials
    return f"Ratio {trial.estimate:.3f} ({trial.low:.3f} to {trial.high:.3f}): {words(trial)}."


def _winner(trial: Trial) -> bool:
    return trial.verdict in (Verdict.PYTORCH, Verdict.TENSORFLOW)


def _stands(trial: Trial) -> bool:
    """Whether it would be the first to stand among the comparisons that a quick run makes (Holm's first step)."""
    return trial.p is None or trial.p <= ALPHA / FAMILY


def found(trials: Sequence[Trial], design: Design) -> Finding:
    """A slow-down of known size must be found, and the interval must hold it."""
    right = sum(trial.verdict is Verdict.PYTORCH for trial in trials)
    held = sum(covers(trial, design) for trial in trials)
    wrong = sum(trial.verdict is Verdict.TENSORFLOW for trial in trials)
    margin = asked(design.probe, design.slowdown).calibration.margin
    said = (
        f"{right} of {len(trials)} found with a margin of {percent(margin)}, interval holds the truth in {held}, "
        f"{wrong} opposite verdicts."
    )
    return finding(
        f"slow.{design.slowdown:g}",
        f"A slow-down of {percent(design.slowdown)} by real extra steps is found ({_name(design)})",
        _of_one(trials) or said,
        passed=not wrong and right >= 0.95 * len(trials),
        framework=design.framework,
        probe=design.probe,
        figures={"trials": len(trials), "found": right, "held": held, "opposite": wrong},
    )


def _name(design: Design) -> str:
    return lower_first(find(design.probe).spec.title)


def _trial(pair: Started, design: Design) -> Trial:
    return judged(design, [measure(pair, design, "quick", design.framework, design.every)])
