"""The one folder that a team's own files are taken from: what may be named in it, and where it lies."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

OFF: Final = "a team's own models are off: FULCRUM_OWN_MODELS names their folder"


def found(folder: Path | None, name: str, endings: tuple[str, ...], what: str) -> Path:
    """Where the file or folder ``name`` lies: right in ``folder``, not hidden, no link. ``endings``: one of which it
    has; ``what``: what it would be. Raises ValueError saying why not, which names no folder."""
    if folder is None:
        raise ValueError(OFF)
    if not name or name != os.path.basename(name) or name.startswith(".") or not name.endswith(endings) or "\\" in name:
        allowed = " or ".join(f"NAME{ending}" for ending in endings)
        raise ValueError(f"{name[:100]!r} is no name of a {what}; allowed: {allowed}, without a folder")
    path = folder / name
    try:
        kind = path.lstat().st_mode
    except (OSError, ValueError) as error:
        raise ValueError(f"{name[:100]!r} isn't in the folder of FULCRUM_OWN_MODELS") from error
    if stat.S_ISLNK(kind):
        raise ValueError(f"{name} is a link, which may lead anywhere: put the file itself into the folder")
    return path


def names(folder: Path | None) -> tuple[str, ...]:
    """Of all that isn't hidden, in alphabetical order; none where the folder can't be read, or isn't there yet. Names
    that are no UTF-8 are left out: nothing that shows or keeps a request takes them."""
    if folder is None:
        return ()
    try:
        with os.scandir(folder) as entries:
            found = sorted(entry.name for entry in entries if not entry.name.startswith("."))
    except OSError:
        return ()
    return tuple(name for name in found if name.encode(errors="ignore") == os.fsencode(name))
