"""What differs between the two halves of a part of the code, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field

from advisor.knowledge.reading import DATA, KnowledgeError, build, read

FILE: Final = "differences.yaml"

_Text = Annotated[str, Field(min_length=1)]
_Part = Annotated[str, Field(pattern=r"^(training|inference|(network|measure)\.[a-z0-9_]+)$")]


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry: what differs, why, and the words of each half that show it ("" where a half needs none)."""

    title: _Text
    why: _Text
    pytorch: str = ""
    tensorflow: str = ""


@cache
def differences(folder: Path = DATA) -> Mapping[str, tuple[Difference, ...]]:
    """By part, as ``advisor.source_code.sources`` names them. Raises KnowledgeError naming file, path and value."""
    return understood(read(folder, FILE))


def understood(content: Mapping[str, Any]) -> Mapping[str, tuple[Difference, ...]]:
    """The entries of a parsed file. Raises KnowledgeError naming path and value."""
    found: dict[str, tuple[Difference, ...]] = {}
    for part, entries in build(dict[_Part, list[dict[str, Any]]], content.get("parts"), f"{FILE}: parts").items():
        found[part] = tuple(_difference(entry, f"{FILE}: {part}.{index}") for index, entry in enumerate(entries))
    return found


def _difference(entry: dict[str, Any], where: str) -> Difference:
    if extra := set(entry) - {"title", "why", "pytorch", "tensorflow"}:
        raise KnowledgeError(f"{where}: unknown key {sorted(extra)[0]!r}")
    made = build(Difference, entry, where)
    if not (made.pytorch or made.tensorflow):
        raise KnowledgeError(f"{where}: {made.title!r} quotes neither half; name words of pytorch or tensorflow")
    return made
