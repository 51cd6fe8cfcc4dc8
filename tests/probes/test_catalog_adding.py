"""A new network, measure or route is one new file: a copy of the package gets the examples, and all else finds them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from probes import catalog
from probes.schema import FRAMEWORKS
from probes.workloads import agreement
from tests.places import ROOT

EXAMPLES = {
    "linear.py": "probes/models",
    "inference_b2.py": "probes/measures",
    "pytorch_pickled.py": "probes/routes",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package somewhere else, with the examples of ``docs`` in it and the tests that look at whatever is there."""
    folder = tmp_path_factory.mktemp("copy")
    for package in ("probes", "tests/contracts"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "data").mkdir()
    for file in ("data/runtimes.yaml", "pyproject.toml", "requirements.txt", "tests/places.py"):
        shutil.copy2(ROOT / file, folder / file)
    for example, room in EXAMPLES.items():
        shutil.copy2(ROOT / "docs" / "examples" / example, folder / room)
    return folder


def command(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "probes", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_both_are_crossed_with_all_that_was_there(copy: Path) -> None:
    found = {row["probe"]["id"]: row["probe"] for row in json.loads(command(copy, "list", "--json"))["probes"]}
    new = found.keys() - {probe.id for probe in catalog.probes()}
    assert {f"{model}.inference_b2" for model in (*catalog.modules(), "linear")} <= new
    assert {"linear.train_step", "linear.train_step.tuned", "linear.memory_peak", "linear.gradient"} <= new
    assert found["linear.time_to_accuracy"], "it has the sizes that the digits fix"
    assert "linear.dynamic_shapes" not in found, "it has no length"
    assert found["linear.inference_b2"]["title"] == "Inference at batch 2, one layer"


ASK = """
import sys
from probes.engine.running import environment
from probes.engine.running.child import ProcessChild
from probes.schema import FRAMEWORKS

for framework in FRAMEWORKS:
    child = ProcessChild(framework, environment.variables(1, "cpu", "."), lambda: False)
    try:
        child.ask("limit", timeout=60, cpus=[], memory=0)
        child.ask("load", timeout=180, threads=1)
        child.ask("use", timeout=60, device="cpu", seed=0)
        told = {"probe": "linear.inference_b2", "seed": 1, "sizes": {"inputs": 20, "classes": 3}}
        child.ask("check", timeout=60, file=f"{framework}.npz", **told)
        child.ask("prepare", timeout=60, **told)
        assert child.ask("block", timeout=60, steps=10, discard=1)["wall"] > 0
    finally:
        child.close()
"""


@pytest.mark.framework
def test_the_new_network_is_measured_by_the_new_measure(copy: Path) -> None:
    done = subprocess.run([sys.executable, "-c", ASK], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    arrays = []
    for framework in FRAMEWORKS:
        with np.load(copy / f"{framework}.npz") as found:
            arrays.append(dict(found))
    deviations, reason = agreement.compare(*arrays)
    assert reason == ""
    assert deviations["outputs"] < agreement.OUTPUT_TOLERANCE
    assert np.ptp(arrays[0]["outputs"]) > agreement.OUTPUT_TOLERANCE, "the network answers something"


@pytest.mark.framework
def test_the_examples_keep_every_contract(copy: Path) -> None:
    files = [f"tests/contracts/{name}.py" for name in ("test_probes_catalog", "test_routes_catalog")]
    chosen = " or ".join(example.removesuffix(".py") for example in EXAMPLES)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files, "-k", chosen],
        cwd=copy, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.framework
def test_the_new_network_leaves_by_the_new_route(copy: Path, tmp_path: Path) -> None:
    out = tmp_path / "routes.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path))  # its artefacts are nobody else's
        patch.setenv("TMPDIR", str(tmp_path))  # nor is its lock: nobody waits
        command(copy, "routes", "--model", "linear", "--way", "pytorch_pickled", "--passes", "1", "--out", str(out))
    (record,) = json.loads(out.read_text(encoding="utf-8"))["records"]
    assert record["outcome"] == "ok", record["reason"]
    assert record["played"]["blocks"].keys() == {"1", "64"}
