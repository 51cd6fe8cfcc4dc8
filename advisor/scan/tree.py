"""The files of a tree: listed without following a link, without what .gitignore names and what others wrote."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pathspec import GitIgnoreSpec

from advisor.scan.limits import ScanClock, ScanLimits
from advisor.scan.report import BlindKind, BlindSpot

_GIT: Final = {".git", ".hg", ".svn", ".bzr"}
_VENDORED: Final = {
    "node_modules", "site-packages", "dist-packages", "third_party", "thirdparty", "3rdparty", "third-party", "vendor",
    "vendored", "_vendor", "_vendored", "bower_components",
}  # fmt: skip
_GENERATED: Final = {
    "__pycache__", ".tox", ".nox", ".eggs", ".venv", "venv", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache",
    ".ruff_cache", ".cache", ".idea", ".vscode", "htmlcov",
}  # fmt: skip
_BUILT: Final = {"build", "dist", "env"}  # unless they are packages


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A regular file. ``path`` is relative, with slashes, and fit to be shown."""

    path: str
    full: Path
    size: int

    @property
    def name(self) -> str:
        """Without its folder."""
        return self.path.rpartition("/")[2]

    def read(self, most: int = -1) -> bytes:
        """Its first ``most`` bytes. Raises OSError, also where a link or a pipe has taken its place meanwhile."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(self.full, flags)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError("no regular file any more")
            return file.read(most if most >= 0 else self.size + 1)


class FileTree:
    """Walks once. What was left out is in ``blind_spots`` afterwards."""

    def __init__(self, root: Path, limits: ScanLimits, clock: ScanClock) -> None:
        self.root = root
        self.blind_spots: list[BlindSpot] = []
        self._limits = limits
        self._clock = clock
        self._counted: Counter[BlindKind] = Counter()
        self._listed = 0
        self._late = False

    def files(self) -> Iterator[TreeFile]:
        """Every file of the team's, folder by folder, by name."""
        yield from self._below(self.root, "", (), 0)
        if self._listed > self._limits.files:
            self._blind("file-limit", f"only the first {self._limits.files:,} files were looked at", "")
        if self._late:
            self._blind("time", f"not every folder was listed, because {self._limits.seconds:g} s were over", "")
        said: dict[BlindKind, str] = {
            "link": "symbolic links were not followed",
            "ignored": "files and folders that .gitignore names were left out",
            "special": "pipes, sockets or devices were left out",
        }
        for kind, text in said.items():
            if self._counted[kind]:
                self.blind_spots.append(BlindSpot(kind, text, count=self._counted[kind]))

    def _below(self, folder: Path, at: str, ignoring: tuple[_Ignoring, ...], depth: int) -> Iterator[TreeFile]:
        if self._clock.over:
            self._late = True
            return
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._blind("unreadable", f"the folder can't be read: {error.strerror}", at)
            return
        names = {entry.name for entry in entries}
        if ".gitignore" in names and (found := _ignoring(folder / ".gitignore", at)):
            ignoring = (*ignoring, found)
        for entry in entries:
            path = f"{at}{shown_name(entry.name)}"
            if self._listed > self._limits.files:
                return
            kind = self._kind(entry, path, ignoring)
            if kind == "folder":
                if self._left_out(entry, path):
                    continue
                if depth >= self._limits.depth:
                    self._blind("depth", f"folders deeper than {self._limits.depth} were left out", path)
                    continue
                yield from self._below(Path(entry.path), f"{path}/", ignoring, depth + 1)
            elif kind == "file":
                self._listed += 1
                if self._listed > self._limits.files:
                    return
                try:
                    yield TreeFile(path, Path(entry.path), entry.stat(follow_symlinks=False).st_size)
                except OSError as error:
                    self._blind("unreadable", f"can't be read: {error.strerror}", path)

    def _kind(self, entry: os.DirEntry[str], path: str, ignoring: tuple[_Ignoring, ...]) -> str:
        try:
            if entry.is_symlink():
                kind = "link"
            elif entry.is_dir(follow_symlinks=False):
                kind = "folder"
            else:
                kind = "file" if entry.is_file(follow_symlinks=False) else "special"
        except OSError:
            kind = "special"
        if entry.name in _GIT:
            return ""
        if kind == "link":
            self._counted["link"] += 1
        elif kind == "special":
            self._counted["special"] += 1
        elif _is_ignored(f"{path}/" if kind == "folder" else path, ignoring):
            self._counted["ignored"] += 1
            return ""
        return kind

    def _left_out(self, entry: os.DirEntry[str], path: str) -> bool:
        """Folders of other people's or of machines', and checkouts in this one."""
        inside = Path(entry.path)
        package = os.path.exists(inside / "__init__.py")  # unlike Path's, no error where nothing may be asked
        if entry.name in _VENDORED:
            self._blind("vendored", "code of others, left out", path)
        elif os.path.exists(inside / "pyvenv.cfg") or entry.name.endswith((".egg-info", ".dist-info")):
            self._blind("vendored", "installed packages, left out", path)
        elif entry.name in _GENERATED or (entry.name in _BUILT and not package):
            self._blind("generated", "made by tools, left out", path)
        elif os.path.lexists(inside / ".git"):
            self._blind("submodule", "a repository of its own, left out: scan it by itself", path)
        else:
            return False
        return True

    def _blind(self, kind: BlindKind, said: str, file: str) -> None:
        self.blind_spots.append(BlindSpot(kind, said, file))


@dataclass(frozen=True, slots=True)
class _Ignoring:
    prefix: str
    spec: GitIgnoreSpec


def _ignoring(file: Path, at: str) -> _Ignoring | None:
    """Unreadable lines of a .gitignore ignore nothing."""
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > 1_000_000:
            return None
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    try:
        return _Ignoring(at, GitIgnoreSpec.from_lines(lines))
    except (ValueError, re.error):  # «[z-a]» is a range that no expression can have
        return _Ignoring(at, GitIgnoreSpec.from_lines(filter(_is_pattern, lines)))


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True


def _is_ignored(path: str, ignoring: tuple[_Ignoring, ...]) -> bool:
    """The deepest .gitignore that says anything has the last word, as in git."""
    for one in reversed(ignoring):
        said = one.spec.check_file(path.removeprefix(one.prefix)).include
        if said is not None:
            return said
    return False


def shown_name(name: str | bytes) -> str:
    """Names are bytes; what is no UTF-8 is shown as escapes, and so are control characters."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
