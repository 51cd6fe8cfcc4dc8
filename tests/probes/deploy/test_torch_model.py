"""What is said of a module that fixes its batch while its graph is made."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest

from tests.places import ROOT

#: Exports by both ways that leave the batch open; prints how each ended.
_EXPORT: Final = """
import sys, tempfile
from pathlib import Path
import numpy as np, torch
from torch import nn
from probes.contracts import UnsupportedError
from probes.deploy.contracts import SourceModel
from probes.routes import pytorch_export, pytorch_onnxruntime

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.token, self.head = nn.Parameter(torch.zeros(1, 1, 4)), nn.Linear(4, 2)
    def forward(self, x):
        rows = len(x) if sys.argv[1] == "fixed" else x.shape[0]
        return self.head(torch.cat([self.token.expand(rows, -1, -1), x], 1)[:, 0])

x = np.zeros((2, 3, 4), np.float32)
source = SourceModel("", {}, Net().eval(), (x,), (x,), 1)
for way in (pytorch_export, pytorch_onnxruntime):
    with tempfile.TemporaryDirectory() as folder:
        try:
            way.export(source, Path(folder), "float32")
            print("ok")
        except UnsupportedError as error:
            print(error)
"""


@pytest.mark.framework
@pytest.mark.parametrize(("how", "said"), [("fixed", "x.shape[0] stays open"), ("open", "ok")])
def test_a_module_that_fixes_its_batch_is_told_what_leaves_it_open(how: str, said: str) -> None:
    found = subprocess.run(
        [sys.executable, "-c", _EXPORT, how], capture_output=True, text=True, cwd=ROOT, check=True, timeout=150
    )
    lines = found.stdout.strip().splitlines()[-2:]
    assert len(lines) == 2
    assert all(said in line for line in lines), lines
