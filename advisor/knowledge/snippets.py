"""Code that is still being copied and no longer works, with what happens today and the form that works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field

from advisor.knowledge.reading import DATA, KnowledgeError, build, read, unique
from probes.schema import Framework

FILE: Final = "snippets.yaml"

_Text = Annotated[str, Field(min_length=1)]
#: As ``ValueError`` or ``torch.onnx.OnnxExporterError``.
_Type = Annotated[str, Field(pattern=r"^([A-Za-z_][\w.]*)?$")]


@dataclass(frozen=True, slots=True)
class Broken:
    """What is often written. It raises, warns, or ends with ``holds`` true, which it should not."""

    code: _Text
    raises: _Type = ""
    warns: _Type = ""
    says: str = ""  # words of that error or warning
    holds: str = ""  # an expression over the code's names
    without: str = ""  # a package: this is what happens where it isn't installed


@dataclass(frozen=True, slots=True)
class Working:
    """The form that works: it ends without an error, and with ``holds`` true."""

    code: _Text
    holds: _Text


@dataclass(frozen=True, slots=True)
class Snippet:
    """One entry of ``data/snippets.yaml``."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    title: _Text
    framework: Framework
    today: _Text  # what happens, in a sentence or two
    broken: Broken
    instead: _Text  # what the other form does differently
    working: Working
    facts: tuple[str, ...] = ()  # what is known of it besides, in facts.yaml


@dataclass(frozen=True, slots=True)
class Snippets:
    """All entries, and the versions that they were executed with."""

    versions: Mapping[str, str]  # by package: ``torch``, ``tensorflow``, ``keras``
    entries: tuple[Snippet, ...]


@cache
def snippets(folder: Path = DATA) -> Snippets:
    """The file's content. Raises KnowledgeError naming file, path and value."""
    return understood(read(folder, FILE))


def understood(content: Mapping[str, Any]) -> Snippets:
    """The content of a parsed file. Raises KnowledgeError naming path and value."""
    entries = build(list[dict[str, Any]], content.get("snippets"), f"{FILE}: snippets")
    found = tuple(_snippet(entry, f"{FILE}: {entry.get('id', index)}") for index, entry in enumerate(entries))
    unique((snippet.id for snippet in found), FILE)
    return Snippets(build(dict[str, str], content.get("versions"), f"{FILE}: versions"), found)


def _snippet(entry: dict[str, Any], where: str) -> Snippet:
    for path, kind, value in (
        ("", Snippet, entry),
        (".broken", Broken, entry.get("broken")),
        (".working", Working, entry.get("working")),
    ):
        if isinstance(value, dict) and (extra := set(value) - set(kind.__dataclass_fields__)):
            raise KnowledgeError(f"{where}{path}: unknown key {sorted(extra)[0]!r}")
    made = build(Snippet, entry, where)
    if not (made.broken.raises or made.broken.warns or made.broken.holds):
        raise KnowledgeError(f"{where}.broken: says nothing of what happens; allowed: raises, warns, holds")
    if bool(made.broken.says) != bool(made.broken.raises or made.broken.warns):
        raise KnowledgeError(f"{where}.broken: says goes with raises or warns, and they with it")
    return made
