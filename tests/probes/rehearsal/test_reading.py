"""A rehearsal's JSON, read again: what was edited, is old or something else ends as one line with field and value."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from probes.json_form import to_json
from probes.rehearsal.reading import LARGEST, RehearsalFileError, read
from tests.rehearsals import rehearsal, way

ALL = (
    way("keras_on_pytorch"),
    way("keras_on_jax", "refused"),
    way("onnx2torch", "answers only"),
    way("onnx2tf", "no half"),
)


def written(folder: Path, change: Callable[[dict[str, Any]], object] = lambda _: None) -> Path:
    whole = json.loads(to_json(rehearsal("x", ALL)))
    change(whole)
    path = folder / "rehearsal.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    assert read(written(tmp_path)) == rehearsal("x", ALL)


def at(*path: str | int, value: Any) -> Callable[[dict[str, Any]], object]:
    """Puts a value where the path leads."""

    def put(whole: Any) -> None:
        for step in path[:-1]:
            whole = whole[step]
        whole[path[-1]] = value

    return put


FORGED = {
    "schema: 2 is not allowed; allowed: 1": at("schema", value=2),
    "file.sha256: 'me' is no hash; allowed: 64 hexadecimal digits": at("file", "sha256", value="me"),
    "ways.keras_on_pytorch.outcome: Input should be 'same', 'answers only', ": at("ways", 0, "outcome", value="superb"),
    "ways.keras_on_moon: there is no such way; allowed: keras_on_pytorch, ": at("ways", 0, "id", value="keras_on_moon"),
    "ways.keras_on_pytorch.title: 'Free' is not allowed; allowed: 'Keras code": at("ways", 0, "title", value="Free"),
    "ways.keras_on_pytorch.begins_with: 'pytorch' is not": at("ways", 0, "begins_with", value="pytorch"),
    "ways.keras_on_pytorch: is there 2 times; allowed: once": lambda whole: whole["ways"].append(whole["ways"][0]),
    "ways.keras_on_pytorch.deviation: 0.5 of outputs that are 'same'": at("ways", 0, "deviation", value=0.5),
    "ways.keras_on_pytorch.deviation: -1.0 is not allowed": at("ways", 0, "deviation", value=-1.0),
    "ways.keras_on_pytorch.learning.kept: 3 of 4 weights, and": at("ways", 0, "learning", "kept", value=3),
    "ways.keras_on_pytorch.learning.kept: 9 of 4 weights": at("ways", 0, "learning", "kept", value=9),
    "ways.keras_on_pytorch.learning.deviation: 0.9 of": at("ways", 0, "learning", "deviation", value=0.9),
    "ways.keras_on_pytorch.outcome: 'same' without learning": at("ways", 0, "learning", value=None),
    "ways.keras_on_jax.outcome: 'same' without learning": at("ways", 1, "outcome", value="same"),
    "ways.keras_on_jax.failure: 'refused', line -3": at("ways", 1, "failure", "line", value=-3),
    "ways.1.reason: 'a\\x1b[31m' can't be shown": at("ways", 1, "reason", value="a\x1b[31m"),
    "ran.tensorflow: is missing or empty; allowed: the files that ran": at("ran", value={}),
    "ran.tensorflow.0.ran: 99 of 10 lines; allowed: 0 to 10": at("ran", "tensorflow", 0, "ran", value=99),
    "ran.tensorflow.0.sha256: 'x' is no hash": at("ran", "tensorflow", 0, "sha256", value="x"),
    "file: is missing": lambda whole: whole.pop("file"),
}  # fmt: skip


@pytest.mark.parametrize("said", FORGED)
def test_what_was_edited_is_told_by_field_and_value(said: str, tmp_path: Path) -> None:
    with pytest.raises(RehearsalFileError) as refused:
        read(written(tmp_path, FORGED[said]))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "python -m probes rehearse" in str(refused.value)


def test_one_of_before_which_does_not_say_what_ran_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RehearsalFileError, match=r"ran\.tensorflow: is missing or empty"):
        read(written(tmp_path, lambda whole: whole.pop("ran")))


@pytest.mark.parametrize(("content", "said"), [
    ("{", "is not JSON"), ("[]", "is no rehearsal: it holds list"), ("{}", "schema: None is not allowed"),
    ("x" * (LARGEST + 1), "allowed: at most 4,000,000 bytes"), ("[" * 100_000, "is not JSON"),
])  # fmt: skip
def test_another_file_is_refused(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RehearsalFileError, match=said):
        read(path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RehearsalFileError, match=r"can't be read \(No such file"):
        read(tmp_path / "none.json")
