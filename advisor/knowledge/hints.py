"""Roads besides the two frameworks that an answer should name when the answers are so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from advisor.knowledge.conditions import Condition, condition
from advisor.knowledge.reading import KnowledgeError, build, known, unique
from advisor.model import Fact


@dataclass(frozen=True, slots=True)
class Hint:
    """One entry of ``data/hints.yaml``: a sentence and the facts that it rests on. It weighs nothing."""

    id: str
    say: str
    when: Condition
    facts: tuple[str, ...]
    instead: str = ""  # what comes before either of the two


@dataclass(frozen=True, slots=True)
class _Written:
    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    say: Annotated[str, Field(min_length=1)]
    facts: Annotated[tuple[str, ...], Field(min_length=1)]
    instead: Annotated[str, Field(min_length=1)] | None = None


def hints(written: object, facts: Mapping[str, Fact]) -> tuple[Hint, ...]:
    """Read ``hints:``. Raises KnowledgeError naming path and value."""
    entries = build(list[dict[str, Any]], written, "hints.yaml: hints")
    found = []
    for index, entry in enumerate(entries):
        where = f"hints.yaml: {entry.get('id', index)}"
        if "when" not in entry:
            raise KnowledgeError(f"{where}: needs id, when, say and facts, and may have instead")
        hint = build(_Written, {name: value for name, value in entry.items() if name != "when"}, where)
        known(hint.facts, facts, f"{where}.facts")
        found.append(Hint(hint.id, hint.say, condition(entry["when"], f"{where}.when"), hint.facts, hint.instead or ""))
    unique((hint.id for hint in found), "hints.yaml")
    return tuple(found)
