"""The self-check's standard form: the quick one, then identical sides in enough fresh pairs to know this machine's own
spread between processes, for inference and for training. About seven minutes on two shared cores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from probes.check import quick
from probes.check.quick import Start, identical
from probes.check.schema import Finding, Spread, Trial
from probes.check.sides import both
from probes.check.spreads import spread_of
from probes.check.trials import Design, Piece, judged, measure
from probes.schema import TITLES

PROBES = ("mlp.inference_b1", "mlp.throughput_b256", "mlp.train_step")
PAIRS = 12
INSTANCES = 3
_QUICK_SHARE = 0.15  # of the time


def run(
    start: Start, *, cancelled: Callable[[], bool], tell: Callable[[str, float], None]
) -> tuple[list[Finding], list[Spread], list[Trial]]:
    """Findings, spreads and trials. Raises ChildError, CancelledError."""
    findings, seen, trials = quick.run(
        start, cancelled=cancelled, tell=lambda message, fraction: tell(message, _QUICK_SHARE * fraction)
    )
    spreads: list[Spread] = []
    able = [spread.framework for spread in seen]
    for number, framework in enumerate(able):
        designs = [Design(probe, framework, rounds=PAIRS, instances=INSTANCES) for probe in PROBES]
        pieces: list[list[Piece]] = [[] for _ in designs]
        seconds = 0.0
        for index in range(PAIRS):
            done = (number * PAIRS + index) / (len(able) * PAIRS)
            message = f"{TITLES[framework]} against itself, fresh pair {index + 1} of {PAIRS}"
            tell(message, _QUICK_SHARE + (1 - _QUICK_SHARE) * done)
            with start(both(framework), index, seed=1, cancelled=cancelled) as pair:
                seconds += pair.seconds
                for design, found in zip(designs, pieces, strict=True):
                    found.append(measure(pair, design, "standard", framework, index))
        for design, found in zip(designs, pieces, strict=True):
            trial = judged(design, found)
            trials.append(trial)
            spreads.append(spread_of([trial], seconds / PAIRS, PAIRS))
            one = identical([trial], design)  # the quick form has asked the same of one pair
            findings.append(replace(one, id=f"{one.id}.{PAIRS}", title=f"{one.title}, over {PAIRS} fresh pairs"))
    return findings, spreads, trials
