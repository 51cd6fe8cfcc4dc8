"""A team's own code: read, never run."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import IO, Literal, Protocol, TypeAlias

from advisor.lifecycle.pins import LockFile
from advisor.scan.report import ScanReport

ScanSource: TypeAlias = Literal["folder", "archive", "packages"]


@dataclass(frozen=True, slots=True)
class ProjectLock:
    """What one file of the project pins; ``file`` is relative to it, "" for a list that somebody pasted."""

    file: str
    lock: LockFile


@dataclass(frozen=True, slots=True)
class CodeScan:
    """What was found in a folder, an archive or a list of packages, and all that is kept of it.

    ``report``: None for a list of packages alone. ``lines``: the line of each finding of the report, in their order, ""
    where there is none. ``locks``: what can be asked until when it can stay, the likeliest first.
    """

    source: ScanSource
    title: str  # of the folder or archive, as the team calls it
    day: date
    report: ScanReport | None
    lines: tuple[str, ...] = ()
    locks: tuple[ProjectLock, ...] = ()


class CodeScanner(Protocol):
    """Takes in what visitors hand over, and reads it in a process with limits, which runs nothing of it."""

    @property
    def opens_folders(self) -> bool:
        """Whether pages may name a folder of this machine: only where nobody else reaches them."""
        ...

    def keep(self, content: IO[bytes]) -> str:
        """Put an upload on the disk until it was scanned; returns its name there. Raises ``QuotaError`` if it
        is too large or there is no room for it."""
        ...

    def discard(self, name: str) -> None:
        """Delete what ``keep`` kept. Nothing happens if it isn't there any more."""
        ...

    def listed(self, text: str, title: str) -> CodeScan:
        """What a list of packages holds, at once: it is short, and nothing of it is unpacked or opened. Raises
        ``ValueError`` with a reason for what is no list."""
        ...

    def tidy(self, wanted: Collection[str]) -> int:
        """Delete what was kept ten minutes ago or earlier and isn't ``wanted`` by a scan that waits; returns how many
        there were."""
        ...

    def scan(
        self,
        source: ScanSource,
        place: str,
        title: str,
        *,
        tell: Callable[[str, float], None],
        cancelled: Callable[[], bool],
    ) -> CodeScan | None:
        """What a folder (``place`` is its absolute path) or what ``keep`` kept under that name holds; None if it was
        cancelled. Takes up to a minute, in a child of the calling process: the executor's business. Raises
        ``ValueError`` with a reason for what can't be read, RuntimeError where the process was ended."""
        ...
