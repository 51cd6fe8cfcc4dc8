"""Environments of their own that some routes need, as the pages see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RuntimeState = Literal["missing", "ready", "yours"]


@dataclass(frozen=True, slots=True)
class RuntimeOffer:
    """One row of data/runtimes.yaml, and whether it is here."""

    id: str
    title: str
    purpose: str  # which routes need it, and why they can't live in the app's own environment
    pins: tuple[str, ...]  # what would be installed: "executorch==1.5.1"
    megabytes: int  # on disk, about
    programs: tuple[str, ...]  # that must be on the PATH besides: "java"
    state: RuntimeState  # "yours": an interpreter of the user's own
    interpreter: str = ""  # where it is, "" if nowhere
