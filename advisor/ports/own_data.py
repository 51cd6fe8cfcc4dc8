"""A team's own data and requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from probes.serving.schema import Trace
from probes.team_files import DataKind, TeamData


@dataclass(frozen=True, slots=True)
class OwnDataFile:
    """What a page may name: by its name, never by a path. Its content is looked at before it is used."""

    name: str
    kind: DataKind | Literal["trace"]  # a trace: a table of requests, with a column «timestamp»
    columns: tuple[str, ...] = ()  # of an archive or a table, any of which may be the label
    reason: str = ""  # why it can't be used


class OwnData(Protocol):
    """Knows data and traces that lie beside the team's own models (``OwnModels.why_off`` says why none does). Whoever
    can have them read has files of this machine read, so that only operators may ask for it."""

    def files(self) -> tuple[OwnDataFile, ...]:
        """What may be named, by name. Cheap: their begin is read. Files come and go, so ask again."""
        ...

    def look(
        self, name: str, label: str, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> TeamData | None:
        """What such data are, all of them read; None if it was cancelled. Takes up to minutes: the executor's business.
        Raises ``ValueError`` with a reason."""
        ...

    def trace(self, name: str) -> Trace:
        """What such a trace is, all of it read: a second or two. Raises ``ValueError`` with a reason."""
        ...
