"""Model files in the real children of both frameworks; whoever asks loads neither a framework nor the file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from probes import catalog
from probes.engine.running.model_files import Limits, ModelFileError, describe
from tests.places import ROOT

pytestmark = pytest.mark.framework

INPUTS = """
import numpy as np
def inputs(rng, batch):
    return rng.standard_normal((batch, 8), dtype=np.float32), rng.integers(0, 3, batch)
"""
BOTH = (
    INPUTS
    + """
import os
open(os.environ["HOME"] + "/loaded", "a").write(f"{os.getpid()}\\n")
def pytorch():
    from torch import nn
    return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
def tensorflow():
    import keras
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(3)])
"""
)
ASKING = """
import json, os, sys
from pathlib import Path
from probes.engine.running.model_files import describe
from probes.json_form import to_json
file = describe(Path(sys.argv[1]))
print(json.dumps({"pid": os.getpid(), "modules": sorted(sys.modules), "file": to_json(file)}))
"""


def skip_without(*sides: str) -> None:
    if missing := [why for side in sides if (why := catalog.not_installed(side))]:  # type: ignore[arg-type]
        pytest.skip("; ".join(missing))


def test_whoever_asks_loads_neither_a_framework_nor_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    skip_without("pytorch", "tensorflow")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "ours.py").write_text(BOTH, encoding="utf-8")
    command = [sys.executable, "-c", ASKING, str(tmp_path / "ours.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    asked = json.loads(done.stdout)
    assert not {"torch", "tensorflow", "keras", "jax", "team_model", "ours"} & {*asked["modules"]}
    loaded_by = [int(line) for line in (tmp_path / "loaded").read_text(encoding="utf-8").splitlines()]
    assert len(set(loaded_by)) == 2, "a process for each side, and each loads it once"
    assert asked["pid"] not in loaded_by
    file = json.loads(asked["file"])
    assert file["parameters"] == {"pytorch": 195, "tensorflow": 195}  # 8 x 16 + 16 + 16 x 3 + 3
    assert all(0 < seconds < 30 for seconds in file["step_seconds"].values())
    assert all(0 <= taken < 2**30 for taken in file["step_bytes"].values())
    assert {*file["step_seconds"]} == {*file["step_bytes"]} == {"pytorch", "tensorflow"}


NET = (
    INPUTS
    + """
import time, torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.last, self.calls = nn.Linear(8, 3), 0
    def forward(self, x):
        self.calls += 1
        {step}
        return self.last(x)
def pytorch():
    return Net()
"""
)


@pytest.mark.parametrize(
    ("step", "limits", "words"),
    [
        ("return self.last(x) * float('nan')", Limits(), "not finite (NaN or infinity)"),
        ("x = torch.cat([x] * self.calls)", Limits(), "changes the shape of its answer from call to call"),
        ("return self.last(x[:, :3])", Limits(), "RuntimeError: mat1 and mat2 shapes cannot be multiplied"),
        ("if self.training: time.sleep(1000)", Limits(step_seconds=4), "one step takes longer than 4 s"),
        ("if self.training: torch.ones(100 * 2**27).sum()", Limits(memory=8 * 2**30), "one step takes more than the"),
    ],
    ids=["NaN", "shapes", "sizes", "slow", "100 GB"],
)
def test_what_a_model_does_is_told_before_a_run(step: str, limits: Limits, words: str, tmp_path: Path) -> None:
    """Its framework is imported at the top: with one half alone a file may."""
    skip_without("pytorch")
    (tmp_path / "ours.py").write_text(NET.format(step=step), encoding="utf-8")
    with pytest.raises(ModelFileError) as caught:
        describe(tmp_path / "ours.py", limits=limits)
    assert words in str(caught.value)
