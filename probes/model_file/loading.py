"""Loads a model file into this process, which only a measured child does.

It runs with the user's rights: limits of time and memory are no sandbox.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from probes.contracts import UnsupportedError
from probes.model_file import keras_once
from probes.schema import FRAMEWORKS, Framework

LARGEST: Final = 2**20  # bytes of source
#: What a half is called in the file.
HALVES: Final[tuple[Framework, ...]] = FRAMEWORKS


def read(path: Path, sha256: str = "") -> bytes:
    """The source. Raises UnsupportedError where it can't be, or isn't what ``sha256`` (if given) says."""
    try:
        if not path.is_file():
            raise UnsupportedError(f"{path.name} is no file")
        with path.open("rb") as file:
            source = file.read(LARGEST + 1)
    except OSError as error:
        raise UnsupportedError(f"{path.name} can't be read: {error.strerror}") from error
    if len(source) > LARGEST:
        raise UnsupportedError(
            f"{path.name} has more than {LARGEST:,} bytes: a model file describes a model, data lie beside it"
        )
    if sha256 and hashlib.sha256(source).hexdigest() != sha256:
        raise UnsupportedError(f"{path.name} has changed since it was looked at: begin again")
    return source


def packages(path: Path) -> tuple[str, ...]:
    """What ``SPEC`` says that the file needs, without running it: its imports work only where those are seen."""
    try:
        tree = ast.parse(read(path))
    except (SyntaxError, ValueError):
        return ()  # whoever loads it says where
    for node in tree.body:
        if not isinstance(node, ast.Assign) or not any(
            isinstance(at, ast.Name) and at.id == "SPEC" for at in node.targets
        ):
            continue
        written = node.value
        if isinstance(written, ast.Call):  # dict(title=…)
            keys = [ast.Constant(pair.arg) for pair in written.keywords]
            written = ast.Dict([*keys], [pair.value for pair in written.keywords])
        with suppress(ValueError, AttributeError):
            return tuple(map(str, ast.literal_eval(written).get("packages", ())))
    return ()


def load(path: Path, sha256: str = "") -> ModuleType:
    """The file as a module. Its folder is looked into last, so that a neighbour called ``torch.py`` is no torch.

    Raises UnsupportedError with the line of a mistake, and what the file itself raises.
    """
    source = read(path, sha256)
    try:
        code = compile(source, str(path), "exec")
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise UnsupportedError(f"{path.name}{line}: no Python: {error}") from error
    if (folder := str(path.parent)) not in sys.path:
        sys.path.append(folder)
    module = ModuleType("team_model")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # classes that are pickled or traced look their module up
    exec(code, vars(module))  # noqa: S102 - that is what it is for
    for name in ("inputs", *HALVES):
        if hasattr(module, name) and not callable(getattr(module, name)):
            raise UnsupportedError(f"{path.name}: {name} is no function")
    if not hasattr(module, "inputs"):
        raise UnsupportedError(f"{path.name}: inputs(rng, batch) is missing, which draws a batch of inputs")
    if not (keras_once.has(module) or any(hasattr(module, side) for side in HALVES)):
        raise UnsupportedError(
            f"{path.name}: neither pytorch() nor tensorflow() nor keras() is there, one of which returns the model"
        )
    return module


def drawn(module: ModuleType, rng: Any, batch: int) -> tuple[Any, Any]:
    """A batch of inputs, a tree of arrays, and its labels or None. A pair is inputs and labels."""
    found = module.inputs(rng, batch)
    return (found[0], found[1]) if isinstance(found, tuple) and len(found) == 2 else (found, None)


def loss_of(module: ModuleType, side: Framework) -> Callable[[Any, Any], Any] | None:
    """The file's own loss of (outputs, labels) for a side; None if it has none."""
    loss = getattr(module, "loss", None)
    if isinstance(loss, dict):
        loss = loss.get(side)
    return loss if callable(loss) else None
