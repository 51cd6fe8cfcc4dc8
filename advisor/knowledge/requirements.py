"""Hard requirements that follow from answers, besides the way to each target: Python, accelerators, systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from advisor.knowledge.conditions import Condition, condition
from advisor.knowledge.reading import KnowledgeError, build, known, unique
from advisor.model import Fact
from probes.schema import FRAMEWORKS, Framework


@dataclass(frozen=True, slots=True)
class RequirementStatus:
    """Whether one framework meets the requirement, as the cited facts say."""

    status: Literal["pass", "fail", "unknown"]
    text: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One entry of ``data/requirements.yaml``."""

    id: str
    requirement: str  # "Runs on Python 3.14"
    relax: str  # what to give up when nobody meets it
    when: Condition
    findings: Mapping[Framework, RequirementStatus]


def requirements(written: object, facts: Mapping[str, Fact]) -> tuple[Requirement, ...]:
    """Read ``requirements:``. Raises KnowledgeError naming path and value."""
    entries = build(list[dict[str, Any]], written, "requirements.yaml: requirements")
    found = tuple(_requirement(entry, i, facts) for i, entry in enumerate(entries))
    unique((item.id for item in found), "requirements.yaml")
    return found


def _requirement(entry: dict[str, Any], index: int, facts: Mapping[str, Fact]) -> Requirement:
    where = f"requirements.yaml: {entry.get('id', index)}"
    if set(entry) != {"id", "requirement", "relax", "when", *FRAMEWORKS}:
        raise KnowledgeError(f"{where}: needs exactly id, requirement, relax, when, pytorch and tensorflow")
    findings = {side: build(RequirementStatus, entry[side], f"{where}.{side}") for side in FRAMEWORKS}
    for side, finding in findings.items():
        known(finding.facts, facts, f"{where}.{side}.facts")
        if not finding.facts:
            raise KnowledgeError(f"{where}.{side}.facts: a finding must cite at least one fact")
    return Requirement(
        id=build(str, entry["id"], f"{where}.id"),
        requirement=build(str, entry["requirement"], f"{where}.requirement"),
        relax=build(str, entry["relax"], f"{where}.relax"),
        when=condition(entry["when"], f"{where}.when"),
        findings=findings,
    )
