"""A recurrent network of Keras' through LiteRT, for real: its loop is what the converter can't take as it is."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import pytest

from probes.deploy import catalog, run
from probes.deploy.schema import RoutesRequest
from probes.schema import Outcome
from probes.system import folders
from probes.team_files import ModelFile
from tests.probes.fake_child import no_lock

pytestmark = pytest.mark.framework

SOURCE: Final = """
def inputs(rng, batch):
    return rng.normal(size=(batch, 12, 5)).astype("float32")

def tensorflow():
    import keras
    from keras import layers

    x = keras.Input((12, 5))
    h = layers.Bidirectional(layers.LSTM(8, return_sequences=True))(x)
    return keras.Model(x, layers.Dense(3)(layers.GRU(6)(h)))
"""


def test_its_loop_becomes_a_signature_for_each_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ways = ("tensorflow_litert", "tensorflow_litert.int8-static")
    for way in ways:
        if reason := catalog.why_not(catalog.find(way)):
            pytest.skip(reason)
    monkeypatch.setenv(folders.CACHE, str(tmp_path / "cache"))
    file = tmp_path / "looping.py"
    file.write_text(SOURCE, encoding="utf-8")
    digest = hashlib.sha256(SOURCE.encode()).hexdigest()
    own = ModelFile("looping.py", digest, "Looping", ("tensorflow",), trains=False)
    request = RoutesRequest(models=(own.id,), model_file=own, ways=ways, passes=2)
    plain, static = run.run(request, lock=no_lock, model_path=file).records
    assert plain.outcome is Outcome.OK, plain.reason
    assert static.outcome is Outcome.UNSUPPORTED
    assert static.reason.endswith("take int8 dynamic")
