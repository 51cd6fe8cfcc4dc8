"""Where Fulcrum's code lies, and where it keeps what outlives a run, besides the database: one place, so that
FULCRUM_DATA_DIR moves all of it.

| | with FULCRUM_DATA_DIR | without |
|---|---|---|
| database, locks, logs | FULCRUM_DATA_DIR | the user's data folder |
| interpreters of the user's own | FULCRUM_DATA_DIR/interpreters | the user's data folder/interpreters |
| environments, artefacts, compiled code, agreements | FULCRUM_DATA_DIR/cache/… | the user's cache folder/… |

FULCRUM_CACHE_DIR puts the last row elsewhere: what instances may share, what no backup needs, what may be large.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

#: The folder that holds the packages: a clone's, or the one that they are installed in.
PACKAGES: Final = Path(__file__).resolve().parents[2]
DATA, CACHE = "FULCRUM_DATA_DIR", "FULCRUM_CACHE_DIR"


def data() -> Path:
    """What nothing can make anew. As it is set, so perhaps relative to the working directory."""
    if set_ := _set(DATA):
        return set_
    import platformdirs  # late: a child that is told its folders needs no library to find them

    return Path(platformdirs.user_data_path("fulcrum", appauthor=False))


def cache() -> Path:
    """What can be made anew. Absolute: processes that work elsewhere are told it."""
    if set_ := _set(CACHE):
        return set_.absolute()
    if set_ := _set(DATA):
        return set_.absolute() / "cache"
    import platformdirs

    return Path(platformdirs.user_cache_path("fulcrum"))


def environments() -> Path:
    """The runtimes that have an environment of their own."""
    return cache() / "environments"


def artefacts() -> Path:
    """What was exported, by content."""
    return cache() / "artefacts"


def compiled() -> Path:
    """What compilers keep for later runs."""
    return cache() / "inductor"


def agreements() -> Path:
    """Which sides were seen to compute the same, by content."""
    return cache() / "agreements"


def interpreters() -> Path:
    """Which interpreters a user pointed to."""
    return data() / "interpreters"


def made(path: Path) -> Path:
    """The folder, made with all that is missing above it for this user alone, whoever comes first. Raises OSError."""
    if not path.is_dir():
        made(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def _set(name: str) -> Path | None:
    value = os.environ.get(name, "").strip()
    return Path(value).expanduser() if value else None
