"""Interpreters on the command line: options before variables, and two versions of one framework."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

from probes.commands import interpreters
from probes.deploy import side_pythons
from probes.engine.running.interpreters import InterpreterError, SidePython
from probes.schema import Framework, Interpreter


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """What is looked for, by side, text and setting; nothing is started."""
    seen: list[tuple[str, str, str]] = []

    def found(side: Framework, text: str, setting: str) -> SidePython:
        seen.append((side, text, setting))
        return SidePython(Interpreter(side, text, "3.12.4", {}), Path(text), {}, frozenset())

    monkeypatch.setattr(side_pythons, "found", found)
    monkeypatch.setattr(
        side_pythons.interpreters, "look", lambda side, path, *, setting, name: found(side, name, setting)
    )
    for variable in side_pythons.VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    return seen


def options(*words: str, model_file: Path | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    interpreters.add(parser)
    parser.add_argument("--against", default="")
    return parser.parse_args([*words], argparse.Namespace(model_file=model_file))


def test_an_option_comes_before_its_variable(
    asked: list[tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert interpreters.chosen(options()) == {}
    monkeypatch.setenv("FULCRUM_PYTORCH_PYTHON", "one")
    monkeypatch.setenv("FULCRUM_TENSORFLOW_PYTHON", " ")
    assert interpreters.chosen(options()).keys() == {"pytorch"}
    interpreters.chosen(options("--pytorch-python", "two", "--tensorflow-python", "three"))
    assert asked == [
        ("pytorch", "one", "FULCRUM_PYTORCH_PYTHON"),
        ("pytorch", "two", "--pytorch-python"),
        ("tensorflow", "three", "--tensorflow-python"),
    ]


@pytest.mark.parametrize(
    ("words", "first", "second"),
    [
        (["--against", "pytorch==2.12.0"], "the app's own", "pytorch==2.12.0"),
        (["--against", "tensorflow:/old/python"], "the app's own", "/old/python"),
        (["--against", "pytorch:executorch", "--pytorch-python", "pytorch==2.12.0"], "pytorch==2.12.0", "executorch"),
    ],
)  # fmt: skip
def test_another_version_takes_the_second_place(words: list[str], first: str, second: str) -> None:
    found = interpreters.sides(options(*words))
    assert [python.told.name for python in found.values()] == [first, second]
    assert list(found) == ["pytorch", "tensorflow"]
    assert len({python.told.framework for python in found.values()}) == 1


@pytest.mark.parametrize("text", ["pytorch==2.12.0,tensorflow==2.21.0", "/some/python", "jax==1", "pytorch", "x:y"])
def test_which_framework_is_meant_must_be_clear(text: str) -> None:
    with pytest.raises(
        InterpreterError, match=r"^--against: .*; allowed: a version of one framework, like pytorch==2\.12"
    ):
        interpreters.sides(options("--against", text))


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="is the interpreter that it would be compared with"):
        interpreters.sides(options("--against", "pytorch==2.12.0", "--pytorch-python", "pytorch==2.12.0"))
    with pytest.raises(ValueError, match=r"^--tensorflow-python: TensorFlow isn't measured with --against"):
        interpreters.sides(options("--against", "pytorch==2.12.0", "--tensorflow-python", "x"))


def test_without_it_each_side_has_its_own() -> None:
    assert interpreters.sides(options("--pytorch-python", sys.executable)).keys() == {"pytorch"}
