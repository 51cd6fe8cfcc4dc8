"""Which code of a folder runs: a rehearsal says something of that much of the team's code, and of no more."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

from probes.rehearsal.schema import RanFile

_SITE: Final = "site-packages"
_LARGEST: Final = 2**20  # bytes of source, as of a model file
_MOST: Final = 500  # files

#: Tells a function from the others of its file: where it begins, and what it is called.
_Place = tuple[int, str]


class Executed:
    """Notes what is called of the files below ``folder`` in this thread, whenever ``noting``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._called: dict[str, set[_Place]] = {}

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Every call in here is looked at, which takes time: nothing is clocked meanwhile."""
        prefix, before = str(self._folder), sys.getprofile()

        def look(frame: FrameType, event: str, _: Any) -> None:
            code = frame.f_code
            if event == "call" and code.co_filename.startswith(prefix):
                self._called.setdefault(code.co_filename, set()).add((code.co_firstlineno, code.co_qualname))

        sys.setprofile(look)
        try:
            yield
        finally:
            sys.setprofile(before)

    def files(self) -> list[RanFile]:
        """What ran, by path; without what can't be read any more."""
        found = []
        # An environment may lie in the folder, too: its thousands of files are left out before the rest is counted.
        own = [path for path in map(Path, self._called) if self._folder in path.parents and _SITE not in path.parts]
        for path in sorted(own)[:_MOST]:
            try:
                source = path.read_bytes()
                whole = compile(source, str(path), "exec", dont_inherit=True) if len(source) <= _LARGEST else None
            except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            if whole is not None:
                found.append(self._ran(path, source, whole))
        return found

    def _ran(self, path: Path, source: bytes, whole: CodeType) -> RanFile:
        called = self._called[str(path)]
        lines: set[int] = set()
        ran: set[int] = set()
        for code in _codes(whole):
            own = {line for _, _, line in code.co_lines() if line}
            lines |= own
            if (code.co_firstlineno, code.co_qualname) in called:
                ran |= own
        relative = path.relative_to(self._folder).as_posix()
        return RanFile(relative, hashlib.sha256(source).hexdigest(), len(lines), len(ran))


def _codes(whole: CodeType) -> Iterator[CodeType]:
    """A file's own code, and that of everything that is defined in it."""
    waiting = [whole]
    while waiting:
        yield (code := waiting.pop())
        waiting += [one for one in code.co_consts if isinstance(one, CodeType)]
