"""What looking at a model file costs on top of importing the framework and building the model by hand.

``python -m benchmarks.model_files FILE [--times N]``: for each side CPU seconds of a plain process that imports, builds
and predicts once, and of the child that describes the file; the medians, and the one as a share of the other. CPU
seconds, because others at work on the machine hardly change those.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median

import psutil

from probes.engine.running import environment
from probes.engine.running.child import ProcessChild
from probes.engine.running.model_files import LIMIT
from probes.schema import FRAMEWORKS, TITLES, Framework
from probes.system.scratch import scratch_folder

#: What somebody writes who wants to know whether the file works.
BY_HAND = """
import importlib.util, os, sys
import numpy as np
path, side = sys.argv[1:]
spec = importlib.util.spec_from_file_location("ours", path)
ours = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ours)
x = ours.inputs(np.random.default_rng(0), 2)
x = x[0] if isinstance(x, tuple) and len(x) == 2 else x
short = lambda a: a.astype("float32") if a.dtype == "float64" else a
if isinstance(x, dict):
    leaves = {name: short(leaf) for name, leaf in x.items()}
else:
    leaves = [short(leaf) for leaf in x] if isinstance(x, tuple) else short(x)
network = getattr(ours, side)()
if side == "pytorch":
    import torch
    with torch.inference_mode():
        network.eval()
        if isinstance(leaves, dict):
            network(**{n: torch.as_tensor(a) for n, a in leaves.items()})
        else:
            network(*map(torch.as_tensor, leaves if isinstance(leaves, list) else [leaves]))
else:
    network(leaves, training=False)
times = os.times()
print(times.user + times.system)
"""


def by_hand(path: Path, side: Framework, scratch: str) -> float:
    """CPU seconds of a plain process."""
    done = subprocess.run(
        [sys.executable, "-c", BY_HAND, str(path), side],
        env=environment.variables(1, "cpu", scratch), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def described(path: Path, side: Framework, scratch: str) -> float:
    """CPU seconds of the child that describes the file, without the step that is tried afterwards."""
    child = ProcessChild(side, environment.variables(1, "cpu", scratch), lambda: False)
    try:
        child.ask("limit", timeout=LIMIT, cpus=(), memory=environment.memory_limit("cpu", gpu_here=False))
        child.ask("describe", timeout=LIMIT, path=str(path))
        times = psutil.Process(child.pid).cpu_times()
        return float(times.user + times.system)
    finally:
        child.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    path = options.file.absolute()
    with scratch_folder() as scratch:
        for side in FRAMEWORKS:
            pairs = [(by_hand(path, side, scratch), described(path, side, scratch)) for _ in range(options.times)]
            plain, ours = (median(column) for column in zip(*pairs, strict=True))
            print(f"{TITLES[side]}: by hand {plain:.2f} s, described {ours:.2f} s: {ours / plain - 1:+.0%}")


if __name__ == "__main__":
    main()
