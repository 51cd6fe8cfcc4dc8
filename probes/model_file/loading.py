"""Loads a model file into this process, which only a measured child does.

It runs with the user's rights: limits of time and memory are no sandbox.
"""

from __future__ import annotations

import ast
import hashlib
import os
import stat
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

from probes.contracts import UnsupportedError
from probes.model_file import keras_once, published
from probes.schema import FRAMEWORKS, Framework

LARGEST: Final = 2**20  # bytes of source
#: What a half is called in the file.
HALVES: Final[tuple[Framework, ...]] = FRAMEWORKS
#: Which sides a function at the top of a file stands for.
_STANDS_FOR: Final[Mapping[str, tuple[Framework, ...]]] = {**{side: (side,) for side in HALVES}, "keras": FRAMEWORKS}
#: What such a file would be found as, by itself or by its neighbours.
_TAKEN: Final = frozenset(("torch", "tensorflow", "keras", "jax", "numpy"))


def read(path: Path, sha256: str = "") -> bytes:
    """The source. Raises UnsupportedError where it can't be, or isn't what ``sha256`` (if given) says.

    Only an ordinary file is opened: a pipe would be waited for, a device might do something. Of a published model, what
    stands for it.
    """
    if published.is_published(path):
        return published.read(path, sha256)
    if path.stem in _TAKEN:
        raise UnsupportedError(
            f"{path.name} can't be the name of a model file, because «import {path.stem}» might find it: rename it"
        )
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnsupportedError(f"{path.name} is no file, but a folder, a pipe or a device")
        source = _begin_of(path)
    except OSError as error:
        raise UnsupportedError(f"{path.name} can't be read: {error.strerror or error}") from error
    except ValueError as error:  # a name that no file can have
        raise UnsupportedError(f"{path.name!r} can't be read: {error}") from error
    if len(source) > LARGEST:
        raise UnsupportedError(
            f"{path.name} has more than {LARGEST:,} bytes: a model file describes a model, data lie beside it"
        )
    if sha256 and hashlib.sha256(source).hexdigest() != sha256:
        raise UnsupportedError(f"{path.name} has changed since it was looked at: begin again")
    return source


def _begin_of(path: Path) -> bytes:
    """As much of it as is too much. What was put in its place since it was looked at isn't waited for."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        return file.read(LARGEST + 1) or b""


def halves(source: bytes) -> tuple[Framework, ...]:
    """The sides that a source seems to have a half for, without running it; all if that can't be told.

    So a file with one half may import its framework at the top: the other's process never runs it.
    """
    names = told_names(source)
    found = {side for name in names for side in _STANDS_FOR.get(name, ())}
    return tuple(side for side in HALVES if side in found or not found or "*" in names)


def told_names(source: bytes) -> frozenset[str]:
    """What a source has at its top, without running it; "*" where it takes over all that another module has.

    Neither modules nor a framework's own names are among it: ``from tensorflow import keras`` is no half.
    """
    names = set[str]()
    for node in _statements(source):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").partition(".")[0] not in _TAKEN):
            names |= {alias.asname or alias.name for alias in node.names}
        names |= _assigned(node)[0]
    return frozenset(names)


def _assigned(node: ast.stmt) -> tuple[set[str], ast.expr | None]:
    """The names that a statement gives a value, and how it is written; (set(), None) where it gives none."""
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets, value = [node.target], node.value
    else:
        return set(), None
    inner = (part for target in targets for part in ast.walk(target))
    return {part.id for part in inner if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}, value


def _statements(source: bytes) -> list[ast.stmt]:
    """Those at the top; none of what is no Python, which whoever loads it tells."""
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested too deeply
        return []


def packages(path: Path) -> tuple[str, ...]:
    """What ``SPEC`` says that the file needs, without running it: its imports work only where those are seen."""
    for node in _statements(read(path)):
        names, written = _assigned(node)
        if written is None or "SPEC" not in names:
            continue
        if isinstance(written, ast.Call):  # dict(title=…)
            keys = [ast.Constant(pair.arg) for pair in written.keywords]
            written = ast.Dict([*keys], [pair.value for pair in written.keywords])
        with suppress(ValueError, AttributeError, TypeError):
            return tuple(map(str, ast.literal_eval(written).get("packages", ())))
    return ()


def load(path: Path, sha256: str = "") -> ModuleType:
    """The file as a module. Its folder is looked into last, so that a neighbour called ``torch.py`` is no torch.

    Raises UnsupportedError with the line of a mistake, and what the file itself raises.
    """
    code = compiled(path, read(path, sha256))
    sys.dont_write_bytecode = True  # of its neighbours, in a folder that isn't ours
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


def compiled(path: Path, source: bytes) -> CodeType:
    """Its code, of which nothing is run. Raises UnsupportedError with the line of a mistake."""
    try:
        return compile(source, str(path), "exec")
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise UnsupportedError(f"{path.name}{line}: no Python: {error.msg}") from error
    except ValueError as error:
        raise UnsupportedError(f"{path.name}: no Python: {error}") from error
    except (RecursionError, MemoryError) as error:
        raise UnsupportedError(f"{path.name}: no Python: its expressions are nested too deeply") from error


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
