"""What teams in public threads had to say of their situation can be said, is asked for, and changes what they read.

Each line is one thing, beside the answers that somebody who says it has given already.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import Any, Final

import pytest

from advisor import questionnaire
from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.knowledge import load
from advisor.knowledge.names import mentions
from advisor.model.decision import Decision

KNOWLEDGE: Final = load()
#: What nearly everybody has said before.
BEFORE: Final[dict[str, Any]] = {
    "schema": 2,
    "project": {"domain": "vision"},
    "stage": "first-production",
    "team": {"size": 4, "skills": {"pytorch": 3, "tensorflow": 3}},
    "code": {"framework": "none"},
}
NVIDIA: Final = {"hardware.train": ["nvidia"]}
SERVER: Final = {"targets": [{"id": "server_rest_grpc"}]}
EDGE: Final = {"targets": [{"id": "edge_linux"}]}
PHONE: Final = {"targets": [{"id": "android"}, {"id": "ios"}]}
DESKTOP: Final = {"targets": [{"id": "desktop_cpp"}]}
CHIP: Final = {"targets": [{"id": "microcontroller"}]}
TENSORFLOW: Final = {"code.framework": "tensorflow2", "code.lines": 5_000}

Said = tuple[str, Any, dict[str, Any]]  # the answer's key path, what is said there, and what was said before

HARDWARE: Final[tuple[Said, ...]] = (
    *((("hardware.nvidia"), [generation], NVIDIA) for generation in ("blackwell", "volta")),
    *(
        ("hardware.train", [kind], {})
        for kind in ("cpu", "nvidia", "amd", "intel", "apple", "tpu", "trainium", "ascend")
    ),
    ("hardware.train", ["nvidia", "amd"], NVIDIA),
    ("hardware.train", ["nvidia", "apple"], NVIDIA),
    ("hardware.nvidia", ["ampere", "volta"], NVIDIA),
    ("hardware.host", "arm", NVIDIA),
)  # fmt: skip
SYSTEM: Final[tuple[Said, ...]] = (
    ("constraints.wsl", False, {**NVIDIA, "constraints.os": ["windows"]}),
    ("constraints.wsl", True, {**NVIDIA, "constraints.os": ["windows"]}),
    ("constraints.os", ["windows-arm"], {}),
    ("constraints.os", ["linux", "windows", "macos"], NVIDIA),
    ("constraints.python", ["3.10", "3.14"], {}),
    ("constraints.device_python", "3.7", EDGE),
    ("constraints.offline", True, SERVER),
)  # fmt: skip
TARGETS: Final[tuple[Said, ...]] = (
    *(
        ("targets", [{"id": target}], {})
        for target in (
            "coral", "hailo", "rockchip", "core_ml", "llm_device", "llm_serving", "library", "spark", "bigquery",
            "microcontroller", "browser", "serverless",
        )
    ),
    *(("product.microcontroller", family, CHIP) for family in ("cortex-m", "esp32", "riscv")),
    *(("product.language", [language], SERVER) for language in ("jvm", "dotnet", "nodejs", "go", "rust", "cpp")),
    *(("product.language", [language], DESKTOP) for language in ("unity", "unreal", "ros2")),
    *(("product.language", [language], PHONE) for language in ("flutter", "react-native")),
    *(("product.platform", [name], SERVER) for name in ("sagemaker", "vertex", "triton", "kserve", "databricks")),
)  # fmt: skip
BOUND: Final[tuple[Said, ...]] = (
    *(("binds.checkpoint", kind, TENSORFLOW) for kind in ("pytorch", "tensorflow", "keras", "jax", "onnx")),
    ("constraints.validated", True, SERVER),
    ("code.framework", "keras2", {"code.lines": 5_000}),
    ("code.framework", "keras3", {"code.lines": 5_000}),
    ("code.framework", "javascript", {"code.lines": 5_000}),
    ("code.framework", "both", {"code.lines": 5_000, "code.plan": "keep"}),
    ("code.use", "inference", TENSORFLOW),
)  # fmt: skip
PROJECT: Final[tuple[Said, ...]] = (
    ("project.parameters", 7_000_000_000, {"stage": "scaling"}),
    ("project.parameters", 50_000_000, {"project.domain": "language"}),
    ("project.data_gb", 5_000.0, {"stage": "scaling"}),
    ("project.devices", 64, NVIDIA),
    *(
        ("project.domain", field, {})
        for field in ("medical-imaging", "graphs", "robotics", "forecasting", "weather", "quantum")
    ),
)  # fmt: skip
SAID: Final = (*HARDWARE, *SYSTEM, *TARGETS, *BOUND, *PROJECT)
#: Both frameworks are alike with it: saying so answers a question and moves nothing else.
ALIKE: Final[tuple[Said, ...]] = (
    ("hardware.nvidia", ["ampere"], NVIDIA),
    ("hardware.nvidia", ["turing"], NVIDIA),
    ("hardware.host", "x86", NVIDIA),
)
#: Said, asked for, and without effect, since nothing is known of it.
WITHOUT_EFFECT: Final[tuple[Said, ...]] = (("product.platform", ["azure-ml"], SERVER),)
#: Add-ons that people named as what binds them.
ADD_ONS: Final = (
    "TFP", "TF-DF", "PennyLane", "Hugging Face classes", "Rasa", "RLlib", "TensorFlow Federated", "TFX", "MONAI",
    "QKeras",
)  # fmt: skip


def named(said: Said) -> str:
    return f"{said[0]}={said[1]}"


@cache
def _decided(written: str) -> Decision:
    return decide(Answers.model_validate_json(written), KNOWLEDGE, samples=500)


def answers_of(said: dict[str, Any]) -> Answers:
    content = copy.deepcopy(BEFORE)
    for path, value in said.items():
        *parents, last = path.split(".")
        place = content
        for key in parents:
            place = place.setdefault(key, {})
        place[last] = value
    return Answers.model_validate(content)


def decided(answers: Answers) -> Decision:
    return _decided(answers.model_dump_json(by_alias=True))


@pytest.mark.parametrize("said", [*SAID, *ALIKE, *WITHOUT_EFFECT], ids=named)
def test_it_is_asked_for(said: Said) -> None:
    path, value, before = said
    question = {question.id: question for question in questionnaire.asked(answers_of(before))}[path]
    if question.options:
        given = [
            item["id"] if isinstance(item, dict) else item for item in (value if isinstance(value, list) else [value])
        ]
        assert set(given) <= set(question.options)


@pytest.mark.parametrize("said", SAID, ids=named)
def test_it_changes_what_is_read(said: Said) -> None:
    path, value, before = said
    silent, told = (decided(answers_of(one)) for one in (before, {**before, path: value}))
    read = [(d.criteria, d.vetoes, d.routes, d.verdict, d.dropped) for d in (silent, told)]
    assert read[0] != read[1]


@pytest.mark.xfail(reason="no fact says what it brings for either framework", strict=True)
@pytest.mark.parametrize("said", WITHOUT_EFFECT, ids=named)
def test_what_nothing_is_known_of_will_change_it_too(said: Said) -> None:
    test_it_changes_what_is_read(said)


@pytest.mark.parametrize("said", ALIKE, ids=named)
def test_what_both_are_alike_with_is_not_asked_again(said: Said) -> None:
    path, value, before = said
    assert path in decided(answers_of(before)).unknowns
    assert path not in decided(answers_of({**before, path: value})).unknowns


@pytest.mark.parametrize("add_on", ADD_ONS)
def test_an_add_on_that_binds_is_known_of(add_on: str) -> None:
    assert all(found.is_known for found in mentions(add_on, KNOWLEDGE))
    assert mentions(add_on, KNOWLEDGE)
