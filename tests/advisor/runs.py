"""Runs made by hand: a probe's ratio and its interval, nothing measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from probes.engine.judging.best_modes import best_modes
from probes.results import ProbeResult, Ratio, RunResult, SideResult
from probes.schema import Better, Calibration, Framework, Machine, Outcome, RunRequest, Track, Verdict

MACHINE = Machine(
    fingerprint="00112233445566aa", name="Test CPU, 4 cores, 16 GiB", cpu="Test CPU", physical_cores=4, logical_cores=8,
    memory_bytes=16 * 2**30, gpus=(), os="Linux", kernel="6.1", python="3.11.9", virtualisation="",
    versions={"torch": "2.13.0", "tensorflow": "2.21.0"},
)  # fmt: skip
MODES: Mapping[Track, Mapping[Framework, str]] = {
    "default": {"pytorch": "eager", "tensorflow": "tf.function"},
    "careful": {"pytorch": "eager, careful", "tensorflow": "tf.function, careful"},
    "eager": {"pytorch": "eager", "tensorflow": "eager"},
    "tuned": {"pytorch": "torch.compile", "tensorflow": "XLA"},
}
METRICS: Mapping[str, tuple[str, str, Better]] = {
    "train_step": ("time per training step", "s", "lower"),
    "inference_b1": ("time per prediction, batch 1", "s", "lower"),
    "throughput_b256": ("samples per second, batch 256", "samples/s", "higher"),
    "memory_peak": ("peak memory while training", "B", "lower"),
    "startup": ("time to the end of the first training step", "s", "lower"),
    "time_to_accuracy": ("time to accuracy", "s", "lower"),
}


def result(
    measure: str,
    ratio: float | None = 1.0,
    *,
    spread: float = 1.05,
    base: float = 0.01,
    track: Track = "default",
    outcome: Outcome = Outcome.OK,
    reason: str = "",
    verdict: Verdict | None = None,
    provisional: bool = False,
) -> ProbeResult:
    """One probe. ``ratio`` is TensorFlow / PyTorch of the metric, ``spread`` the factor to the ends of its interval."""
    metric, unit, better = METRICS[measure]
    sides: dict[Framework, SideResult] = {}
    for side, factor in (("pytorch", 1.0), ("tensorflow", ratio or 1.0)):
        median = base * factor if ratio else None
        sides[side] = SideResult(MODES[track][side], median, (median,) if median else (), outcome, reason)
    return ProbeResult(
        probe=f"mlp.{measure}" + ("" if track == "default" else f".{track}"), model="mlp", measure=measure, track=track,
        title=measure, metric=metric, unit=unit, better=better, sides=sides,
        ratio=Ratio(ratio, ratio / spread, ratio * spread, 0.95) if ratio else None,
        verdict=verdict or Verdict.PYTORCH, outcome=outcome, reason=reason, provisional=provisional, rounds=2,
    )  # fmt: skip


def run(*results: ProbeResult) -> RunResult:
    """A run of these results."""
    best = best_modes(results, {}, Calibration())
    return RunResult(
        MACHINE, RunRequest(device="cpu"), results, started_at="2026-11-20T09:00:00+00:00", seconds=60.0, best=best
    )


def quick(ratio: float = 1.0, **changes: float) -> RunResult:
    """All quick probes, with one ratio of costs but for those named."""
    costs = {measure: changes.get(measure, ratio) for measure in METRICS if measure != "time_to_accuracy"}
    return run(
        *(result(m, cost if METRICS[m][2] == "lower" else 1 / cost) for m, cost in costs.items()),
    )


def swapped(run_: RunResult) -> RunResult:
    """The same run with the frameworks' names exchanged."""

    def swap(old: ProbeResult) -> ProbeResult:
        ratio = old.ratio and Ratio(1 / old.ratio.estimate, 1 / old.ratio.high, 1 / old.ratio.low, old.ratio.confidence)
        sides = {"pytorch": old.sides["tensorflow"], "tensorflow": old.sides["pytorch"]}
        return replace(old, ratio=ratio, sides=sides)

    return run(*(swap(old) for old in run_.results))
