"""How often the engine's verdicts are wrong, simulated through its own functions: ``python -m benchmarks.inference``.

Machines are simulated whose processes differ by once, twice and three times what is stated. Printed are the coverage of
95 % intervals; families (all probes of a run) in which a false winner stands though all sides are identical, after one
run and at any time in five runs that are pooled; and families in which a false «equal» stands though every side
differs by just the margin.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from probes import catalog
from probes.engine.judging import statistics
from probes.engine.judging.statistics import TIME_FLOOR
from probes.engine.judging.verdicts import Rules, judge
from probes.engine.planning.plan import looks_after
from probes.engine.planning.significance import ALPHA, STATED_FREEDOM
from probes.multiplicity import holm
from probes.results import Instance, Measurement
from probes.schema import Verdict

PROBE = catalog.find("mlp.inference_b1")  # any timed probe: its label decides nothing
MARGIN = 0.05
WITHIN = 0.01  # log-ratios of instances of one pair


@dataclass(frozen=True, slots=True)
class Design:
    """What a budget comes to."""

    name: str
    probes: int
    rounds: int
    instances: int

    @property
    def rules(self) -> Rules:
        """As a run states them."""
        return Rules(looks_after(self.rounds), MARGIN, TIME_FLOOR, STATED_FREEDOM)


DESIGNS = (Design("quick", 6, 3, 3), Design("standard", 18, 4, 4), Design("thorough", 37, 6, 3))


def logs(rng: np.random.Generator, runs: int, design: Design, factor: float, truth: float) -> NDArray[np.float64]:
    """Log-ratios (runs, rounds, instances) of a machine whose processes differ by ``factor`` times what is stated."""
    between = rng.normal(truth, factor * TIME_FLOOR, (runs, design.rounds, 1))
    found: NDArray[np.float64] = between + rng.normal(0, WITHIN, (runs, design.rounds, design.instances))
    return found


def coverage(design: Design, factor: float, runs: int, seed: int = 1) -> tuple[float, float]:
    """Share of 95 % intervals over all rounds that hold the truth, and their median half width (log scale)."""
    estimates = [
        statistics.nested(run.tolist(), TIME_FLOOR, STATED_FREEDOM, satterthwaite=True)
        for run in logs(np.random.default_rng(seed), runs, design, factor, 0.0)
    ]
    held = float(np.mean([estimate.low <= 0 <= estimate.high for estimate in estimates]))
    return held, float(np.median([estimate.half_width for estimate in estimates]))


def claims(rules: Rules, values: Sequence[Sequence[float]]) -> tuple[Verdict, float]:
    """What ``judge`` makes of one probe's log-ratios, a sequence of instances for each round."""
    rounds = [
        Measurement(PROBE.spec.id, {}, tuple(Instance(single={"pytorch": 1.0, "tensorflow": math.exp(x)}) for x in one))
        for one in values
    ]
    judged = judge(PROBE, rounds, rules, complete=len(rounds), doubted=False)
    assert judged is not None  # noqa: S101 - every round has instances
    return judged.verdict, judged.p


def standing(family: Sequence[tuple[Verdict, float]], wrong: set[Verdict]) -> bool:
    """Whether a verdict of these stands among the family's."""
    ps = [p if verdict in wrong else 1.0 for verdict, p in family]
    return any(holm(ps))


WINNERS = {Verdict.PYTORCH, Verdict.TENSORFLOW}


def false_claims(design: Design, factor: float, families: int, *, truth: float, wrong: set[Verdict]) -> float:
    """Share of families in which a claim of ``wrong`` stands after one run."""
    rng, count = np.random.default_rng(2), 0
    for _ in range(families):
        values = logs(rng, design.probes, design, factor, truth).tolist()
        count += standing([claims(design.rules, probe) for probe in values], wrong)
    return count / families


def false_winners_of_five(design: Design, factor: float, families: int) -> float:
    """Share of families of identical sides in which a winner stands after any of five runs that are pooled.

    What a run decided isn't measured any further in it; the next run measures everything again.
    """
    rng, count = np.random.default_rng(3), 0
    for _ in range(families):
        pooled: list[list[list[float]]] = [[] for _ in range(design.probes)]
        for run in range(1, 6):
            for probe, values in zip(pooled, logs(rng, design.probes, design, factor, 0.0).tolist(), strict=True):
                probe += values
            looks = tuple((run - 1) * design.rounds + look for look in design.rules.looks)
            rules = replace(design.rules, looks=looks, run=run)
            if standing([claims(rules, probe) for probe in pooled], WINNERS):
                count += 1
                break
    return count / families


def rows(runs: int, families: int, factors: Sequence[float] = (1, 2, 3)) -> Iterator[str]:
    """The table, a line for each design and machine."""
    yield "design    pairs  × stated  coverage  half width  false winner  of five runs  false «equal»"
    for design in DESIGNS:
        for factor in factors:
            held, width = coverage(design, factor, runs)
            once = false_claims(design, factor, families, truth=0.0, wrong=WINNERS)
            equal = false_claims(design, factor, families, truth=math.log1p(MARGIN), wrong={Verdict.EQUAL})
            five = false_winners_of_five(design, factor, families // 5)
            yield (
                f"{design.name:<9} {design.rounds} × {design.instances}  {factor:8g}  {held:8.3f}  {width:10.2%}"
                f"  {once:12.1%}  {five:12.1%}  {equal:13.1%}"
            )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5000, help="simulated probes for each coverage")
    parser.add_argument("--families", type=int, default=1000, help="simulated runs for each share of false claims")
    asked = parser.parse_args()
    print(f"Machines simulated with {asked.runs} probes and {asked.families} runs each; α = {ALPHA:g}")
    for row in rows(asked.runs, asked.families):
        print(row, flush=True)


if __name__ == "__main__":
    main()
