"""Twenty small models after public architectures, and those in ``examples/``: their weights go across, and both sides
are seen to compute the same.

Children that hold one framework each take one file after another; nothing is timed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from probes.engine.running.child import ChildError
from tests.places import ROOT, TESTS
from tests.probes.model_file.both_sides import BothSides, both_sides

pytestmark = [pytest.mark.framework, pytest.mark.timeout(900)]

FOLDER = TESTS / "architectures"
FILES = sorted(path for path in FOLDER.glob("*.py") if path.name != "__init__.py")
EXAMPLES = sorted((ROOT / "examples/models").glob("*.py"))
#: Taken elsewhere: one that a whole run measures, and one after which PyTorch's process has Keras in it for good.
OTHERS = ("two_tower", "keras_once")
#: Traced, the same numbers come out, and tracing costs more than computing them.
MEASURE = "train_step.eager"
#: Why both sides aren't seen to be the same, where they aren't.
#: Keras leaves the last residual convolution out of a functional model, because nothing uses what it computes.
APART = {"wavenet": "of layers that keep kernel (1, 8, 8) and bias (8,), PyTorch has 7 and Keras 6"}


@pytest.fixture(scope="module")
def sides() -> Iterator[BothSides]:
    with both_sides() as both:
        yield both


def test_there_are_twenty() -> None:
    assert len(FILES) == 20
    assert APART.keys() <= {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_both_sides_compute_the_same(file: Path, sides: BothSides) -> None:
    found = sides.compared(file, MEASURE)
    if reason := APART.get(file.stem):
        assert reason in found.not_carried
    else:
        assert found.shown, found.not_carried or found.reason


@pytest.mark.parametrize("file", [file for file in EXAMPLES if file.stem not in OTHERS], ids=lambda file: file.stem)
def test_both_sides_of_an_example_compute_the_same(file: Path, sides: BothSides) -> None:
    found = sides.compared(file, MEASURE)
    assert found.shown, found.not_carried or found.reason


TWO_BIASES = """
def inputs(rng, batch):
    return rng.normal(size=(batch, 5, 3)), rng.integers(0, 2, batch)
def pytorch():
    from torch import nn
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.head = nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True), nn.Linear(8, 2)
        def forward(self, x):
            return self.head(self.lstm(x)[0].mean(1))
    return Net()
def tensorflow():
    from keras import Input, Model, layers
    x = Input((5, 3))
    y = x
    for _ in range(2):
        y = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(y)
    return Model(x, layers.Dense(2)(layers.GlobalAveragePooling1D()(y)))
"""
#: Kinds of layers that none of the architectures has.
KINDS = """
def inputs(rng, batch):
    return rng.normal(size=(batch, 4, 6, 6, 2)), rng.integers(0, 3, batch)
def pytorch():
    from torch import nn
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.volume, self.back = nn.Conv3d(2, 4, 3, padding=1), nn.ConvTranspose3d(4, 4, 2, 2)
            self.instance = nn.InstanceNorm3d(4, affine=True)
            self.grouped = nn.Conv2d(4, 8, 3, padding=1, groups=2, bias=False)
            self.deep, self.point = nn.Conv2d(8, 16, 3, padding=1, groups=8, bias=False), nn.Conv2d(16, 6, 1)
            self.rms, self.rnn = nn.RMSNorm(6, eps=1e-5), nn.RNN(6, 5, batch_first=True, bias=False)
            self.cell, self.up = nn.GRUCell(5, 5, bias=False), nn.ConvTranspose1d(5, 4, 3)
            self.line, self.head = nn.Conv1d(4, 4, 2, groups=4), nn.Linear(4, 3, bias=False)
        def forward(self, x):
            x = self.instance(self.back(self.volume(x.permute(0, 4, 1, 2, 3)))).mean(2)
            x = self.point(self.deep(self.grouped(x)))
            x = self.rms(x.mean(2).transpose(1, 2))
            x = self.rnn(x)[0]
            h = self.cell(x[:, -1])
            x = self.up((x + h[:, None]).transpose(1, 2))
            return self.head(self.line(x).mean(2))
    return Net()
def tensorflow():
    from keras import Input, Model, layers, ops
    x = volume = Input((4, 6, 6, 2))
    x = layers.Conv3DTranspose(4, 2, 2)(layers.Conv3D(4, 3, padding="same")(x))
    x = ops.mean(layers.GroupNormalization(groups=-1, epsilon=1e-5)(x), 1)
    x = layers.Conv2D(8, 3, padding="same", groups=2, use_bias=False)(x)
    x = layers.SeparableConv2D(6, 3, padding="same", depth_multiplier=2)(x)
    x = layers.RMSNormalization(epsilon=1e-5)(ops.mean(x, 1))
    x = layers.SimpleRNN(5, use_bias=False, return_sequences=True)(x)
    h = layers.GRU(5, use_bias=False)(x[:, -1:])
    x = layers.Conv1DTranspose(4, 3)(x + h[:, None])
    x = layers.DepthwiseConv1D(2)(x)
    return Model(volume, layers.Dense(3, use_bias=False)(ops.mean(x, 1)))
