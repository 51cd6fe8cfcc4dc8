"""What a scan may take, and the two ways in which it says that something was too much."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

MB: Final = 1_000_000


class ScanError(Exception):
    """Nothing can be scanned; the text is one line that names what was given, why, and what to do."""


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """Bounds of one scan. What lies beyond one is a blind spot of the report; of an archive it is a refusal."""

    seconds: float = 60.0
    file_seconds: float = 5.0  # of one source
    history_seconds: float = 10.0  # of reading the git history
    files: int = 200_000  # listed
    depth: int = 60  # folders in folders
    source_bytes: int = 2 * MB  # of one source file: longer ones are generated
    notebook_bytes: int = 16 * MB  # mostly pictures
    listed_bytes: int = 8 * MB  # of one lock file or other list of packages
    line_bytes: int = 200_000  # of one line of source
    read_bytes: int = 400 * MB  # in all
    findings: int = 20_000
    archive_bytes: int = 200 * MB
    unpacked_bytes: int = 1_000 * MB
    unpacked_ratio: int = 200  # unpacked over packed, beyond 10 MB
    pickle_opcodes: int = 1_000_000


@dataclass(slots=True)
class ScanClock:
    """The time that is left to a scan. It looks at the monotonic clock, never at the date."""

    seconds: float
    began: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds, at least 0."""
        return max(0.0, self.seconds - (time.monotonic() - self.began))

    @property
    def over(self) -> bool:
        """No time is left."""
        return time.monotonic() - self.began > self.seconds
