"""Whether freed memory goes back to the system is settled before a clock starts, and not by chance."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from probes import catalog
from probes.engine.running import environment
from probes.engine.running.child import ProcessChild
from probes.schema import FRAMEWORKS, Framework
from tests.processes import minor_faults

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what is settled is glibc's allocator")

#: Blocks like a training step's gradients, each below what is mapped apart from then on, together more than is kept.
STEPS = """
import resource, sys
import numpy as np
from probes.engine.child import allocator

def step():
    blocks = [np.ones(50_000) for _ in range(8)]

if sys.argv[1] == "settled":
    allocator.settle()
for _ in range(20):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    step()
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 100)
"""


def faults(how: str, scratch: Path) -> float:
    """Page faults a step."""
    done = subprocess.run(
        [sys.executable, "-c", STEPS, how], env=environment.variables(1, "cpu", str(scratch)),
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return float(done.stdout)


def test_a_settled_process_asks_for_no_page_twice(tmp_path: Path) -> None:
    assert faults("as it is", tmp_path) > 100
    assert faults("settled", tmp_path) < 1


@pytest.mark.framework
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_measured_training_step_asks_for_no_page_twice(framework: Framework, tmp_path: Path) -> None:
    child = ProcessChild(framework, environment.variables(1, "cpu", str(tmp_path)), lambda: False)
    sizes, seen = catalog.modules()["mlp"].SPEC.sized({}), []
    try:
        child.ask("load", timeout=180, threads=1)
        child.ask("use", timeout=60, device="cpu", seed=0)
        for seed in range(4):  # without settling, about every other instance of PyTorch's does, a thousand a step
            child.ask("prepare", timeout=180, probe="mlp.train_step", seed=seed, sizes=sizes)
            child.ask("block", timeout=180, steps=50, discard=20)
            before = minor_faults(child.pid)
            child.ask("block", timeout=180, steps=50, discard=0)
            seen.append((minor_faults(child.pid) - before) / 50)
    finally:
        child.close()
    assert max(seen) < 100, seen
