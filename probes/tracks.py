"""How each track runs each framework, and which half of a model's file that takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from probes.contracts import UnsupportedError
from probes.schema import TITLES, Framework, Track

#: How each track runs each framework.
MODES: Mapping[Track, Mapping[Framework, str]] = {
    "default": {"pytorch": "eager", "tensorflow": "tf.function"},
    "careful": {"pytorch": "eager, careful", "tensorflow": "tf.function, careful"},
    "eager": {"pytorch": "eager", "tensorflow": "eager"},
    "tuned": {"pytorch": "torch.compile", "tensorflow": "jit_compile=True"},
    "plain": {"pytorch": "eager, careful", "tensorflow": "tf.function, without Keras"},
    "graph": {"pytorch": "eager", "tensorflow": "graph and session of TensorFlow 1"},
}
#: Tracks whose TensorFlow side has no Keras in it.
WITHOUT_KERAS: tuple[Track, ...] = ("plain", "graph")


def ran(framework: Framework, modes: Iterable[str]) -> str:
    """What ran on a side in all of these modes: «TensorFlow (Keras 3)» where each of them has Keras in it.

    What Keras makes slow isn't laid at TensorFlow's door, and what goes without it says so.
    """
    plain = {MODES[track]["tensorflow"] for track in WITHOUT_KERAS}
    with_keras = framework == "tensorflow" and not plain.intersection(modes)
    return f"{TITLES[framework]} (Keras 3)" if with_keras else TITLES[framework]


def _half(framework: Framework, track: Track) -> str:
    """What a model's file calls its half: «tensorflow» is Keras', «tensorflow_plain» does without."""
    return f"{framework}_plain" if framework == "tensorflow" and track in WITHOUT_KERAS else framework


def is_written(model: ModuleType, track: Track) -> bool:
    """Whether a model's file has what only a track's halves need; others say why they can't be measured."""
    return track not in WITHOUT_KERAS or hasattr(model, _half("tensorflow", track))


def unwritten(model: ModuleType, framework: Framework, track: Track = "default") -> str:
    """That a model's file has no half for a framework on a track; "" if it has."""
    if hasattr(model, _half(framework, track)):
        return ""
    if model.SPEC.own and framework in model.FILE.lacks:
        return str(model.FILE.lacks[framework].reason)
    how = " without Keras" if _half(framework, track) != framework else ""
    return f"{model.SPEC.title if model.SPEC.own else model.SPEC.id} has no implementation in {TITLES[framework]}{how}"


def half(model: ModuleType, framework: Framework, track: Track = "default") -> Callable[..., Any]:
    """A model's half for a framework on a track, a function in its file. Raises UnsupportedError without one."""
    if reason := unwritten(model, framework, track):
        raise UnsupportedError(reason)
    found: Callable[..., Any] = getattr(model, _half(framework, track))
    return found
