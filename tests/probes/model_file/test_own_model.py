"""What a team's own model costs whoever only looks at it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from probes import catalog
from tests.places import ROOT

LOOKING = """
import json, sys
from pathlib import Path
from probes.contracts import TrainingSettings
from probes.model_file.own_model import OwnModel
ours = OwnModel("pytorch", Path(sys.argv[1]))
parameters = ours.described(0)["parameters"]
looked = "torch._dynamo" in sys.modules
subject = ours.subject(0, 4, TrainingSettings(), mode="eager", device="cpu")
print(json.dumps([parameters, looked, float(subject.read(subject.train())), "torch._dynamo" in sys.modules]))
"""


@pytest.mark.framework
def test_pytorch_s_compiler_is_imported_by_who_trains_and_not_by_who_looks() -> None:
    """An optimiser imports it, which takes as long as PyTorch itself."""
    if reason := catalog.not_installed("pytorch"):
        pytest.skip(reason)
    command = [sys.executable, "-c", LOOKING, str(ROOT / "examples/models/tabular_mlp.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    parameters, looked, loss, trained = json.loads(done.stdout.splitlines()[-1])
    assert parameters == 32 * 128 + 128 + 2 * 128 + 128 * 64 + 64 + 64 * 4 + 4
    assert 0 < loss < 10
    assert (looked, trained) == (False, True)
