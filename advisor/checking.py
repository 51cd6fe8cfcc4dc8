"""Self-checks of the measuring engine, as the pages and the executor pass them to each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from probes.check.schema import Check

PageForm = Literal["quick", "standard"]  # the full form takes hours, and is a command's business
CheckStatus = Literal["queued", "running", "done", "cancelled", "failed"]


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """One self-check and how far it is."""

    id: str
    form: PageForm
    status: CheckStatus
    version: int
    message: str
    fraction: float  # 0 to 1
    reason: str  # why it failed
    result: Check | None
    cancel_requested: bool
    updated_at: datetime

    @property
    def active(self) -> bool:
        """Waiting or under way."""
        return self.status in ("queued", "running")


class CheckStore(Protocol):
    """Keeps self-checks. Every method is one transaction."""

    def enqueue(self, form: PageForm = "quick") -> CheckRecord:
        """Queue a check; an active one is returned as it is."""
        ...

    def latest(self) -> CheckRecord | None:
        """The newest one."""
        ...

    def version(self) -> tuple[str, int] | None:
        """(id, version) of the newest one: a cheap look for pages that poll."""
        ...

    def done(self, form: PageForm | None = None) -> CheckRecord | None:
        """The newest one that has a result, of any form or of this one."""
        ...

    def request_cancel(self, check_id: str) -> None: ...
    def cancel_requested(self, check_id: str) -> bool: ...
    def claim(self, worker: str) -> CheckRecord | None:
        """Take the oldest queued check. One statement, so that two never take the same."""
        ...

    def tell(self, check_id: str, message: str, fraction: float) -> None: ...
    def finish(self, check_id: str, status: CheckStatus, *, reason: str = "", result: Check | None = None) -> None: ...
    def recover(self, worker: str) -> None:
        """What this worker left running when it died has failed: a check is short, and is started again by hand."""
        ...
