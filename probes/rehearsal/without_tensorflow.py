"""Keras code in a process without TensorFlow: ``tf.keras`` is Keras there, and the first call of anything
else of TensorFlow's ends the rehearsal with its name."""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any, Final

_TENSORFLOW: Final = "tensorflow"
_KERAS: Final = f"{_TENSORFLOW}.keras"


#: Types of numbers, which Keras takes by name.
_TYPES: Final = frozenset(
    (
        "bfloat16",
        "bool",
        "float16",
        "float32",
        "float64",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
    )
)


@dataclass(slots=True)
class Bent:
    """What the team's code was given in TensorFlow's place, and the name at which it ended."""

    adapted: list[str] = field(default_factory=list)
    gone: str = ""

    def adapt(self, what: str) -> None:
        if what not in self.adapted:
            self.adapted.append(what)


class _Gone:
    """A name that only TensorFlow has: it may be looked further into, and nothing is one of it. To call it, or to make
    a class of it, is an error."""

    def __init__(self, bent: Bent, name: str) -> None:
        self._bent, self._name = bent, name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python's own machinery asks of everything
            raise AttributeError(name)
        return _Gone(self._bent, f"{self._name}.{name}")

    def __call__(self, *_: Any, **__: Any) -> Any:
        self._bent.gone = self._name
        raise RuntimeError(words(self._name))

    def __mro_entries__(self, _bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(self())

    def __instancecheck__(self, _what: object) -> bool:
        return False


class _StandIn(ModuleType):
    """What ``import tensorflow`` gives to the team's code."""

    def __init__(self, bent: Bent) -> None:
        super().__init__(_TENSORFLOW)
        self._bent = bent

    def __getattr__(self, name: str) -> Any:
        if name == "keras":
            return importlib.import_module("keras")
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _TYPES:
            self._bent.adapt(f"{_TENSORFLOW}.{name}")
            return name
        return _Gone(self._bent, f"{_TENSORFLOW}.{name}")


def words(name: str) -> str:
    """What is wrong with a name of TensorFlow's, and what to do."""
    return f"there is no {name} without TensorFlow: write it with keras.ops or keras.layers"


class _Hiding:
    """``PathFinder`` for a process where TensorFlow isn't installed: libraries take another way there."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        return None if name == _TENSORFLOW else PathFinder.find_spec(name, path, target)

    def __getattr__(self, name: str) -> Any:
        return getattr(PathFinder, name)


@contextmanager
def without_tensorflow(folder: Path) -> Iterator[Bent]:
    """Inside, TensorFlow can't be imported in this process but for its ``keras``, by the team's code in ``folder``."""
    bent = Bent()
    original, finders = builtins.__import__, list(sys.meta_path)

    def importing(
        name: str,
        globals_: Mapping[str, Any] | None = None,
        locals_: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if level or name.partition(".")[0] != _TENSORFLOW or not _is_in(folder, globals_):
            return original(name, globals_, locals_, fromlist or (), level)
        if name == _TENSORFLOW:
            bent.adapt(f"import {name}")
            return _StandIn(bent)
        if name == _KERAS or name.startswith(f"{_KERAS}."):
            bent.adapt(f"import {name}")
            module = importlib.import_module(name.removeprefix(f"{_TENSORFLOW}."))
            return module if fromlist else _StandIn(bent)
        bent.gone = name
        raise ModuleNotFoundError(words(name), name=name)

    builtins.__import__ = importing  # type: ignore[assignment]  # typeshed has its arguments by place only
    hiding: Any = _Hiding()  # typeshed wants what only ``importlib`` itself defines
    sys.meta_path[:] = [hiding if finder is PathFinder else finder for finder in finders]
    try:
        yield bent
    finally:
        builtins.__import__ = original
        sys.meta_path[:] = finders


def _is_in(folder: Path, globals_: Mapping[str, Any] | None) -> bool:
    file = Path(str((globals_ or {}).get("__file__", "")))
    return folder in file.parents and "site-packages" not in file.parts
