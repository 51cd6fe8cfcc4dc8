"""When each file was last changed, out of a checkout's git objects and nothing else of it.

git itself reads them, in a process of its own and in a temporary folder with a configuration of ours: neither the
checkout's configuration nor its hooks, attributes, replacements or other object stores are looked at, since all of them
may name programs to run. Links are not followed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

from advisor.scan.limits import ScanClock
from advisor.scan.tree import shown_name
from probes.system.variables import variables

_HASH: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF: Final = re.compile(r"refs/(?:[\w.-]+/)*[\w.-]+")
_SMALL: Final = 1 << 20  # bytes of a file that holds one name, or the tips of a clone
_PACKED: Final = 64 << 20
_CHUNK: Final = 1 << 16
_COMMIT: Final = b"\x01"  # before each commit's line; no path begins so in a checkout that a scan can show


class NoHistoryError(Exception):
    """No date can be read; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class History:
    """``changed``: by path, the UTC day of its last commit (ISO). A path that isn't in it: not known.

    ``newest``: the day of the last commit of all. ``until``: where reading ended before the beginning (time was over,
    or the checkout holds a part of its history only), the day that it came to; what is tracked and isn't in ``changed``
    was last changed on that day or before it. "" where all was read: then what isn't in ``changed`` isn't tracked.
    """

    changed: dict[str, str] = field(default_factory=dict)
    newest: str = ""
    until: str = ""


def history(root: Path, paths: Set[str], clock: ScanClock) -> History | None:
    """The last commit of each of these files, merges aside, newest first until all are found or time is over.

    None where the folder isn't the top of a checkout. Raises NoHistoryError.
    """
    folder = root / ".git"
    if not os.path.lexists(folder):
        return None
    if folder.is_symlink() or not folder.is_dir():
        raise NoHistoryError(
            "the git history lies elsewhere, and is not followed there: scan the checkout that holds it"
        )
    program = shutil.which("git")
    if program is None:
        raise NoHistoryError("there is no git on this machine that could read the git history: install git")
    if not clock.left:
        raise NoHistoryError("no time was left to read the git history")
    try:
        tip = _tip(folder)
        cut = _text(folder / "shallow", _SMALL).split()
        _refuse_detours(folder / "objects")
        with (
            TemporaryDirectory(prefix="fulcrum-history-") as scratch,
            _log(program, Path(scratch), folder / "objects", tip, cut, clock) as process,
        ):
            return _read(process, paths, frozenset(cut))
    except OSError as error:
        raise NoHistoryError(f"the git history can't be read: {error.strerror or error}") from error


def _text(path: Path, most: int) -> str:
    """A small file of git's; "" where there is none. Raises NoHistoryError."""
    if path.is_symlink():
        raise NoHistoryError("the git history has links in it, which are not followed")
    if not path.exists():
        return ""
    if not path.is_file() or path.stat().st_size > most:
        raise NoHistoryError(f"the git history can't be read: {path.name} is no such file as git writes")
    return path.read_text(encoding="utf-8", errors="replace")


def _tip(folder: Path) -> str:
    """The commit that is checked out."""
    head = _text(folder / "HEAD", _SMALL).strip()
    if _HASH.fullmatch(head):
        return head
    name = head.removeprefix("ref:").strip()
    if not _REF.fullmatch(name) or ".." in name:
        raise NoHistoryError("the git history can't be read: HEAD names no commit")
    loose = folder
    for part in name.split("/"):
        loose /= part
        if loose.is_symlink():
            raise NoHistoryError("the git history has links in it, which are not followed")
    found = _text(loose, _SMALL).strip() if loose.is_file() else ""
    if not found:
        packed = (line.split() for line in _text(folder / "packed-refs", _PACKED).splitlines())
        found = next((words[0] for words in packed if len(words) == 2 and words[1] == name), "")
    if not _HASH.fullmatch(found):
        raise NoHistoryError("no git history: nothing is committed, or its branches are kept in a way not known here")
    return found


