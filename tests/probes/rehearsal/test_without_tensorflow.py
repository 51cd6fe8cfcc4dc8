"""What the team's code is given in TensorFlow's place."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from probes.rehearsal.without_tensorflow import Bent, without_tensorflow


@pytest.fixture
def keras(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Stands for Keras, which this process mustn't import."""
    package, layers = ModuleType("keras"), ModuleType("keras.layers")
    package.layers = layers  # type: ignore[attr-defined]
    layers.Dense = "a layer"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keras", package)
    monkeypatch.setitem(sys.modules, "keras.layers", layers)
    return package


def run(folder: Path, source: str) -> tuple[dict[str, Any], Bent]:
    names: dict[str, Any] = {"__name__": "team_model", "__file__": str(folder / "ours.py")}
    with without_tensorflow(folder) as bent:
        exec(source, names)  # noqa: S102 - that is what it is for
    return names, bent


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import tensorflow as tf\nfound = tf.keras.layers.Dense", ["import tensorflow"]),
        ("from tensorflow import keras\nfound = keras.layers.Dense", ["import tensorflow"]),
        ("from tensorflow.keras import layers\nfound = layers.Dense", ["import tensorflow.keras"]),
        ("from tensorflow.keras.layers import Dense\nfound = Dense", ["import tensorflow.keras.layers"]),
        ("import tensorflow.keras.layers as own\nfound = own.Dense", ["import tensorflow.keras.layers"]),
        ("import keras\nfound = keras.layers.Dense", []),
    ],
)
@pytest.mark.usefixtures("keras")
def test_its_keras_is_keras(source: str, said: list[str], tmp_path: Path) -> None:
    names, bent = run(tmp_path, source)
    assert (names["found"], bent.adapted, bent.gone) == ("a layer", said, "")


@pytest.mark.parametrize(
    ("source", "gone"),
    [
        ("import tensorflow as tf\ntf.image.resize(1, 2)", "tensorflow.image.resize"),
        ("import tensorflow as tf\n@tf.function\ndef step(): ...", "tensorflow.function"),
        ("import tensorflow as tf\nclass Own(tf.Module): ...", "tensorflow.Module"),
        ("from tensorflow import image\nimage.resize(1)", "tensorflow.image.resize"),
        ("import tensorflow.compat.v1 as tf", "tensorflow.compat.v1"),
        ("from tensorflow.python.ops import array_ops", "tensorflow.python.ops"),
    ],
)
@pytest.mark.usefixtures("keras")
def test_the_first_call_of_anything_else_ends_it_with_its_name(source: str, gone: str, tmp_path: Path) -> None:
    names: dict[str, Any] = {"__name__": "team_model", "__file__": str(tmp_path / "ours.py")}
    with without_tensorflow(tmp_path) as bent, pytest.raises((RuntimeError, ImportError), match=r"keras\.ops"):
        exec(source, names)  # noqa: S102
    assert bent.gone == gone


@pytest.mark.usefixtures("keras")
def test_nothing_is_a_tensor_of_it_and_its_types_go_by_name(tmp_path: Path) -> None:
    names, bent = run(tmp_path, "import tensorflow as tf\nis_one = isinstance(1, tf.Tensor)\nkind = tf.float32")
    assert (names["is_one"], names["kind"]) == (False, "float32")
    assert bent.adapted == ["import tensorflow", "tensorflow.float32"]


def test_libraries_find_that_it_isnt_installed(tmp_path: Path) -> None:
    import importlib.util

    with without_tensorflow(tmp_path):
        assert importlib.util.find_spec("tensorflow") is None
        with pytest.raises(ModuleNotFoundError, match="No module named 'tensorflow'"):
            import tensorflow  # noqa: F401 - this file isn't the team's


def test_afterwards_imports_are_as_before(tmp_path: Path) -> None:
    import builtins

    before = (builtins.__import__, list(sys.meta_path))
    with pytest.raises(ZeroDivisionError), without_tensorflow(tmp_path):
        raise ZeroDivisionError
    assert (builtins.__import__, sys.meta_path) == before
