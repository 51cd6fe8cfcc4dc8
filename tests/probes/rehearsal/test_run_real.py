"""Files whose moves are known, for real: each in the processes and environments that a rehearsal uses."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import pytest

from probes.deploy import environments
from probes.engine.running import model_files
from probes.rehearsal import run
from probes.rehearsal.schema import RehearsedWay
from probes.rehearsal.ways import WAYS, find

pytestmark = pytest.mark.framework

_INPUTS: Final = """
SPEC = dict(title="Ours")

def inputs(rng, batch):
    return rng.normal(size=(batch, 8, 8, 3)), rng.integers(0, 3, batch)

"""
#: Says another thing on another backend than TensorFlow, in the layer called ``tilted``.
TILTED: Final = (
    _INPUTS
    + """
def keras():
    import keras
    from keras import layers

    class Tilted(layers.Dense):
        def call(self, x):
            return super().call(x) * (1.0 if keras.backend.backend() == "tensorflow" else 1.5)

    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, activation="relu", name="first")(image)
    x = Tilted(5, name="tilted")(layers.Flatten()(x))
    return keras.Model(image, layers.Dense(3, name="last")(x))
"""
)
#: Written for TensorFlow: one name of its own, in line 15.
BOUND: Final = (
    _INPUTS
    + """
import tensorflow as tf
from tensorflow.keras import layers


class Smaller(layers.Layer):

    def call(self, x):
        return tf.image.resize(x, (4, 4))


def tensorflow():
    image = tf.keras.Input((8, 8, 3))
    x = Smaller()(layers.Conv2D(4, 3, activation="relu", name="first")(image))
    return tf.keras.Model(image, layers.Dense(3, name="last")(layers.Flatten()(x)))
"""
)
#: Branches by a value, which no graph can be made of, in line 17.
BRANCHING: Final = """
SPEC = dict(title="Ours")

def inputs(rng, batch):
    return rng.normal(size=(batch, 10)).astype("float32"), rng.integers(0, 3, batch)

def pytorch():
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.out = nn.Linear(10, 3)

        def forward(self, x):
            y = self.out(x)
            if y.sum() > 1e9:
                y = y * 2
            return y

    return Net()
"""


def rehearsed(folder: Path, source: str, way: str) -> RehearsedWay:
    if reason := environments.lacking(find(way).place) if find(way).place else "":
        pytest.skip(reason)
    path = folder / "ours.py"
    path.write_text(source, encoding="utf-8")
    (found,) = run.rehearse(path, model_files.describe(path), (find(way),)).ways
    return found


@pytest.mark.parametrize("way", [way.id for way in WAYS if not way.onnx])
def test_a_layer_that_says_another_thing_is_where_both_part(way: str, tmp_path: Path) -> None:
    found = rehearsed(tmp_path, TILTED, way)
    assert found.outcome == "different", found
    assert found.parting is not None
    assert (found.parting.layer, found.parting.deviation) == ("tilted", pytest.approx(0.5, rel=1e-3))


def test_a_name_of_tensorflows_own_is_told_with_its_line(tmp_path: Path) -> None:
    found = rehearsed(tmp_path, BOUND, "keras_on_pytorch")
    assert found.outcome == "refused", found
    assert found.failure is not None
    assert (found.failure.file, found.failure.line) == ("ours.py", 15)
    assert found.failure.call == "tensorflow.image.resize"
    assert found.adapted == ("import tensorflow", "import tensorflow.keras")


def test_what_onnx2torch_makes_of_a_dense_layer_of_keras_is_a_constant(tmp_path: Path) -> None:
    found = rehearsed(tmp_path, BOUND, "onnx2torch")
    assert found.outcome == "answers only", found
    assert found.learning is not None
    assert (found.learning.weights, found.learning.kept) == (4, 1)  # the convolution's kernel


def test_a_branch_by_value_is_told_with_its_line(tmp_path: Path) -> None:
    found = rehearsed(tmp_path, BRANCHING, "onnx2tf")
    assert found.outcome == "refused", found
    assert found.failure is not None
    assert (found.failure.stage, found.failure.file, found.failure.line) == ("export", "ours.py", 17)


def test_what_onnx2tf_makes_answers_alike_and_has_no_weights(tmp_path: Path) -> None:
    source = BRANCHING.replace("if y.sum() > 1e9", "if y.ndim > 5")
    found = rehearsed(tmp_path, source, "onnx2tf")
    assert found.outcome == "answers only", found
    assert found.learning is not None
    assert (found.learning.weights, found.learning.kept) == (2, 0)


def test_what_ran_is_told_and_a_layer_that_nobody_calls_is_not_among_it(tmp_path: Path) -> None:
    unused = "\n\nclass Unused(layers.Layer):\n\n    def call(self, x):\n        y = x + 1\n        return y * 2\n"
    path = tmp_path / "ours.py"
    path.write_text(BOUND + "\n\nimport parts" + unused, encoding="utf-8")
    (tmp_path / "parts.py").write_text("WIDTH = 3\n", encoding="utf-8")
    found = run.rehearse(path, model_files.describe(path), (find("keras_on_pytorch"),)).ran
    ours, parts = found["tensorflow"]
    assert (ours.file, parts.file) == ("ours.py", "parts.py")
    assert ours.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (ours.lines - ours.ran, parts.lines - parts.ran) == (2, 0)
