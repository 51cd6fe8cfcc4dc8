"""A team's own data through each side's own loader, and into its model: both sides get the same, for real."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probes import catalog
from probes.engine.running import agreements, environment
from probes.engine.running.child import Child, ProcessChild
from probes.schema import FRAMEWORKS
from probes.team_data.looking import look
from probes.team_files import ModelFile, TeamData
from tests.probes.team_data import made

pytestmark = pytest.mark.framework
MODEL = """
SPEC = {"title": "Ours"}


def inputs(rng, batch):
    return {"ids": rng.integers(0, 7, (batch, 1)), "x": rng.random((batch, 5))}, rng.integers(0, 3, batch)


def pytorch():
    import torch
    from torch import nn

    class Ours(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.score = nn.Embedding(7, 4), nn.Linear(9, 3)

        def forward(self, ids, x):
            return self.score(torch.cat([self.table(ids).flatten(1), x / 100], -1))

    return Ours()


def tensorflow():
    import keras

    ids, x = keras.Input((1,), name="ids", dtype="int64"), keras.Input((5,), name="x")
    both = keras.layers.Concatenate()([keras.layers.Flatten()(keras.layers.Embedding(7, 4)(ids)), x / 100])
    return keras.Model({"ids": ids, "x": x}, keras.layers.Dense(3)(both))
"""


@pytest.fixture(scope="module")
def children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Child]]:
    """One of each framework, for all kinds of data."""
    scratch = str(tmp_path_factory.mktemp("scratch"))
    with ExitStack() as ending:
        found: list[Child] = []
        for framework in FRAMEWORKS:
            if reason := catalog.not_installed(framework):
                pytest.skip(reason)
            child = ProcessChild(framework, environment.variables(1, "cpu", scratch), lambda: False)
            found.append(ending.enter_context(closing(child)))
            child.ask("limit", timeout=60, cpus=(), memory=0)
            child.ask("load", timeout=120, threads=1)
            child.ask("use", timeout=60, device="cpu", seed=0)
        yield found


def given(children: list[Child], data: TeamData, path: Path) -> None:
    for child in children:
        child.ask("data", timeout=60, path=str(path), data=asdict(data))


@pytest.mark.parametrize(
    ("make", "label", "measure", "sizes"),
    [
        (made.table, "kind", "pipeline_csv", {}),
        (made.table, "e", "pipeline_csv", {}),  # the last column, and numbers
        (made.archive, "", "pipeline_numpy", {}),
        (made.images, "", "pipeline_jpeg", {"image": 24}),
        (made.images, "", "pipeline_jpeg_workers", {"image": 24}),
    ],
)
def test_both_sides_deliver_all_of_the_same(
    children: list[Child], tmp_path: Path, make: Any, label: str, measure: str, sizes: dict[str, int]
) -> None:
    if make is made.images:
        pytest.importorskip("PIL")
    path = make(tmp_path)
    data = look(path, label)
    given(children, data, path)
    catalog.adopt_data(data)
    arguments = {"timeout": 120.0, "probe": f"{data.id}.{measure}", "seed": 0, "sizes": sizes}
    if measure != "pipeline_jpeg_workers":
        agreed = agreements.asked(children, tmp_path, arguments)
        assert agreed is not None
        assert agreed.reason == ""
    for child in children:
        value = child.ask("single", **arguments)
        assert value["value"] > 0


def test_a_model_that_takes_them_agrees_on_both_sides(children: list[Child], tmp_path: Path) -> None:
    file, path = tmp_path / "ours.py", made.archive(tmp_path)
    file.write_text(MODEL, encoding="utf-8")
    data = look(path)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    described = ModelFile(file.name, sha256, "Ours", FRAMEWORKS, trains=True, data=data)
    given(children, data, path)
    catalog.adopt(described)
    for child, do in zip(children, ("keep", "carry"), strict=True):
        child.ask("own", timeout=120, path=str(file), file=asdict(described))
        assert child.ask(do, timeout=120, file=str(tmp_path / "weights.npz"))["reason"] == ""
    arguments = {"timeout": 120.0, "probe": f"{described.id}.train_step", "seed": 0, "sizes": {}}
    agreed = agreements.asked(children, tmp_path, arguments)
    assert agreed is not None
    assert agreed.reason == "", "both sides trained on the same samples"
    arguments["seed"] = 1
    assert children[0].ask("check", **arguments, file=str(tmp_path / "other.npz"))["checked"]
    with np.load(tmp_path / "pytorch.npz") as first, np.load(tmp_path / "other.npz") as other:
        assert not np.allclose(first["outputs"], other["outputs"]), "another seed draws other samples"
