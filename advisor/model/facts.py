"""What is known, with its date and its source: facts, and what they say of claims."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from advisor.answers import Confidence
from advisor.wording.moments import day_of
from probes.schema import Framework
from probes.system.data_files import Text


def _in_the_calendar(as_of: str) -> str:
    try:
        day_of(as_of)
    except ValueError as error:
        raise ValueError(f"{as_of!r}: {error}") from error
    return as_of


def _known(fact: str, info: ValidationInfo) -> str:
    if info.context is not None and fact not in info.context:
        raise ValueError(f"the fact {fact!r} doesn't exist")
    return fact


#: ISO date, or as much of it as is known. Text: YAML would make a date of it in one file and a number in the next.
AsOf = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"), AfterValidator(_in_the_calendar)]
#: As ``AsOf``, or nothing.
Since = Annotated[str, AfterValidator(lambda as_of: _in_the_calendar(as_of) if as_of else as_of)]
#: One of those that the context of the validation holds; any where it holds none.
FactId = Annotated[str, AfterValidator(_known)]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was seen."""

    title: Text
    url: Annotated[str, Field(pattern=r"^(https://\S+)?$")] = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Age:
    """How old something is on the day of the decision, beside the half-life of its topic; both in months."""

    months: float = 0.0
    half_life: float = math.inf


@dataclass(frozen=True, slots=True)
class PackageStatement:
    """What a machine can read again of a package on PyPI, and what it was (advisor/knowledge/looking.py)."""

    package: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    what: Literal["version", "python", "requires", "lacks", "classifier"]
    seen: Text


@dataclass(frozen=True)
class WrittenFact:
    """One dated statement with its source, as ``data/facts.yaml`` has it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    subject: Text
    topic: Text
    statement: Text
    as_of: AsOf
    source: Source
    source_kind: Text
    confidence: Confidence
    favours: Literal["pytorch", "tensorflow", "neither"]
    value: str = ""
    unit: str = ""
    note: str = ""
    background: str = ""  # why it is only shown, where nothing in ``data/`` rests on it
    look: tuple[PackageStatement, ...] = ()
    since: Since = ""  # when it came to be so; "" where that isn't known


@dataclass(frozen=True)
class Fact(WrittenFact):
    """A fact on a day."""

    age: Age = Age()
    known: bool = True  # whether it was known to be so on that day


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said about the frameworks, and what the facts say of it (``data/claims.yaml``)."""

    id: str
    claim: str
    verdict: Literal[
        "holds", "holds in part", "outdated", "wrong", "measure", "opinion"
    ]  # measure: only a run can tell
    why: Text
    facts: tuple[FactId, ...]
    statements: tuple[int, ...] = ()  # which statements of the article it answers, counted from 1 in reading order
    probe: str = ""  # how to check it, in words
    measure: str = ""  # the catalog's measure that bears on it, and
    supports: Framework | Literal["equal"] | None = None  # what it must find if the claim is right; None: it only shows
    network: str = ""  # the one network that tells it; "" is the project's own kind

    @model_validator(mode="after")
    def _rests_on_something(self) -> Claim:
        if not (self.facts or self.measure or self.verdict == "opinion"):
            raise ValueError("neither facts nor a measure, and not an opinion")
        if (self.supports or self.network) and not self.measure:
            raise ValueError("supports and network only beside a measure")
        return self
