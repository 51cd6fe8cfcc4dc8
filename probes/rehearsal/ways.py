"""The ways that are rehearsed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from probes.schema import Framework


@dataclass(frozen=True, slots=True)
class RehearsalWay:
    """``place``: an environment of data/runtimes.yaml, "" for the app's own; ``onnx``: it goes through such a file."""

    id: str
    title: str
    begins_with: Framework
    runs_as: Framework  # whose interpreter it ends in
    modules: tuple[str, ...]  # what it is made with, whose versions count
    place: str = ""
    onnx: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)


WAYS: Final = (
    RehearsalWay(
        "keras_on_pytorch", "Keras code on PyTorch", "tensorflow", "tensorflow", ("keras", "torch"),
        variables={"KERAS_BACKEND": "torch"},
    ),
    RehearsalWay(
        "keras_on_jax", "Keras code on JAX", "tensorflow", "tensorflow", ("keras", "jax"), place="jax",
        variables={"KERAS_BACKEND": "jax"},
    ),
    RehearsalWay(
        "onnx2torch", "Keras → ONNX → PyTorch module", "tensorflow", "pytorch", ("onnx2torch", "onnx", "torch"),
        place="onnx2torch", onnx=True,
    ),
    RehearsalWay(
        "onnx2tf", "PyTorch → ONNX → TensorFlow model", "pytorch", "tensorflow",
        ("onnx2tf", "onnx", "tf-keras", "tensorflow"), place="onnx2tf", onnx=True,
    ),
)  # fmt: skip


def find(id_: str) -> RehearsalWay:
    """Raises ValueError naming those that there are."""
    for way in WAYS:
        if way.id == id_:
            return way
    raise ValueError(f"way: {id_!r} doesn't exist; allowed: {', '.join(way.id for way in WAYS)}")
