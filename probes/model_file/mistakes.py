"""What goes wrong in a model file, in words that name its line and what to do."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from probes.contracts import UnsupportedError
from probes.schema import TITLES, Framework
from probes.system import quoting

#: Modules that only one side's process sees, and the function of the file that belongs to it.
_OF_A_SIDE: Final[dict[str, Framework]] = {"torch": "pytorch", "tensorflow": "tensorflow", "keras": "tensorflow"}
_MOST_WORDS: Final = 400


@contextmanager
def explained(
    path: Path,
    framework: Framework,
    package_of: Callable[[str], str],
    is_out_of_memory: Callable[[BaseException], bool],
) -> Iterator[None]:
    """Whatever the team's code raises inside becomes UnsupportedError, which is shown as it is; a call of ``exit`` too.

    ``package_of``: the installed package that a module belongs to which is hidden from this process; "" if none is.
    That memory ran out is passed on: it is another outcome.
    """
    try:
        yield
    except UnsupportedError:
        raise
    except BaseException as error:
        if is_out_of_memory(error):
            raise
        traceback.print_exc()
        raise UnsupportedError(f"{_place(path, error)}: {_words(error, framework, package_of)}") from error


def _place(path: Path, error: BaseException) -> str:
    """The innermost line of the file itself: what a library does further on is seldom where the mistake is."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f"{path.name}, line {lines[-1]}" if lines else path.name


def _words(error: BaseException, framework: Framework, package_of: Callable[[str], str]) -> str:
    if isinstance(error, SystemExit):
        return "it ends the process (exit) instead of describing a model"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _missing(error.name.partition(".")[0], framework, package_of)
    return quoting.quoted(quoting.error(error), _MOST_WORDS).rstrip(": ")


def _missing(module: str, framework: Framework, package_of: Callable[[str], str]) -> str:
    if (side := _OF_A_SIDE.get(module)) == framework:
        return f"{module} can't be seen here, where Keras runs on another backend: write with keras.ops what can be"
    if side is not None:
        return (
            f"{module} can't be seen in the process of {TITLES[framework]}, which measures one framework alone: "
            f"import it inside {side}()"
        )
    if package := package_of(module):
        return (
            f"{module} is installed, but hidden, so that nothing but the framework is measured: "
            f'name its package in the file, SPEC = dict(packages=["{package}"])'
        )
    return f"there is no module {module!r} here: install its package, or put it beside the file"
