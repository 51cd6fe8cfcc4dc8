"""Hard requirements that follow from answers, besides the way to each target: Python, accelerators, systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from advisor.answers import Answers
from advisor.knowledge.conditions import ALWAYS, When
from advisor.knowledge.criteria import FirstThatFits
from advisor.model.facts import FactId
from probes.schema import Framework
from probes.system.data_files import DataFile, Once


@dataclass(frozen=True, slots=True)
class RequirementStatus:
    """Whether one framework meets the requirement, as the cited facts say."""

    status: Literal["pass", "fail", "unknown"]
    text: str
    facts: Annotated[tuple[FactId, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class RequirementCase:
    """Whether either framework meets it in one situation."""

    pytorch: RequirementStatus
    tensorflow: RequirementStatus
    when: When = ALWAYS

    @property
    def findings(self) -> Mapping[Framework, RequirementStatus]:
        return {"pytorch": self.pytorch, "tensorflow": self.tensorflow}


@dataclass(frozen=True, slots=True)
class Requirement:
    """What the answers that ``when`` describes ask of a framework; the first case that fits says who meets it."""

    id: str
    requirement: str  # "Runs on Python 3.14"
    relax: str  # what to give up when nobody meets it
    when: When
    cases: Annotated[FirstThatFits[RequirementCase], Field(min_length=1)]

    @property
    def asks(self) -> frozenset[str]:
        """Key paths of the answers that it and its cases look at."""
        return frozenset(line.asks for when in (self.when, *(case.when for case in self.cases)) for line in when.lines)

    def findings(self, answers: Answers) -> Mapping[Framework, RequirementStatus]:
        """For each framework; empty where nothing is required."""
        if not self.when.holds(answers):
            return {}
        return next((case.findings for case in self.cases if case.when.holds(answers)), {})


class Requirements(DataFile):
    """``data/requirements.yaml``."""

    file: ClassVar[str] = "requirements.yaml"
    requirements: Once[Requirement]
