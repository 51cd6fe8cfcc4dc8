"""A team's own models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from probes.compare.schema import ModelReport
from probes.rehearsal.schema import Rehearsal


@dataclass(frozen=True, slots=True)
class OwnModelFile:
    """A file of a team's own model that a page may name: by its name and hash, never by a path."""

    name: str
    sha256: str  # "" where it can't be used
    reason: str = ""  # why it can't be


class OwnModels(Protocol):
    """Knows the team's own model files. They are code: whoever can have one measured runs it with this user's rights,
    so that only operators may ask for it, and only where nobody else reaches the pages."""

    def why_off(self) -> str:
        """Why no own model can be measured here, with what to do; "" if they can."""
        ...

    def files(self) -> tuple[OwnModelFile, ...]:
        """What may be named, by name. Cheap; files come and go, so ask again."""
        ...

    def describe(
        self, name: str, sha256: str, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> ModelReport | None:
        """What is known of such a file before it is measured; None if it was cancelled. Runs it in children of the
        calling process, which takes up to minutes: the executor's business. Raises ``ValueError`` with a reason."""
        ...

    def rehearse(
        self, name: str, sha256: str, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> Rehearsal | None:
        """How such a file does where it might go; None if it was cancelled. As ``describe``."""
        ...
