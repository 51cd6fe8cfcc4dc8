"""What feeds a training loop hands over what the step takes: nothing is computed between the two, on either side."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from probes.engine.running import environment
from probes.schema import FRAMEWORKS, Framework

FED = """
import json, sys
import numpy as np
from probes import catalog
from probes.engine.child.worker_bench import Worker
from probes.workloads import images

worker = Worker(sys.argv[1])
worker.load(1)
worker.use("cpu", 0)
sizes = catalog.modules()["cnn"].SPEC.sized({"cnn": {"image": 16}})
worker._choose("cnn.train_from_jpeg.careful", 0, sizes)
half = images.HALVES[sys.argv[1]]
with images.folder(worker) as files:
    subject = worker.build(batch=64, sizes={"classes": images.CLASSES})
    fed, delivered = (next(iter(half(files, 16, 0, *device))) for device in (("cpu",), ()))
    placed = subject.place(*fed)
    shape = list(np.asarray(delivered[1]).shape)
    labels = np.asarray(fed[1])
    losses = [float(subject.read(subject.train_on(*placed))) for _ in range(20)]
    pinned = [getattr(half(files, 16, 0, *device), "pin_memory", None) for device in ((), ("cpu",), ("cuda",))] \\
        if sys.argv[1] == "pytorch" else []
print(json.dumps({
    "as_they_came": [ours is theirs for ours, theirs in zip(placed, fed)],
    "labels": (labels.argmax(1) if labels.ndim == 2 else labels).tolist(),
    "delivered": shape,
    "learns": losses[-1] < losses[0],
    "pinned": pinned,
}))
"""


@pytest.mark.framework
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_batch_goes_into_the_step_as_the_pipeline_hands_it_over(framework: Framework, tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    done = subprocess.run(
        [sys.executable, "-c", FED, framework], env=environment.variables(1, "cpu", str(tmp_path)),
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["as_they_came"] == [True, True], "placing them on a CPU makes nothing new"
    assert found["labels"] == [n % 4 for n in range(64)]
    assert found["delivered"] == [64], "where nobody trains labels stay what the files have"
    assert found["learns"]
    assert found["pinned"] == ([False, False, True] if framework == "pytorch" else [])
