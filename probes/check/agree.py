"""What the harness itself costs, and whether other people's timers see the same."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from probes.catalog import TITLES, find
from probes.check.schema import Finding
from probes.check.sides import TIME_LIMIT, Started
from probes.engine import plan as planning
from probes.engine.child import Child
from probes.engine.statistics import hodges_lehmann
from probes.schema import FRAMEWORKS, Framework, RunRequest

COST_ALLOWED = 5e-6  # seconds a step
TIMER_ALLOWED = 0.02
LOOPS = 100_000
TURNS = 12  # pairs of blocks, one under either timer


def harness(started: Started, framework: Framework, probe: str) -> Finding:
    """Seconds a step of the clocked loop around nothing."""
    child = started.children[FRAMEWORKS[0]]
    step = prepared(child, probe)
    costs = [child.ask("cost", timeout=TIME_LIMIT, steps=LOOPS)["wall"] for _ in range(5)]
    cost = median(costs)
    said = f"{cost * 1e9:.0f} ns a step, {cost / step:.3%} of a prediction; allowed: 5 µs."
    title = f"The harness costs next to nothing ({TITLES[framework]})"
    state = "passed" if cost <= COST_ALLOWED else "failed"
    return Finding(f"cost.{probe}.{framework}", title, state, said, {"seconds": cost, "share": cost / step})  # type: ignore[arg-type]


def timer(started: Started, probes: Sequence[str]) -> list[Finding]:
    """PyTorch's own Timer on the same instance, in turns with the engine's blocks."""
    findings = []
    child = started.children[FRAMEWORKS[0]]
    for probe in probes:
        step = prepared(child, probe)
        steps = max(1, round(planning.BLOCK_SECONDS / step))
        logs = []
        for turn in range(TURNS):
            order = ("block", "reference") if turn % 2 == 0 else ("reference", "block")
            took = {what: _seconds(child, what, steps) for what in order}
            logs.append(took["block"] / took["reference"] - 1)
        off = hodges_lehmann(logs)
        said = f"The engine's time is {off:+.1%} off PyTorch's Timer ({TURNS} turns); allowed: ± 2 %."
        state = "passed" if abs(off) <= TIMER_ALLOWED else "failed"
        title = f"PyTorch's own Timer sees the same ({find(probe).spec.title})"
        findings.append(Finding(f"timer.{probe}", title, state, said, {"off": off}))  # type: ignore[arg-type]
    return findings


def _seconds(child: Child, what: str, steps: int) -> float:
    more = {"discard": 1} if what == "block" else {}
    return float(child.ask(what, timeout=TIME_LIMIT, steps=steps, **more)["wall"])


def prepared(child: Child, probe: str) -> float:
    """An honest instance, warm; seconds a step."""
    child.ask("tamper", timeout=TIME_LIMIT)
    sizes = planning.sizes_of(RunRequest(), find(probe))
    child.ask("prepare", timeout=TIME_LIMIT, probe=probe, seed=3, sizes=sizes)
    return float(child.ask("warm", timeout=TIME_LIMIT, limit=0.5)["step_s"])
