"""A model file with two inputs and two outputs through every way that needs no environment of its own, for real."""

from __future__ import annotations

import hashlib

import pytest

from probes.deploy import catalog, group, run, summary
from probes.deploy.schema import RoutesRequest, RoutesRun
from probes.json_form import to_json
from probes.schema import FRAMEWORKS, Outcome
from probes.system import folders
from probes.team_files import ModelFile
from tests.probes.fake_child import no_lock

#: Its own code in both frameworks: a subclass of Keras, a module that is finished at its first call, a dictionary in
#: and out, outputs of scales that are far apart, and the exact GELU, for which ONNX has no operation.
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
            self.embedding, self.score = keras.layers.Embedding(50, 8), keras.layers.Dense(5, "gelu")

        def call(self, x, training=None):
            hidden = keras.ops.concatenate([keras.ops.mean(self.embedding(x["ids"]), 1), x["dense"]], -1)
            return {"score": self.score(hidden), "value": 1000 * keras.ops.sum(hidden, -1)}

    return Heads()
"""
#: Other ways do with the file what one of these does: TensorFlow calls its layers, XLA compiles its graph.
ALIKE = ("tensorflow_eager", "tensorflow_function")
WAYS = [
    way
    for way in catalog.ways()
    if not way.environments and way.id not in ALIKE and (not way.heavy or way.route == "pytorch_libtorch")
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> RoutesRun:
    """One process a way: that a second one answers the same doesn't hang on whose model it is."""
    folder = tmp_path_factory.mktemp("own")
    file = folder / "heads.py"
    file.write_text(SOURCE, encoding="utf-8")
    able = tuple(way.id for way in WAYS if not catalog.why_not(way))
    if not able:
        pytest.skip("none of these ways can run here")
    described = ModelFile(file.name, hashlib.sha256(file.read_bytes()).hexdigest(), "Two heads", FRAMEWORKS, False)
    request = RoutesRequest(models=(described.id,), ways=able, passes=1, model_file=described)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(folders.CACHE, str(folder / "cache"))
        patch.setattr(group, "PROCESSES", 1)
        run_ = run.run(request, lock=no_lock, model_path=file)
    assert "class Heads" not in to_json(run_), "code stays out of records"
    assert str(folder) not in to_json(run_), "so do paths"
    return run_


#: Ways that can't take this model, with a word of the reason.
REFUSED = {"pytorch_libtorch": "takes one input"}


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
            assert set(shown.latency) == (set() if record.way.elsewhere else {1, 64})
            assert shown.agreement is None, "outputs are no classes' scores"
