"""Reads the files of ``data/`` and turns them into typed objects, with errors that name file, path and value."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from probes.system.folders import PACKAGES
from probes.system.mistakes import mistake

#: Where ``app.py`` and ``data`` are: the clone, or a folder of their own beside the installed packages.
HOME = PACKAGES / "fulcrum" if (PACKAGES / "fulcrum" / "app.py").exists() else PACKAGES
DATA = HOME / "data"

#: libyaml's parser where it is built in: 250 kB of facts in a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DataError(ValueError):
    """Something in ``data/`` is wrong. The message names file, path and value."""


def parsed(folder: Path, name: str) -> object:
    """What ``folder/name`` holds. Raises DataError when it is missing or not YAML."""
    try:
        return yaml.load((folder / name).read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
    except OSError as error:
        raise DataError(f"{name}: can't be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise DataError(f"{name}: is not YAML: {error}") from error


class DataFile(BaseModel):
    """A file of ``data/``. No key but the declared ones, in it and in the dataclasses that it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: ClassVar[str]
    schema_: Literal[1] = Field(alias="schema")

    @field_validator("schema_", mode="before")
    @classmethod
    def _a_whole_number(cls, schema: object) -> object:
        """``true`` and ``1.0`` equal 1, too."""
        if type(schema) is not int:
            raise ValueError(f"{json.dumps(schema, default=str)} is not allowed; allowed: 1")
        return schema

    @classmethod
    def read(cls, folder: Path = DATA) -> Self:
        """The one in ``folder``. Raises DataError naming file, path and value."""
        return cls.understood(parsed(folder, cls.file))

    @classmethod
    def understood(cls, content: object, facts: Collection[str] | None = None) -> Self:
        """A parsed file. ``facts``: the ids that may be cited, None for any. Raises DataError as ``read``."""
        try:
            return cls.model_validate(content, context=facts)
        except ValidationError as error:
            raise DataError(f"{cls.file}: {mistake(error, cls, content)}") from error


def _each_once(entries: tuple[Any, ...]) -> tuple[Any, ...]:
    ids = Counter(
        next(getattr(entry, key) for key in ("id", "tool", "topic") if hasattr(entry, key)) for entry in entries
    )
    if twice := next((name for name, times in ids.items() if times > 1), None):
        raise ValueError(f"{twice!r} occurs twice")
    return entries


Text = Annotated[str, Field(min_length=1)]
T = TypeVar("T")
#: Entries of which no two have the same id.
Once = Annotated[tuple[T, ...], AfterValidator(_each_once)]
