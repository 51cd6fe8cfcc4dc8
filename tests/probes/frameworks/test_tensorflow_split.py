"""An epoch's batches are the same samples in the same order on both sides, and no shape that would be traced anew."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from probes.engine.running import environment
from probes.schema import FRAMEWORKS, Framework

BATCHES = """
import json, sys
import numpy as np
from probes.engine.child.worker_bench import Worker
from probes import catalog

worker = Worker(sys.argv[1])
worker.load(1)
worker.use("cpu", 0)
worker._choose("mlp.train_step", 0, catalog.modules()["mlp"].SPEC.sized({"mlp": {"inputs": 3, "classes": 4}}))
subject = worker.build(batch=5)
x, labels = np.arange(17 * 3, dtype=np.float32).reshape(17, 3), np.arange(17) % 4
batches = list(subject.split(*subject.place(x, labels), 5))
subject.read(subject.train_on(*batches[0]))
traces = subject.traces()
for batch in batches:
    subject.train_on(*batch)
classes = [subject.read(labels) for _, labels in batches]
print(json.dumps({
    "x": [subject.read(x).tolist() for x, _ in batches],
    "labels": [(found.argmax(1) if found.ndim == 2 else found).tolist() for found in classes],
    "traced": subject.traces() - traces,
}))
"""


@pytest.mark.framework
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_whole_batches_in_the_order_of_the_samples(framework: Framework, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BATCHES, framework], env=environment.variables(1, "cpu", str(tmp_path)),
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    samples = [[3.0 * n, 3.0 * n + 1, 3.0 * n + 2] for n in range(17)]
    assert found["x"] == [samples[0:5], samples[5:10], samples[10:15]], "two are left over"
    assert found["labels"] == [[n % 4 for n in range(start, start + 5)] for start in (0, 5, 10)]
    assert found["traced"] == 0
