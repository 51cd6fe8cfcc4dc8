"""LitServe's worker, without LitServe: what it is given to call, in a process of its own."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from probes.engine.running import environment
from tests.artefacts import made
from tests.packages import install

WORKER = """
import json, resource, sys
from pathlib import Path
import numpy as np
from probes.deploy.contracts import Artefact
from probes.serving.hosts import lit

route, folder, model, sizes, asked = sys.argv[1:]
worker = lit.Answering(route, Artefact(Path(folder), "float32", model, json.loads(sizes), 1), ("float32",))
worker.setup("cpu")
x = np.load(asked)["asked"][:64]

def calls(number):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(number):
        worker.predict([x])
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / number

calls(20)
print(json.dumps({"faults": calls(50), "loaded": [name for name in ("pandas", "sklearn") if name in sys.modules]}))
"""
LITSERVE = "class LitAPI:\n    def __init__(self, **_): pass\n"


@pytest.mark.framework
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what is settled is glibc's allocator")
@pytest.mark.parametrize("route", ["pytorch_eager", "tensorflow_function"])
def test_the_worker_is_settled_and_loads_nothing_foreign(route: str, tmp_path: Path) -> None:
    artefact, site = made(route, "cnn", tmp_path), tmp_path / "site"
    install(site, "litserve")
    (site / "litserve" / "__init__.py").write_text(LITSERVE, encoding="utf-8")
    variables = environment.variables(1, "cpu", str(tmp_path), {"PYTHONPATH": str(site)})
    arguments = (route, str(artefact.folder), artefact.model, json.dumps(artefact.sizes), str(artefact.asked))
    done = subprocess.run(
        [sys.executable, "-c", WORKER, *arguments], env=variables, capture_output=True, text=True, check=True,
        timeout=180,
    )  # fmt: skip
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["loaded"] == []
    assert said["faults"] < 100
