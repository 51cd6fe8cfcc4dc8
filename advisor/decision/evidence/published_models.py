"""What it says of a framework that a published model, which the team had measured, has no implementation in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from advisor.answers import Answers
from advisor.decision.evidence.assessment import Assessment
from advisor.decision.evidence.judgements import DOUBT, anchor, level_cell
from advisor.decision.evidence.values import Independent
from advisor.knowledge.criteria import CriterionSpec, JudgementSpec
from advisor.model.evidence import Cell, Evidence
from probes.results import RunResult
from probes.schema import TITLES, Framework
from probes.team_files import Lack

#: A library either has an architecture or not: its version was asked.
_DOUBT: Final = DOUBT["high"]


def capped(
    assessment: Assessment, spec: CriterionSpec, value: JudgementSpec, answers: Answers, run: RunResult | None
) -> Assessment:
    """The row with the level of a side that lacks the model brought down to ``JudgementSpec.lacking``, and why.

    What the team set itself stands; so does a lower level. Nothing changes where the model was only not installed or
    refused, which says nothing of the framework.
    """
    lacks = missing(run)
    if not lacks or not value.lacking or run is None:
        return assessment
    cells: dict[Framework, Cell] = dict(assessment.values.cells())
    evidence = []
    most = level_cell(value.lacking, _DOUBT)
    own = {override.framework for override in answers.overrides if override.criterion == spec.id}
    for side, lack in lacks.items():
        evidence.append(_evidence(value, side, lack, run))
        if side not in own and not cells[side].reason and cells[side].likely > most.likely:
            cells[side] = most
    values = assessment.values
    if isinstance(values, Independent) and cells != values.cells():
        values = replace(values, pytorch=cells["pytorch"], tensorflow=cells["tensorflow"])
    summary = " ".join([assessment.summary, *(one.text for one in evidence)])
    return replace(assessment, values=values, summary=summary, evidence=(*assessment.evidence, *evidence))


def missing(run: RunResult | None) -> Mapping[Framework, Lack]:
    """The sides whose library has no implementation of the published model that a run is about."""
    file = run.request.model_file if run else None
    return {side: lack for side, lack in file.lacks.items() if lack.kind == "no implementation"} if file else {}


def _evidence(value: JudgementSpec, side: Framework, lack: Lack, run: RunResult) -> Evidence:
    file = run.request.model_file
    assert file is not None  # noqa: S101 - it is what lacks
    text = (
        f"{lack.library} {lack.version} has no implementation of {lack.what}: your «{file.title}» would have to be "
        f"written anew in {TITLES[side]} ({value.lacking:g} of 5 at most, {anchor(value, value.lacking)})."
    )
    return Evidence("fact", file.id, text, lack.as_of, confidence="high", machine=run.machine.name)
