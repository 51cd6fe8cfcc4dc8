"""A model file with two inputs and two outputs through every way that needs no environment of its own, for real."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from probes import records
from probes.deploy import catalog, summary
from probes.deploy.schema import RoutesRun
from probes.engine.running.environment import ROOT
from probes.schema import Outcome
from probes.system import folders

#: Its own code in both frameworks: a subclass of Keras, a module that is finished at its first call, a dictionary in
#: and out, and outputs of scales that are far apart.
SOURCE = """
SPEC = dict(title="Two heads")


def inputs(rng, batch):
    return {"ids": rng.integers(0, 50, (batch, 6)), "dense": rng.normal(size=(batch, 4))}


def pytorch():
    import torch
    from torch import nn

    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.score = nn.Embedding(50, 8), nn.LazyLinear(5)

        def forward(self, ids, dense):
            hidden = torch.cat([self.embedding(ids).mean(1), dense], -1)
            return {"score": self.score(hidden), "value": 1000 * hidden.sum(-1)}

    return Heads()


def tensorflow():
    import keras

    class Heads(keras.Model):
        def __init__(self, **settings):  # a .keras file hands them back
            super().__init__(**settings)
            self.embedding, self.score = keras.layers.Embedding(50, 8), keras.layers.Dense(5)

        def call(self, x, training=None):
            hidden = keras.ops.concatenate([keras.ops.mean(self.embedding(x["ids"]), 1), x["dense"]], -1)
            return {"score": self.score(hidden), "value": 1000 * keras.ops.sum(hidden, -1)}

    return Heads()
"""
LIGHT = [way for way in catalog.ways() if not way.environments and (not way.heavy or way.route == "pytorch_libtorch")]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> RoutesRun:
    folder = tmp_path_factory.mktemp("own")
    file, out = folder / "heads.py", folder / "routes.json"
    file.write_text(SOURCE, encoding="utf-8")
    able = [way for way in LIGHT if not catalog.why_not(way)]
    if not able:
        pytest.skip("none of these ways can run here")
    command = [sys.executable, "-m", "probes", "routes", "--model-file", str(file), "--passes", "2", "--out", str(out)]
    command += [word for way in able for word in ("--way", way.id)]
    environment = {**os.environ, folders.CACHE: str(folder / "cache")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "class Heads" not in out.read_text(encoding="utf-8"), "code stays out of records"
    assert json.loads(out.read_text(encoding="utf-8"))["request"]["model_file"]["name"] == "heads.py"
    return records.read_routes(out)


#: Ways that can't take this model, with a word of the reason.
REFUSED = {"pytorch_libtorch": "takes one input"}


@pytest.mark.xfail(
    reason="a .keras file doesn't bring back a subclass of Keras whose layers build themselves", strict=False
)
@pytest.mark.framework
def test_every_way_is_faithful_or_says_why_not(found: RoutesRun) -> None:
    for record in found.records:
        if record.way.id in REFUSED:
            assert record.outcome is Outcome.UNSUPPORTED
            assert REFUSED[record.way.id] in record.reason
            continue
        assert record.outcome in (Outcome.OK, Outcome.NOT_COMPARABLE), (record.way.id, record.reason)
        if record.way.form in ("float32", "float16"):
            assert record.outcome is Outcome.OK, (record.way.id, record.reason)
            shown = summary.figures(record, found)
            assert shown is not None
            assert set(shown.latency) == {1, 64}
            assert shown.agreement is None, "outputs are no classes' scores"
