"""Roads besides the two frameworks that an answer should name when the answers are so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from advisor.knowledge.conditions import When
from advisor.model.facts import FactId
from probes.system.data_files import DataFile, Once, Text


@dataclass(frozen=True, slots=True)
class Hint:
    """A sentence and the facts that it rests on. It weighs nothing."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    say: Text
    when: When
    facts: Annotated[tuple[FactId, ...], Field(min_length=1)]
    instead: str = ""  # what comes before either of the two


class Hints(DataFile):
    """``data/hints.yaml``."""

    file: ClassVar[str] = "hints.yaml"
    hints: Once[Hint]