def _refuse_detours(objects: Path) -> None:
    """Object stores elsewhere, and links: what they lead to is nobody's who asked for a scan of this folder."""
    if (objects / "info" / "alternates").exists():
        raise NoHistoryError("the git history lies in another checkout, and is not followed there: scan that one")
    for folder in (objects, objects / "pack"):
        if folder.is_symlink() or not folder.is_dir():
            raise NoHistoryError("the git history has links in it, which are not followed, or lacks its objects")
    for one in (*objects.iterdir(), *(objects / "pack").iterdir()):
        if one.is_symlink() or not (one.is_dir() or one.is_file()):
            raise NoHistoryError("the git history has links in it, which are not followed")


@contextmanager
def _log(
    program: str, scratch: Path, objects: Path, tip: str, cut: list[str], clock: ScanClock
) -> Iterator[subprocess.Popen[bytes]]:
    """git's list of commits with their files, from a repository of ours over those objects; ended when time is over."""
    own = scratch / "repository"
    (own / "refs").mkdir(parents=True)
    (own / "objects").mkdir()
    (own / "HEAD").write_text(f"{tip}\n", encoding="ascii")
    sha256 = len(tip) == 64
    (own / "config").write_text(
        f"[core]\nrepositoryformatversion = {int(sha256)}\nbare = true\ncommitGraph = false\nmultiPackIndex = false\n"
        + ("[extensions]\nobjectFormat = sha256\n" if sha256 else ""),
        encoding="ascii",
    )
    if cut:
        (own / "shallow").write_text("".join(f"{one}\n" for one in cut if _HASH.fullmatch(one)), encoding="ascii")
    environment = variables() | {
        "GIT_DIR": str(own), "GIT_OBJECT_DIRECTORY": str(objects.resolve()), "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": str(own / "none"), "GIT_CONFIG_GLOBAL": str(own / "none"), "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0",
        "HOME": str(scratch), "XDG_CONFIG_HOME": str(scratch), "LC_ALL": "C",
    }  # fmt: skip
    command = [
        program, "log", "-z", "--format=%x01%H %ct", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv",
        "--no-show-signature", "--no-mailmap", "--no-notes", "--no-decorate", "--ignore-submodules", tip, "--",
    ]  # fmt: skip
    with subprocess.Popen(
        command, cwd=scratch, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        alarm = threading.Timer(max(0.0, clock.left), process.kill)
        alarm.daemon = True
        alarm.start()
        try:
            yield process
        finally:
            alarm.cancel()
            process.kill()


def _read(process: subprocess.Popen[bytes], paths: Set[str], cut: frozenset[str]) -> History:
    """Until each path is found. Where a part of a history begins, a commit seems to add all: it says nothing."""
    changed: dict[str, str] = {}
    newest = day = ""
    begins = False
    for part in _parts(process.stdout):
        if part.startswith(_COMMIT):
            name, _, seconds = part[1:].decode("ascii", "replace").strip().partition(" ")
            day, begins = _day(seconds), name in cut
            newest = newest or day
        elif not begins and (path := shown_name(part.lstrip(b"\n"))) in paths and path not in changed:
            changed[path] = day
            if len(changed) == len(paths):
                return History(changed, newest)
    if not newest:
        raise NoHistoryError("the git history can't be read: its objects are broken, incomplete or too slow to read")
    complete = process.wait() == 0 and not cut
    return History(changed, newest, "" if complete else day)


def _parts(output: IO[bytes] | None) -> Iterator[bytes]:
    """What stands between null bytes; one that never ends is given up."""
    rest = b""
    while output and (chunk := output.read(_CHUNK)):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
        if len(rest) > _SMALL:
            return
    if rest:
        yield rest


def _day(seconds: str) -> str:
    """A day of a commit; dates that no clock can show are not known."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""
