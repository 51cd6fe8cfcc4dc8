"""``python -m probes compare``: arguments, exit statuses, and what a person reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from probes import __main__ as program
from probes.commands import compare
from probes.compare import run
from probes.compare.rules import RULES
from probes.compare.schema import ComparedPart, ComparedStep, Comparison, LintFinding
from probes.engine.running.child import ChildError
from probes.schema import Outcome

_STEP = ComparedStep("gelu", "act", "gelu_1", ((2, 3), (2, 3)), 4e-4, 2e-4)
_DIFFERENT = Comparison(
    "own-1",
    "different",
    "both sides differ in outputs",
    (_STEP,),
    {"pytorch": ("pool",), "tensorflow": ()},
    _STEP,
    ComparedStep("outputs", "outputs", "outputs", ((2, 5), (2, 5)), 0.1, 0.05),
    {"pytorch": 1.0, "tensorflow": 1.5},
    ComparedPart("fc.kernel", 0.5),
    None,
    (LintFinding("gelu-form", "act", "gelu_1", {"pytorch": False, "tensorflow": True}),),
    ("gelu-form",),
)


def _answering(monkeypatch: pytest.MonkeyPatch, answer: Any) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = []

    def compared(model: str, file: object, **how: Any) -> Comparison:
        asked.append({"model": model, "file": file, **how})
        if isinstance(answer, Exception):
            raise answer
        found: Comparison = answer
        return found

    monkeypatch.setattr(run, "compare", compared)
    return asked


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Comparison("mlp", "same", ""), 0),
        (_DIFFERENT, 1),
        (Comparison("mlp", "unknown", "no weights"), 2),
        (run.CannotCompareError("one half"), 2),
        (ChildError("pytorch", Outcome.FAILED, "died", dead=True), 2),
    ],
)
def test_the_exit_status_says_what_was_found(answer: Any, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _answering(monkeypatch, answer)
    assert program.main(["compare", "--model", "mlp", "--seed", "3"]) == status
    assert (asked[0]["model"], asked[0]["file"], asked[0]["seed"]) == ("mlp", None, 3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "either FILE or --model"),
        (["net.py", "--model", "mlp"], "either FILE or --model"),
        (["--model", "nothing"], "doesn't exist"),
        (["--model", "mlp", "--seed", "x"], "whole number"),
        (["--model", "mlp", "--seed", "-1"], "seed: -1; allowed: a whole number from 0 to "),
        (["--model", "mlp", "--out", "/nowhere/at/all.json"], "not a directory"),
        (["nowhere.py"], "nowhere.py"),
    ],
)
def test_bad_arguments_are_refused(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["compare", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_json_holds_all_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _answering(monkeypatch, _DIFFERENT)
    out = tmp_path / "found.json"
    assert program.main(["compare", "--model", "mlp", "--out", str(out)]) == 1
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["verdict"] == "different"
    assert told["first"]["pytorch"] == "act"
    assert told["suspects"] == ["gelu-form"]
    assert told["findings"][0]["values"] == {"pytorch": False, "tensorflow": True}


def test_a_person_reads_where_why_and_what_to_do() -> None:
    lines = "\n".join(compare.text(_DIFFERENT, "Ranker"))
    assert lines.startswith("Ranker: both sides differ in outputs")
    assert "Where both sides part: gelu act in PyTorch (2×3), gelu_1 in Keras (2×3): largest deviation 0.0004" in lines
    assert "ops.gelu(x, approximate=False)" in lines
    assert "Loss: 1, 1.5 (PyTorch, Keras)" in lines
    assert "Without a counterpart in Keras: PyTorch's pool" in lines


def test_the_lint_ends_with_what_a_model_does_not_show() -> None:
    lines = "\n".join(compare.text(Comparison("own-1", "same", ""), "Ranker", lint=True))
    assert "no setting is seen to differ" in lines
    for rule in RULES:
        assert (f"{rule.id}:" in lines) == (not rule.kinds)


def test_many_layers_with_the_same_difference_are_named_in_a_few_lines() -> None:
    many = tuple(
        LintFinding("layernorm-epsilon", f"n{i}", f"m{i}", {"pytorch": 1e-5, "tensorflow": 1e-3}) for i in range(9)
    )
    lines = "\n".join(compare.text(Comparison("own-1", "same", "", findings=many), "Ranker"))
    assert lines.count("in Keras") == 3
    assert "at 6 more" in lines


@pytest.mark.framework
def test_the_same_network_on_both_sides(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["compare", "--model", "mlp", "--all"]) == 0
    told = capsys.readouterr().out
    assert "both sides compute the same" in told
    assert "batch_norm bn2 in PyTorch (16×256), bn2 in Keras (16×256)" in told
