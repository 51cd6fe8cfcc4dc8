"""Which call failed, at which file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any, Final

from probes.deploy.own_half import without_noise
from probes.rehearsal.without_tensorflow import words
from probes.system.quoting import quoted

_MOST_WORDS: Final = 400
#: How graph tracers quote a stack that no traceback holds any more.
_QUOTED: Final = re.compile(r'File "([^"]+)", line (\d+)')
_SITE: Final = "site-packages"


def told(error: BaseException, path: Path, gone: str = "") -> dict[str, Any]:
    """Fields of a ``RehearsalFailure`` but for its stage: the innermost line of the team's own code that an error, or
    what it was raised from, passed through; else the innermost of a package. ``path``: the model file; ``gone``: the
    name of TensorFlow's that isn't there, if that is what ended it."""
    chain = list(_chain(error))
    said = f"{type(chain[-1]).__name__}: {quoted(without_noise(str(chain[-1])), _MOST_WORDS)}".rstrip(": ")
    reason = words(gone) if gone else said
    frames = [(list(_frames(one.__traceback__)), one) for one in chain]
    for called, one in frames:
        for place, (code, line, _) in reversed(list(enumerate(called))):
            if _is_own(code.co_filename, path):
                inside = called[place + 1] if place + 1 < len(called) else None
                call = gone or (_name(inside) if inside else "")
                return {"reason": reason, "file": _relative(code.co_filename, path), "line": line, "call": call}
        for file, number in reversed(_QUOTED.findall(str(one))):
            if _is_own(file, path):
                return {"reason": reason, "file": _relative(file, path), "line": int(number), "call": gone}
    for called, _ in reversed(frames):
        if called and not called[-1][2].startswith("probes."):  # what we ask of a tool's work is no call of anybody's
            code, line, module = called[-1]
            file = _installed(code.co_filename)
            return {"reason": reason, "file": file, "line": line, "call": _name((code, line, module)), "own": False}
    return {"reason": reason, "call": gone}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """It, and what it was raised from, that last."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)


def _frames(traceback: TracebackType | None) -> Iterator[tuple[CodeType, int, str]]:
    while traceback is not None:
        frame = traceback.tb_frame
        yield frame.f_code, traceback.tb_lineno, str(frame.f_globals.get("__name__", ""))
        traceback = traceback.tb_next


def _name(frame: tuple[CodeType, int, str]) -> str:
    code, _, module = frame
    return f"{module}.{code.co_qualname}"


def _is_own(file: str, path: Path) -> bool:
    at = Path(file)
    return path.parent in at.parents and _SITE not in at.parts


def _relative(file: str, path: Path) -> str:
    return Path(file).relative_to(path.parent).as_posix()


def _installed(file: str) -> str:
    """Below where packages are installed; the bare name else: no path of this machine gets into a record."""
    parts = Path(file).parts
    return "/".join(parts[parts.index(_SITE) + 1 :]) if _SITE in parts else Path(file).name
