"""How far estimates without a clock are off: ``python -m benchmarks.roofline [--peaks]``.

Every step of every machine on record is predicted from the other machines and the other networks, with a band as wide
as predictions of others were off (``advisor.estimated.roofline``). Prints how often the band holds what was measured,
and how wide it is. ``--peaks``: what this machine shows, for a row of ``data/peaks.yaml``.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from statistics import median
from typing import Final

from advisor.estimated.roofline import Prediction, apart, backtest, hits, width
from advisor.estimated.tables import peaks
from probes import records
from probes.schema import TITLES
from probes.system.data_files import HOME

BATCHES: Final = {"inference_b1": 1, "inference_b32": 32, "throughput_b256": 256, "train_step": 64}


def main() -> None:
    """Measure or backtest, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--peaks", action="store_true", help="what one core of this machine does at most")
    if parser.parse_args().peaks:
        _print_peaks()
        return
    trials = backtest()
    print(f"{'':44}{'held':>10}  {'a band is':>12}  {'off by (median, most)':>22}")
    for side in ("pytorch", "tensorflow", None):
        name = TITLES[side] if side else "TensorFlow / PyTorch"
        _print(f"{name}, everywhere", [t for t in trials if t.what == side])
        for machine in dict.fromkeys(t.machine for t in trials if t.what == side):
            _print(f"  {peaks()[machine].title[:40]}", [t for t in trials if (t.what, t.machine) == (side, machine)])
    for network in dict.fromkeys(trial.step.network for trial in trials):
        _print(f"{network}, times", [t for t in trials if t.what and t.step.network == network])
    _print("all times", [trial for trial in trials if trial.what])
    _print("all ratios", ratios := [trial for trial in trials if trial.what is None])
    _print("  by the median factor alone", _plain(ratios))
    told = [t for t in ratios if t.width < max(t.predicted, 1 / t.predicted)]
    right = sum((trial.measured > 1) == (trial.predicted > 1) for trial in told)
    print(f"bands of ratios that name a side: {len(told)} of {len(ratios)}; the measured one in {right}")


def _plain(ratios: list[Prediction]) -> list[Prediction]:
    """The same trials without a roofline: each is the median of the other machines' other networks."""
    bare = [replace(trial, predicted=median(other.measured for other in apart(trial, ratios))) for trial in ratios]
    return [replace(trial, width=width(apart(trial, bare))) for trial in bare]


def recorded() -> dict[str, dict[str, dict[str, float]]]:
    """By step, machine and framework the seconds that it took in the runs in ``docs/measurements`` on kinds that
    ``data/peaks.yaml`` has: the median of each side in its default mode, to four digits."""
    kinds = {row.seen_as: row.id for row in peaks().values() if row.seen_as}
    found: dict[str, dict[str, dict[str, float]]] = {}
    for path in sorted((HOME / "docs" / "measurements").glob("*.json")):
        if not path.name.startswith(("run-", "thorough-")):
            continue
        run = records.read(path)
        machine = kinds[run.machine.gpus[0].partition(",")[0] if run.on_gpu else run.machine.cpu]
        for row in run.results:
            if row.track != "default" or row.measure not in BATCHES:
                continue
            rate = BATCHES[row.measure] if row.unit == "samples/s" else 0
            told = {side: one.median for side, one in row.sides.items() if one.median is not None}
            if told:
                took = {str(side): float(f"{rate / value if rate else value:.4g}") for side, value in told.items()}
                found.setdefault(f"{row.model}.{row.measure}", {})[machine] = took
    return found


def _print(name: str, trials: Iterable[Prediction]) -> None:
    trials = list(trials)
    held, number = hits(trials)
    off = [abs(trial.off) for trial in trials]
    width = median(trial.width for trial in trials)
    print(
        f"{name:44}{held:4} of {number:3}  {f'×/÷ {width:.2f}':>12}  "
        f"{f'{math.exp(median(off)):.2f}, {math.exp(max(off)):.2f}':>22}"
    )


def _print_peaks() -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    import numpy as np  # after its threads are said

    side, long = 512, 16 * 2**20
    a, b = np.ones((side, side), np.float32), np.ones((side, side), np.float32)
    x, y, z = (np.ones(long, np.float32) for _ in range(3))
    print(f"{2 * side**3 / _best(lambda: np.matmul(a, b)) / 1e9:.1f} GFLOP/s of a product of {side} × {side}")
    print(f"{3 * x.nbytes / _best(lambda: np.add(x, y, out=z)) / 1e9:.1f} GB/s of a sum of {x.nbytes / 1e6:.0f} MB")


def _best(call: Callable[[], object], times: int = 300) -> float:
    call()
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


if __name__ == "__main__":
    main()
