"""Answers that the code shows and the brief lacks or has otherwise, each with where it was seen. Nothing is put in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from advisor.answers import Answers, TargetId
from advisor.effort.seen import seen
from advisor.questionnaire.changes import AnswerPath, with_answer
from advisor.scan.report import ScanReport
from advisor.wording.quantities import counted

#: Packages that are for one place to run alone.
_TARGETS: Final[Mapping[str, TargetId]] = {
    "coremltools": "core_ml",
    "executorch": "android",
    "pyspark": "spark",
    "tensorflow-serving-api": "server_rest_grpc",
    "tensorflowjs": "browser",
    "tflite-runtime": "edge_linux",
    "tritonclient": "server_rest_grpc",
    "torchserve": "server_rest_grpc",
    "vllm": "llm_serving",
}
#: So much may lines differ from what was answered and mean the same.
_ABOUT: Final = 0.1


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer. ``path`` and ``value`` as ``changes.with_answer`` takes them; ``said``: what is answered now, None for
    nothing."""

    path: AnswerPath
    value: Any
    said: Any
    where: str  # it was seen

    @property
    def key(self) -> str:
        """Tells it from the others."""
        return "-".join("-".join(step) if isinstance(step, tuple) else step for step in self.path)

    def taken(self, answers: Answers) -> Answers:
        """The answers with it. Raises as ``with_answer`` does."""
        return with_answer(answers, self.path, self.value)


def proposals(report: ScanReport, answers: Answers) -> tuple[Proposal, ...]:
    """Those that would change something, in the order of the questions."""
    return tuple(_proposals(report, answers))


def _proposals(report: ScanReport, answers: Answers) -> Iterator[Proposal]:
    found, said = seen(report), answers.code
    if found.framework is not None and found.framework != said.framework:
        yield Proposal(("code", "framework"), found.framework, said.framework, _uses(report))
    if found.lines and (said.lines is None or abs(found.lines - said.lines) > _ABOUT * found.lines):
        files = counted(len(report.sources), "file names a framework", "files name a framework")
        yield Proposal(("code", "lines"), found.lines, said.lines, f"{files}; their lines count")
    asked = next((one for one in report.dependencies if one.name == "python" and one.specifier), None)
    if found.python is not None and asked is not None and found.python not in answers.constraints.python:
        where = f"{asked.file}, line {asked.line}, asks for {asked.specifier}"
        now = ", ".join(answers.constraints.python) or None
        yield Proposal(("constraints", "python", (found.python,)), True, now, where)
    chosen = {target.id for target in answers.targets}
    for package in sorted({one.name for one in report.dependencies} & set(_TARGETS)):
        if _TARGETS[package] not in chosen:
            chosen.add(_TARGETS[package])
            first = next(one for one in report.dependencies if one.name == package)
            where = f"{first.file}, line {first.line}, asks for {package}"
            yield Proposal(("targets", (_TARGETS[package],)), True, None, where)


def _uses(report: ScanReport) -> str:
    said = [
        f"{use.uses:,} uses in {counted(use.files, 'file')}" + (f", {use.versions[0]}" if use.versions else "")
        for use in sorted(report.frameworks.values(), key=lambda use: -use.uses)[:1]
    ]
    return said[0] if said else "no framework is named"
