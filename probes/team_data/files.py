"""What lies where the data are said to be: one file, or a folder with a subfolder a class. No link is followed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from probes.system.quantities import counted
from probes.team_data.limits import MOST_BYTES, MOST_CLASSES, MOST_IMAGES, TeamDataError, look_at_count

_PIECE: Final = 2**20
_SUFFIXES: Final = (".jpg", ".jpeg")
_FOLDER: Final = "a folder with a subfolder of JPEG files for each class"


def look_at_file(path: Path) -> None:
    """Raises TeamDataError for what is no ordinary file, or too large."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(found.st_mode):
        raise TeamDataError(f"{path.name} is a pipe or a device", "a file or a folder")
    if not 0 < found.st_size <= MOST_BYTES:
        raise TeamDataError(f"{path.name} has {found.st_size:,} bytes", f"1 to {MOST_BYTES:,}")


def images(folder: Path) -> tuple[tuple[str, ...], tuple[tuple[Path, int], ...]]:
    """The classes' names in alphabetical order, and (file, class) of every image, in the order of their names.

    Hidden files are passed over. Raises TeamDataError for links, whatever they point to, and for what is no JPEG by
    name.
    """
    try:
        classes = tuple(entry.name for entry in _entries(folder, _FOLDER) if _is_class(folder, entry))
        found = [(Path(entry.path), at) for at, name in enumerate(classes) for entry in _images(folder, name)]
        total = sum(path.stat().st_size for path, _ in found)
    except OSError as error:
        raise _unreadable(folder, error) from error
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise TeamDataError(
            f"{folder.name} has {counted(len(classes), 'subfolder')}", f"2 to {MOST_CLASSES:,}, one a class"
        )
    look_at_count(folder.name, len(found), MOST_IMAGES)
    if total > MOST_BYTES:
        raise TeamDataError(f"the images of {folder.name} have {total:,} bytes", f"{MOST_BYTES:,} at the most")
    return classes, tuple(found)


def digest(path: Path) -> str:
    """SHA-256 of a file's content; of a folder over the sorted names, sizes and contents of its images.

    Raises TeamDataError for what can't be read.
    """
    whole = hashlib.sha256()
    try:
        if not path.is_dir():
            look_at_file(path)
            _read_into(whole, path)
            return whole.hexdigest()
        for file, _ in images(path)[1]:
            whole.update(f"{file.relative_to(path).as_posix()}\0{file.stat().st_size}\0".encode())
            _read_into(whole, file)
    except OSError as error:
        raise _unreadable(path, error) from error
    return whole.hexdigest()


def _is_class(folder: Path, entry: os.DirEntry[str]) -> bool:
    if not entry.is_dir(follow_symlinks=False):
        raise TeamDataError(f"{folder.name} holds {entry.name}, which lies in no subfolder", _FOLDER)
    return True


def _images(folder: Path, name: str) -> Iterator[os.DirEntry[str]]:
    for entry in _entries(folder / name, f"JPEG files ({', '.join(_SUFFIXES)})"):
        if not entry.is_file(follow_symlinks=False) or Path(entry.name).suffix.lower() not in _SUFFIXES:
            raise TeamDataError(f"{folder.name}/{name} holds {entry.name}", f"JPEG files ({', '.join(_SUFFIXES)})")
        yield entry


def _entries(folder: Path, allowed: str) -> list[os.DirEntry[str]]:
    """What isn't hidden, by name."""
    with os.scandir(folder) as found:
        entries = sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_symlink():
            raise TeamDataError(f"{folder.name}/{entry.name} is a link", f"{allowed}, and no links")
    return entries


def _read_into(whole: hashlib._Hash, path: Path) -> None:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            whole.update(piece)


def _unreadable(path: Path, error: OSError | ValueError) -> TeamDataError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return TeamDataError(f"{path.name} can't be read ({reason})", "a file or a folder that can be read")
