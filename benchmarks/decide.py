"""How long deciding takes on this machine: ``python -m benchmarks.decide ANSWERS.yaml [--repeats N]``.

Prints medians over the repeats of wall time and of this process's own CPU time, for the whole decision and for ranking
the options in it. The first decision is told apart: it draws all random numbers, which later ones find drawn.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from advisor import questionnaire
from advisor.decision.decide import decide
from advisor.decision.evidence.vetoes import vetoes
from advisor.decision.options import rank
from advisor.decision.sampling import weigh
from advisor.decision.scoring.draws import Stream
from advisor.knowledge import load

SAMPLES = 20_000


def main() -> None:
    """Time and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("answers", type=Path)
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    answers, known, stream = questionnaire.load(options.answers), load(), Stream(0, SAMPLES)
    first = _timed(lambda: decide(answers, known, samples=SAMPLES), 1)
    decision = decide(answers, known, samples=SAMPLES)
    print(f"{len(decision.options)} options, {len(decision.criteria)} rows, {SAMPLES:,} draws")
    _say("first decision", first)
    _say("decision", _timed(lambda: decide(answers, known, samples=SAMPLES), options.repeats))
    weighed, hard = weigh(answers, known, None, stream), vetoes(answers, known)
    _say("ranking the options", _timed(lambda: rank(weighed, answers, known, stream, hard), options.repeats))


def _timed(work: Callable[[], object], repeats: int) -> list[tuple[float, float]]:
    """Wall and CPU seconds of each repeat."""
    found = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
    return found


def _say(what: str, found: list[tuple[float, float]]) -> None:
    wall, cpu = (1e3 * statistics.median(times) for times in zip(*found, strict=True))
    print(f"  {what:<20} {wall:6.0f} ms wall, {cpu:6.0f} ms CPU")


if __name__ == "__main__":
    main()
