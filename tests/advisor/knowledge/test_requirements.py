"""What answers require of a framework, by system, accelerator and generation; and that every answer has its case."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.answers import Answers
from advisor.decision.evidence import assess
from advisor.decision.evidence.vetoes import vetoes
from advisor.knowledge import load
from advisor.knowledge.conditions import PATHS
from advisor.knowledge.criteria import JudgementSpec

KNOWLEDGE = load()
NVIDIA = {"hardware": {"train": ["nvidia"]}}


def told(**content: Any) -> Answers:
    return Answers.model_validate({"schema": 2, **content})


def statuses(answers: Answers) -> dict[str, tuple[str, ...]]:
    """By requirement: PyTorch's status, then TensorFlow's."""
    found: dict[str, tuple[str, ...]] = {}
    for veto in vetoes(answers, KNOWLEDGE):
        found[veto.id] = (*found.get(veto.id, ()), veto.status)
    return found


@pytest.mark.parametrize(
    ("answers", "requirement", "expected"),
    [
        (told(constraints={"python": ["3.14"]}), "python_314", ("pass", "unknown")),
        (told(constraints={"python": ["3.10", "3.12"]}), "python_310", ("pass", "pass")),
        (told(**NVIDIA, constraints={"os": ["windows"]}), "windows_gpu", ("pass", "unknown")),
        (told(**NVIDIA, constraints={"os": ["windows"], "wsl": False}), "windows_gpu", ("pass", "fail")),
        (told(**NVIDIA, constraints={"os": ["windows", "linux"], "wsl": True}), "windows_gpu", ("pass", "pass")),
        (told(constraints={"os": ["windows-arm"]}), "windows_arm", ("unknown", "unknown")),
        (told(hardware={"train": ["nvidia"], "nvidia": ["blackwell"]}), "nvidia_blackwell", ("pass", "unknown")),
        (told(hardware={"train": ["nvidia"], "nvidia": ["ampere", "volta"]}), "nvidia_volta", ("unknown", "pass")),
        (told(hardware={"train": ["nvidia"], "host": "arm"}), "nvidia_arm", ("pass", "unknown")),
        (told(targets=[{"id": "microcontroller"}]), "route_microcontroller", ("pass", "pass")),
        (
            told(targets=[{"id": "microcontroller"}], product={"microcontroller": "esp32"}),
            "route_microcontroller",
            ("unknown", "pass"),
        ),
        (
            told(targets=[{"id": "microcontroller"}], product={"microcontroller": "cortex-m"}),
            "route_microcontroller",
            ("pass", "pass"),
        ),
        (told(hardware={"train": ["amd"]}), "amd_gpu", ("pass", "unknown")),
        (told(hardware={"train": ["amd"]}, constraints={"os": ["windows"]}), "amd_gpu", ("pass", "unknown")),
        (told(hardware={"train": ["intel"]}), "intel_gpu", ("pass", "unknown")),
        (told(hardware={"train": ["trainium"]}), "trainium", ("pass", "fail")),
        (told(hardware={"train": ["ascend"]}), "ascend", ("pass", "unknown")),
    ],
)
def test_who_meets_it(answers: Answers, requirement: str, expected: tuple[str, ...]) -> None:
    assert statuses(answers)[requirement] == expected


@pytest.mark.parametrize(
    "answers",
    [
        told(),
        told(**NVIDIA),
        told(hardware={"train": ["nvidia"], "nvidia": ["ampere", "turing"]}),
        told(constraints={"os": ["windows", "linux"], "wsl": False}),
        told(constraints={"python": ["3.11", "3.12", "3.13"], "os": ["linux", "macos"]}),
    ],
)
def test_what_both_do_everywhere_is_no_requirement(answers: Answers) -> None:
    assert statuses(answers) == {}


def test_the_case_that_fits_says_why() -> None:
    on_windows = told(hardware={"train": ["amd"]}, constraints={"os": ["windows"]})
    texts = [veto.text for veto in vetoes(on_windows, KNOWLEDGE) if veto.id == "amd_gpu"]
    assert texts[0].startswith("AMD's own package index has a build for Windows")


def test_a_requirement_says_what_it_rests_on() -> None:
    for item in KNOWLEDGE.requirements:
        assert item.when.lines, item.id
        for case in item.cases:
            assert {finding.status for finding in case.findings.values()} <= {"pass", "fail", "unknown"}
            assert all(finding.facts for finding in case.findings.values()), item.id


@pytest.mark.parametrize(
    ("criterion", "path"),
    [("hardware", "hardware.train"), ("language", "product.language"), ("ecosystem", "project.domain")],
)
def test_every_answer_has_a_case_of_its_own(criterion: str, path: str) -> None:
    """What can be answered is known something of; silence is unknown, but where a case holds for all."""
    spec = next(spec for spec in KNOWLEDGE.criteria if spec.id == criterion)
    assert isinstance(spec.value, JudgementSpec)
    part, key = path.split(".")
    several = PATHS[path].kind == "several"
    choices = PATHS[path].choices
    assert choices
    for choice in choices:
        answers = told(**{part: {key: [choice] if several else choice}})
        found = [row.status for row in assess(answers, KNOWLEDGE) if row.family == criterion]
        assert "unknown" not in found, choice
    if spec.value.ask:
        (silent,) = [row for row in assess(told(), KNOWLEDGE) if row.family == criterion]
        assert (silent.status, silent.open_questions) == ("unknown", (path,))


def test_where_several_accelerators_train_the_one_that_differs_most_decides() -> None:
    def hardware(*names: str) -> tuple[float, float]:
        rows = assess(told(hardware={"train": list(names)}), KNOWLEDGE)
        return next(row for row in rows if row.id == "hardware").values.mean()

    assert hardware("cpu", "nvidia") == hardware("nvidia")
    assert hardware("nvidia", "amd") == hardware("amd")
    assert hardware("nvidia", "trainium") == hardware("trainium")
