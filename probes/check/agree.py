"""What the harness itself costs, and whether other people's timers see the same."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from probes.catalog import find
from probes.check.schema import Finding, finding
from probes.check.sides import TIME_LIMIT, Started
from probes.engine.judging.statistics import hodges_lehmann
from probes.engine.planning.plan import discarded
from probes.engine.running.child import Child, ChildError
from probes.schema import FRAMEWORKS, Framework, Outcome
from probes.system.quantities import percent

Timer = Literal["timer", "pyperf"]

COST_ALLOWED = 5e-6  # seconds a step
LOOPS = 100_000
TURNS = (24, 320)  # pairs of blocks, one under either timer: at least, and at most until the error is small
BLOCK_SECONDS = 0.02  # of one turn
WIDTHS = (128, 256, 1024)
PROBES = ("mlp.inference_b1", "mlp.throughput_b256", "mlp.train_step")


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else's timer: what it is called, and how far off the engine may be."""

    id: Timer
    title: str
    allowed: float


TIMER = Other("timer", "torch.utils.benchmark.Timer", 0.01)
PYPERF = Other("pyperf", "pyperf", 0.015)


def harness(started: Started, framework: Framework, probe: str) -> Finding:
    """Seconds a step of the clocked loop around nothing."""
    child = started.children[FRAMEWORKS[0]]
    step = prepared(child, probe)
    costs = [child.ask("cost", timeout=TIME_LIMIT, steps=LOOPS)["wall"] for _ in range(5)]
    cost = median(costs)
    return finding(
        "cost",
        "The harness costs next to nothing",
        f"{cost * 1e9:.0f} ns a step, {percent(cost / step, 3)} of one; allowed: 5 µs.",
        passed=cost <= COST_ALLOWED,
        framework=framework,
        probe=probe,
        figures={"seconds": cost, "share": cost / step},
    )


def others(started: Started, framework: Framework) -> Iterator[Finding]:
    """The engine beside every other timer that measures this framework, over three probes in three widths each."""
    if framework == "pytorch":
        yield agreement(started, framework, TIMER)
    said = "pyperf is not installed: pip install pyperf"
    if importlib.util.find_spec("pyperf"):
        try:
            yield agreement(started, framework, PYPERF)
            return
        except ChildError as error:  # the side's own interpreter may lack it
            if error.outcome is not Outcome.UNSUPPORTED:
                raise
            said = error.reason
    yield finding(PYPERF.id, _title(PYPERF), said, passed=None, framework=framework)


def agreement(started: Started, framework: Framework, other: Other) -> Finding:
    """Block by block in turns on the same instance, so that whatever else happens on the machine happens to both."""
    child = started.children[FRAMEWORKS[0]]
    found = {(probe, width): _off(child, probe, width, other) for probe in PROBES for width in WIDTHS}
    (probe, width), (off, error) = max(found.items(), key=lambda item: abs(item[1][0]))
    said = (
        f"Over {len(found)} workloads at most {off * 100:+.1f} % off ({find(probe).spec.title.lower()}, {width} wide, "
        f"standard error {percent(error, 1)}); allowed: ± {percent(other.allowed, 1)}."
    )
    far = [(off, error) for off, error in found.values() if abs(off) > other.allowed]
    sure = any(abs(off) - 2 * error > other.allowed for off, error in far)
    figures = {f"{probe} {width}": off for (probe, width), (off, _) in found.items()}
    passed = False if sure else None if far else True
    return finding(other.id, _title(other), said, passed=passed, framework=framework, figures=figures)


def prepared(child: Child, probe: str, width: int | None = None) -> float:
    """An honest instance, warm; seconds a step."""
    child.ask("tamper", timeout=TIME_LIMIT)
    wide = {"mlp": {"hidden1": width, "hidden2": width}} if width else {}
    child.ask("prepare", timeout=TIME_LIMIT, probe=probe, seed=3, sizes=find(probe).model.SPEC.sized(wide))
    return float(child.ask("warm", timeout=TIME_LIMIT, limit=0.5)["step_s"])


def _off(child: Child, probe: str, width: int, other: Other) -> tuple[float, float]:
    """How much longer the engine says that a step takes, a fraction, and the standard error of that."""
    step = prepared(child, probe, width)
    steps, discard = max(1, round(BLOCK_SECONDS / step)), discarded(step)
    found: list[float] = []
    while True:
        took = {}
        for what in ("engine", "other") if len(found) % 2 == 0 else ("other", "engine"):
            # Either does what a run discards before its clock starts: the first steps after a pause find cold caches.
            command, how = ("block", {}) if what == "engine" else ("reference", {"timer": other.id})
            took[what] = float(child.ask(command, timeout=TIME_LIMIT, steps=steps, discard=discard, **how)["wall"])
        found.append(took["engine"] / took["other"] - 1)
        if len(found) >= TURNS[0] and (_error(found) <= other.allowed / 4 or len(found) == TURNS[1]):
            return hodges_lehmann(found), _error(found)


def _error(found: Sequence[float]) -> float:
    """Standard error: 1.4826 MAD is a normal sample's standard deviation, and the estimate nearly as good as a mean."""
    middle = median(found)
    return float(1.4826 * median(abs(x - middle) for x in found) / len(found) ** 0.5)


def _title(other: Other) -> str:
    return f"{other.title} sees the same"
