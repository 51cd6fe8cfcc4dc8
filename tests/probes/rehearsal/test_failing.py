"""Which call failed, at which file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from probes.deploy import batches
from probes.rehearsal import failing


def failed(folder: Path, source: str, gone: str = "") -> dict[str, Any]:
    """What is told of a model file that raises when it is run."""
    file = folder / "ours.py"
    try:
        exec(compile(source, str(file), "exec"), {"__name__": "ours"})  # noqa: S102
    except Exception as error:
        return failing.told(error, file, gone)
    raise AssertionError("it raised nothing")


def test_the_line_is_the_teams_own_and_the_call_is_what_it_called(tmp_path: Path) -> None:
    found = failed(tmp_path, "import json\n\ndef half():\n    return json.loads('{')\n\nhalf()\n")
    assert (found["file"], found["line"], found["call"]) == ("ours.py", 4, "json.loads")
    assert found["reason"].startswith("JSONDecodeError: Expecting property name")


def test_what_an_error_was_raised_from_is_looked_through_as_well(tmp_path: Path) -> None:
    source = "def inner():\n    raise KeyError('x')\ntry:\n    inner()\nexcept KeyError as error:\n    cause = error\n"
    names: dict[str, Any] = {}
    exec(compile(source, str(tmp_path / "ours.py"), "exec"), names)  # noqa: S102
    try:
        json.loads("{}")
        raise RuntimeError("the converter gave up") from names["cause"]
    except RuntimeError as error:
        found = failing.told(error, tmp_path / "ours.py")
    assert (found["file"], found["line"], found["reason"]) == ("ours.py", 2, "KeyError: 'x'")


def test_a_stack_that_is_only_quoted_counts(tmp_path: Path) -> None:
    """As ``torch.export`` tells where in the model something is: its tracebacks end in itself."""
    file = tmp_path / "ours.py"
    error = ValueError(f'can\'t trace\n  File "{file}", line 17, in forward\n    if y.sum() > 0:')
    found = failing.told(error, file)
    assert (found["file"], found["line"]) == ("ours.py", 17)


def test_a_packages_own_line_is_told_without_a_path_of_this_machine(tmp_path: Path) -> None:
    try:
        json.loads("{")
    except ValueError as error:
        found = failing.told(error, tmp_path / "ours.py")
    assert (found["own"], found["file"], found["call"]) == (False, "decoder.py", "json.decoder.JSONDecoder.raw_decode")


def test_a_name_that_is_gone_is_the_call_and_the_reason(tmp_path: Path) -> None:
    found = failed(tmp_path, "raise RuntimeError('whatever Keras made of it')", "tensorflow.image.resize")
    assert found["call"] == "tensorflow.image.resize"
    assert found["reason"].startswith("there is no tensorflow.image.resize without TensorFlow")


def test_colours_are_left_out(tmp_path: Path) -> None:
    found = failed(tmp_path, "raise ValueError('\\x1b[1mbold\\x1b[0m')")
    assert found["reason"] == "ValueError: bold"


def test_an_error_that_passed_no_line_has_its_reason(tmp_path: Path) -> None:
    assert failing.told(ValueError("x"), tmp_path / "ours.py") == {"reason": "ValueError: x", "call": ""}


def test_what_we_ask_of_a_tools_work_is_no_place(tmp_path: Path) -> None:
    try:
        batches.fed(["x0", "x1"], (np.zeros(1),))
    except ValueError as error:
        found = failing.told(error, tmp_path / "ours.py")
    assert "file" not in found
    assert "the converter made inputs of its own" in found["reason"]
