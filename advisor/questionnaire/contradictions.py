"""Answers that can't both be meant: named where they were given, and nothing is guessed from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from advisor.answers import Answers
from advisor.knowledge.conditions import When
from probes.system.data_files import DataFile, Once, Text


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Holds where ``when`` does. ``at``: the key paths of the questions at which it is said."""

    id: str
    at: Annotated[tuple[str, ...], Field(min_length=1)]
    when: When
    say: Text
    resolve: Text


class _Contradictions(DataFile):
    file: ClassVar[str] = "contradictions.yaml"
    contradictions: Once[Contradiction]

    @field_validator("contradictions")
    @classmethod
    def _at_what_they_are_about(cls, found: tuple[Contradiction, ...]) -> tuple[Contradiction, ...]:
        for one in found:
            asked = {line.asks for line in one.when.lines}
            if stray := [path for path in one.at if path not in asked]:
                raise ValueError(f"{one.id}: at: {stray[0]!r} is none of the answers in when")
            if len(asked) < 2:
                raise ValueError(f"{one.id}: when: one answer alone contradicts nothing")
        return found


@cache
def known() -> tuple[Contradiction, ...]:
    """Every contradiction that is looked for. Raises DataError naming file, path and value."""
    return _Contradictions.read().contradictions


def contradictions(answers: Answers) -> tuple[Contradiction, ...]:
    """Those that hold, in the order of ``data/contradictions.yaml``; none from answers that were not given."""
    return tuple(one for one in known() if one.when.holds(answers))
