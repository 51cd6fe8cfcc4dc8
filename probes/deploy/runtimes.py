"""Reads ``data/runtimes.yaml``: what can be installed beside the app. Imports no framework."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, model_validator

from probes.system.data_files import DataFile, Once, Text


def _of_the_form(pattern: str, what: str) -> AfterValidator:
    def checked(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r}; allowed: {what}")
        return text

    return AfterValidator(checked)


_Pin = Annotated[str, _of_the_form(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[\w.!+]+", "exact pins like executorch==1.5.1")]
_Module = Annotated[str, _of_the_form(r"[A-Za-z_]\w*", "names of modules")]
_Program = Annotated[str, _of_the_form(r"[\w.+-]+", "names of programs")]
_Minor = Annotated[str, _of_the_form(r"3\.\d+", "texts like '3.11'")]
_Id = Annotated[str, _of_the_form(r"[a-z0-9]+(-[a-z0-9]+)*", "small letters, digits and hyphens")]


@dataclass(frozen=True, slots=True)
class Runtime:
    id: _Id
    title: Text
    purpose: Text  # what it is for, one or two sentences
    pins: Annotated[tuple[_Pin, ...], Field(min_length=1)]  # installed with all that they bring along
    modules: Annotated[tuple[_Module, ...], Field(min_length=1)]  # to be found there, or in a user's own interpreter
    python: Annotated[tuple[_Minor, ...], Field(min_length=1)]  # minor versions: ("3.11", "3.12")
    app_packages: Annotated[bool, Field(strict=True)]  # what the app has installed is seen there too
    megabytes: Annotated[int, Field(strict=True, ge=1)]  # on disk, about
    no_deps: tuple[_Pin, ...] = ()  # pins that are installed without what they would bring along
    besides: tuple[str, ...] = ()  # installed together with the pins, in whatever versions go with them
    stubs: tuple[_Module, ...] = ()  # empty modules for what is imported but never used
    programs: tuple[_Program, ...] = ()  # that must be on the PATH besides: ("java",)
    programs_from: str = ""  # how to get these

    @model_validator(mode="after")
    def _says_how(self) -> Runtime:
        if self.programs and not self.programs_from:
            raise ValueError(f"programs_from: is missing: how does one get {' and '.join(self.programs)}?")
        return self


class Runtimes(DataFile):
    """``data/runtimes.yaml``."""

    file: ClassVar[str] = "runtimes.yaml"
    runtimes: Annotated[Once[Runtime], Field(min_length=1)]


@cache
def runtimes() -> tuple[Runtime, ...]:
    """Every runtime that the app knows. Raises DataError naming file, path and value."""
    return Runtimes.read().runtimes


def find(id_: str) -> Runtime:
    """The runtime of that id. Raises ValueError naming those that exist."""
    by_id = {runtime.id: runtime for runtime in runtimes()}
    if id_ not in by_id:
        raise ValueError(f"environment: {id_!r} doesn't exist; allowed: {', '.join(by_id)}")
    return by_id[id_]