"""
TRANSFER = """
def inputs(rng, batch):
    return rng.normal(size=(batch, 4, 4, 2)), rng.integers(0, 3, batch)
def pytorch():
    from torch import nn
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.head = nn.Conv2d(2, 3, 1), nn.Linear(48, 3)
            self.norm = nn.BatchNorm2d(3)
        def forward(self, x):
            return self.head(self.norm(self.conv(x.permute(0, 3, 1, 2))).flatten(1))
    return Net()
def tensorflow():
    from keras import Input, Sequential, layers
    norm = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    return Sequential([Input((4, 4, 2)), layers.Conv2D(3, 1), norm, layers.Flatten(), layers.Dense(3)])
def transfer(state):
    # Channels are flattened last in Keras and first in PyTorch.
    head = state["head.weight"].reshape(3, 3, 16).transpose(2, 1, 0).reshape(48, 3)
    norm = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
    return {
        "conv2d/kernel": state["conv.weight"].transpose(2, 3, 1, 0), "conv2d/bias": state["conv.bias"],
        "dense/kernel": head, "dense/bias": state["head.bias"],
    } | {f"batch_normalization/{ours}": state[f"norm.{theirs}"] for ours, theirs in norm.items()}
"""


def _written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "model.py"
    file.write_text(text, encoding="utf-8")
    return file


def test_other_kinds_of_layers(sides: BothSides, tmp_path: Path) -> None:
    found = sides.compared(file := _written(tmp_path, KINDS), MEASURE)
    assert found.shown, found.not_carried or found.reason
    keras = sides.described(file, "tensorflow")
    assert found.file.parameters["pytorch"] == keras.parameters["tensorflow"]


def test_two_biases_of_pytorch_answer_the_same_and_train_otherwise(sides: BothSides, tmp_path: Path) -> None:
    file = _written(tmp_path, TWO_BIASES)
    assert sides.compared(file, "inference_b32").shown
    trained = sides.compared(file, MEASURE)
    assert not trained.shown
    assert "update" in trained.reason
    assert trained.deviations["outputs"] < 1e-5


def test_the_file_may_say_what_goes_where(sides: BothSides, tmp_path: Path) -> None:
    found = sides.compared(_written(tmp_path, TRANSFER))  # traced, as a run does it
    assert found.shown, found.not_carried or found.reason
    untold = TRANSFER.partition("def transfer")[0]
    assert not sides.compared(_written(tmp_path, untold), MEASURE).shown, "by its layers alone the head can't be found"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("dense/kernel", "dense_9/kernel"), "Keras has no weight 'dense_9/kernel'; it has conv2d/kernel"),
        (('"dense/bias": state["head.bias"],', ""), "nothing is given for dense/bias"),
        (
            ("transpose(2, 1, 0).reshape(48, 3)", "reshape(3, 48)"),
            "dense/kernel is (48, 3) in Keras, (3, 48) was given",
        ),
        (('state["conv.bias"]', 'state["cnv.bias"]'), "transfer(state): KeyError: 'cnv.bias'"),
    ],
)
def test_a_transfer_that_does_not_fit_is_told(
    change: tuple[str, str], said: str, sides: BothSides, tmp_path: Path
) -> None:
    assert change[0] in TRANSFER
    assert said in sides.compared(_written(tmp_path, TRANSFER.replace(*change))).not_carried


def test_several_outputs_need_a_loss(sides: BothSides, tmp_path: Path) -> None:
    text = (FOLDER / "two_tower.py").read_text(encoding="utf-8").partition("def _torch_loss")[0]
    with pytest.raises(ChildError, match=r"several outputs: the file needs a loss\(outputs, labels\)"):
        sides.compared(_written(tmp_path, text), MEASURE)


def test_a_model_that_is_written_once_computes_the_same_on_both_backends(sides: BothSides) -> None:
    """The last one: PyTorch's process has Keras in it from here on."""
    (file,) = (file for file in EXAMPLES if file.stem == "keras_once")
    found = sides.compared(file, MEASURE)
    assert found.shown, found.not_carried or found.reason
    assert found.deviations["outputs"] < 1e-5
