"""Finished decisions of teams, kept for checking the advice: ``data/replays.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar

from pydantic import Field

from advisor.answers import Answers
from advisor.knowledge import load
from advisor.knowledge.options import OptionId
from probes.system.data_files import DataError, DataFile, Once, Text


@dataclass(frozen=True, slots=True)
class Replay:
    """One decision: what the team could have answered, and the option that it took on that day."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    title: Text
    day: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    took: OptionId
    because: Text
    source: Annotated[str, Field(pattern=r"^https://\S+$")]
    answers: Answers


class Replays(DataFile):
    """``data/replays.yaml``."""

    file: ClassVar[str] = "replays.yaml"
    replays: Once[Replay]


@cache
def replays() -> tuple[Replay, ...]:
    """All of them. Raises DataError naming file, path and value."""
    found, ids = Replays.read().replays, [option.id for option in load().options]
    if unknown := next((replay for replay in found if replay.took not in ids), None):
        where = f"{Replays.file}: replays.{unknown.id}.took"
        raise DataError(f"{where}: no option {unknown.took!r}; allowed: {', '.join(ids)}")
    return found
