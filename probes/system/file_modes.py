"""Files that nobody else on this machine should read: edit keys stand in the database, people's names in the logs.

On Windows a folder's own list of rights decides, and nothing of this has an effect.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

FILE: Final = 0o600
FOLDER: Final = 0o700


def opener(path: str, flags: int) -> int:
    """For ``open``: a new file is its owner's alone from the first moment on, whatever the umask."""
    return os.open(path, flags, FILE)


def tighten(path: Path) -> None:
    """Take everybody else's rights to a file or folder that exists already and is ours; links are left alone."""
    with suppress(OSError):
        status = path.lstat()
        ours = not hasattr(os, "getuid") or status.st_uid == os.getuid()
        if ours and not stat.S_ISLNK(status.st_mode) and status.st_mode & 0o077:
            path.chmod(FOLDER if stat.S_ISDIR(status.st_mode) else FILE)
