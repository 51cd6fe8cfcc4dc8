"""A new network, measure or route is one new file: a copy of the package gets one of each, and all else finds them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from probes import catalog
from probes.engine.running.environment import ROOT
from probes.schema import FRAMEWORKS
from probes.workloads import agreement

MODEL = '''"""One layer."""

from probes.schema import ModelSpec, SizeSpec

SPEC = ModelSpec(
    id="linear", label="one layer", title="One layer", summary="Fully connected to the classes.",
    sizes=(SizeSpec("inputs", "Inputs", 20, 1, 100), SizeSpec("classes", "Classes", 3, 2, 10)),
)


def weights(rng, sizes):
    import numpy as np

    kernel = rng.standard_normal((sizes["inputs"], sizes["classes"]), dtype=np.float32)
    return {"fc.kernel": kernel, "fc.bias": np.zeros(sizes["classes"], np.float32)}


def floats(sizes):
    return (sizes["inputs"] + 1) * sizes["classes"], sizes["inputs"] + sizes["classes"]


def inputs(rng, sizes, batch):
    import numpy as np

    x = rng.standard_normal((batch, sizes["inputs"]), dtype=np.float32)
    return x, rng.integers(0, sizes["classes"], batch, dtype=np.int64)


def pytorch(sizes, dropout):
    from collections import OrderedDict

    from torch import nn

    return nn.Sequential(OrderedDict(fc=nn.Linear(sizes["inputs"], sizes["classes"])))


def tensorflow(sizes, dropout):
    from keras import Input, Sequential, layers

    return Sequential([Input((sizes["inputs"],)), layers.Dense(sizes["classes"], name="fc")])
'''
MEASURE = '''"""Latency at batch 2."""

from probes.contracts import MeasureSpec, Timed

SPEC = MeasureSpec(
    id="inference_b2", title="Inference at batch 2", question="How long do two take?", metric="time, batch 2",
    unit="s", better="lower", kind="timed", tracks={"default": "quick"}, group="Speed",
)


def prepare(bench):
    subject = bench.build(batch=2)
    return Timed(subject, lambda: subject.read(subject.predict()), lambda _: None)


def check(bench):
    subject = bench.build(batch=2)
    return {"outputs": subject.read(subject.predict())}
'''
ROUTE = '''"""The weights and the code."""

from probes.deploy import torch_model
from probes.deploy.contracts import RouteSpec

SPEC = RouteSpec(
    id="pytorch_pickled", title="Pickled", framework="pytorch", steps="torch.save → torch.load", packages=("torch",)
)


def export(source, folder, form):
    torch_model.save_weights(source, folder)


def load(artefact):
    torch_model.use(artefact.threads)
    return torch_model.caller(torch_model.rebuilt(artefact))
'''


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package somewhere else, with the three files in it."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "probes", folder / "probes", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "data").mkdir()
    shutil.copy2(ROOT / "data" / "runtimes.yaml", folder / "data")
    (folder / "probes" / "routes" / "pytorch_pickled.py").write_text(ROUTE, encoding="utf-8")
    (folder / "probes" / "models" / "linear.py").write_text(MODEL, encoding="utf-8")
    (folder / "probes" / "measures" / "inference_b2.py").write_text(MEASURE, encoding="utf-8")
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
def test_the_new_network_leaves_by_the_new_route(copy: Path, tmp_path: Path) -> None:
    out = tmp_path / "routes.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path))  # its artefacts are nobody else's
        command(copy, "routes", "--model", "linear", "--way", "pytorch_pickled", "--passes", "1", "--out", str(out))
    (record,) = json.loads(out.read_text(encoding="utf-8"))["records"]
    assert record["outcome"] == "ok", record["reason"]
    assert record["played"]["blocks"].keys() == {"1", "64"}
