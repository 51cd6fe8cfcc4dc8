"""Code that is still being copied and no longer works, with what happens today and the form that works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from probes.schema import Framework
from probes.system.data_files import DataFile, Once, Text

#: As ``ValueError`` or ``torch.onnx.OnnxExporterError``.
_Type = Annotated[str, Field(pattern=r"^([A-Za-z_][\w.]*)?$")]


@dataclass(frozen=True, slots=True)
class Broken:
    """What is often written. It raises, warns, or ends with ``holds`` true, which it should not."""

    code: Text
    raises: _Type = ""
    warns: _Type = ""
    says: str = ""  # words of that error or warning
    holds: str = ""  # an expression over the code's names
    without: str = ""  # a package: this is what happens where it isn't installed

    @model_validator(mode="after")
    def _shows_it(self) -> Broken:
        if not (self.raises or self.warns or self.holds):
            raise ValueError("says nothing of what happens; allowed: raises, warns, holds")
        if bool(self.says) != bool(self.raises or self.warns):
            raise ValueError("says goes with raises or warns, and they with it")
        return self


@dataclass(frozen=True, slots=True)
class Working:
    """The form that works: it ends without an error, and with ``holds`` true."""

    code: Text
    holds: Text


@dataclass(frozen=True, slots=True)
class Snippet:
    """Both forms of one piece of code."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    title: Text
    framework: Framework
    today: Text  # what happens, in a sentence or two
    broken: Broken
    instead: Text  # what the other form does differently
    working: Working
    facts: tuple[str, ...] = ()  # what is known of it besides, in facts.yaml


class Snippets(DataFile):
    """``data/snippets.yaml``."""

    file: ClassVar[str] = "snippets.yaml"
    versions: Mapping[str, str]  # that the entries were executed with, by package: ``torch``, ``tensorflow``, ``keras``
    entries: Annotated[Once[Snippet], Field(alias="snippets")]


@cache
def snippets() -> Snippets:
    """The file's content. Raises DataError naming file, path and value."""
    return Snippets.read()
