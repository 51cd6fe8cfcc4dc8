"""What differs between the two halves of a part of the code, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from probes.system.data_files import DataFile, Text

_Part = Annotated[str, Field(pattern=r"^(training|inference|(network|measure)\.[a-z0-9_]+)$")]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs, why, and the words of each half that show it ("" where a half needs none)."""

    title: Text
    why: Text
    pytorch: str = ""
    tensorflow: str = ""

    @model_validator(mode="after")
    def _quotes(self) -> Difference:
        if not (self.pytorch or self.tensorflow):
            raise ValueError(f"{self.title!r} quotes neither half; name words of pytorch or tensorflow")
        return self


class Differences(DataFile):
    """``data/differences.yaml``, by part as ``advisor.source_code.sources`` names them."""

    file: ClassVar[str] = "differences.yaml"
    parts: Mapping[_Part, tuple[Difference, ...]]


@cache
def differences() -> Mapping[str, tuple[Difference, ...]]:
    """By part. Raises DataError naming file, path and value."""
    return Differences.read().parts
