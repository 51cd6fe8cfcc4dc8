"""What would ship: everything that was seen of the best way, and what is left to test."""

from __future__ import annotations

from dataclasses import replace

from advisor.answers import TARGET_IDS, Answers
from advisor.decision.evidence.route_runs import taken_over
from advisor.deployment.checklist import ON_TARGET, checklist, markdown
from advisor.deployment.targets import TargetRow, lines, read
from advisor.knowledge import load
from probes.deploy.schema import RoutesRun
from probes.schema import Outcome
from tests import ways

KNOWLEDGE = load()


def found(run: RoutesRun | None, *targets: str) -> tuple[TargetRow, ...]:
    asked = [{"id": target, "importance": 3} for target in targets]
    answers = Answers.model_validate({"project": {"domain": "tabular"}, "targets": asked})
    return lines(answers, taken_over(KNOWLEDGE, run), read(run, "mlp"), "mlp")


def test_files_runtime_batch_and_steps_are_those_that_were_seen() -> None:
    (line,) = found(ways.run(), "android")
    ships = checklist(line, "pytorch", ways.run())
    assert ships is not None
    assert (ships.target, ships.tool) == ("Android", "ONNX Runtime Mobile")
    assert ships.parts["Steps"] == ["torch.onnx.export", "onnxruntime.InferenceSession"]
    assert ships.parts["Files"][0] == "2 files, 2.00 MiB, numbers kept as float32"
    assert ships.parts["Runtime"][:2] == [
        "Tested with onnxruntime 1.32.0", "40.0 MiB installed, with what it brings along"
    ]  # fmt: skip
    assert ships.parts["Inputs"][0].startswith("Any batch size")
    assert "slowest phone" in ships.parts["Test on the target"][0]


def test_warnings_deprecations_and_what_failed_are_told() -> None:
    old = ways.record(
        ways.way("pytorch_libtorch", "LibTorch", deprecated="follows no longer"),
        warnings=["trace warns at 0x7f00aa", "trace warns at 0x7f00bb"],
    )
    broken = ways.record(ways.way("pytorch_aotinductor", "AOTInductor"), outcome=Outcome.FAILED, reason="no g++")
    run = ways.run(old, broken)
    (row,) = [route for route in KNOWLEDGE.routes["desktop_cpp"]["pytorch"] if "pytorch_libtorch" in route.tried_by]
    alone = replace(KNOWLEDGE, routes={**KNOWLEDGE.routes, "desktop_cpp": {"pytorch": (row,), "tensorflow": ()}})
    answers = Answers.model_validate({"project": {"domain": "tabular"}, "targets": [{"id": "desktop_cpp"}]})
    (line,) = lines(answers, taken_over(alone, run), read(run, "mlp"), "mlp")
    assert checklist(line, "tensorflow", run) is None, "nothing leads there"
    ships = checklist(line, "pytorch", run)
    assert ships is not None
    assert list(ships.parts["Beware"]) == ["Deprecated: follows no longer", "trace warns"]


def test_without_a_run_it_says_that_nothing_was_seen() -> None:
    (line,) = found(None, "browser")
    ships = checklist(line, "tensorflow", None)
    assert ships is not None
    assert ships.note.startswith("Nothing of this was tried here")
    assert "Files" not in ships.parts


def test_the_document_has_a_box_for_each_line_and_shows_markup_as_text() -> None:
    run = ways.run(ways.record(ways.way(), warnings=["<script>alert(1)</script>"]))
    text = markdown(found(run, "android", "ios"), run)
    assert text.startswith("# What would ship\n")
    assert "## Android: PyTorch by ONNX Runtime Mobile" in text
    assert "## iOS: TensorFlow by LiteRT" in text
    assert "<script>" not in text
    assert "- [ ] \\<script\\>alert(1)" in text or "- [ ] \\<script\\>alert\\(1\\)" in text


def test_without_answers_every_target_that_something_bears_on_is_a_line() -> None:
    names = [line.target for line in found(None)]
    assert "android" in names
    assert "llm_serving" not in names


def test_every_target_has_something_to_test_on_it() -> None:
    assert set(ON_TARGET) == set(TARGET_IDS)
    assert all(ON_TARGET.values())
