"""A team's own model where it is exported or answers: what its file and others' tools say about it reaches the user."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from probes.contracts import UnsupportedError
from probes.deploy.own_half import OwnHalf, quoting
from probes.deploy.player import Player
from probes.model_file.mistakes import explained
from probes.schema import Framework

LEAF = {"shape": [3], "dtype": "float32"}


def _says_memory(error: BaseException) -> bool:
    return "no room" in str(error)


def _explain(path: Path, framework: Framework) -> AbstractContextManager[None]:
    return explained(path, framework, lambda _: "", _says_memory)


@pytest.fixture
def half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], OwnHalf]:
    """Of a source. Loading a file changes its process, which is a child's elsewhere."""
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)
    monkeypatch.setitem(sys.modules, "team_model", sys)

    def of(source: str) -> OwnHalf:
        (tmp_path / "ours.py").write_text(source, encoding="utf-8")
        return OwnHalf(str(tmp_path / "ours.py"), "", LEAF, plain=True, explain=_explain)

    return of


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 1\ny = x / 0", "ours.py, line 2: ZeroDivisionError: division by zero"),
        ("import nothing_of_the_kind", "ours.py, line 1: there is no module 'nothing_of_the_kind' here"),
        ("exit(3)", "ours.py, line 1: it ends the process"),
        ("def pytorch(): return 1", "ours.py: inputs(rng, batch) is missing"),
        ("def inputs(rng, batch): ...\ndef pytorch():\n  return {}['w']", "ours.py, line 3: KeyError: 'w'"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(source: str, told: str, half: Callable[[str], OwnHalf]) -> None:
    with pytest.raises(UnsupportedError) as caught:
        half(source).network("pytorch")
    assert str(caught.value).startswith(told)


def test_tensorflow_where_keras_runs_without_it_is_a_hint_at_keras_own_operations(
    half: Callable[[str], OwnHalf], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)  # as on JAX
    with pytest.raises(UnsupportedError, match=r"line 1: tensorflow can't be seen here.*write with keras\.ops"):
        half("import tensorflow as tf").network("tensorflow")


def test_a_tool_s_words_are_quoted_in_one_line() -> None:
    with (
        pytest.raises(UnsupportedError, match=r"^it can't take it: ValueError: no rule for aten::fold$"),
        quoting("it can't take it", _says_memory),
    ):
        raise ValueError("no rule\n\n  for aten::fold\n")


def test_of_an_error_and_its_cause_the_cause_is_quoted() -> None:
    error = RuntimeError("an error occurred in pass 7")
    error.__cause__ = KeyError("aten.fold")
    with (
        pytest.raises(UnsupportedError, match=r"^it can't take it: KeyError: 'aten.fold'$"),
        quoting("it can't take it", _says_memory),
    ):
        raise error


@pytest.mark.parametrize("error", [RuntimeError("no room"), ImportError("torchao"), UnsupportedError("one input")])
def test_what_has_an_outcome_of_its_own_is_passed_on(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, quoting("it can't take it", _says_memory):
        raise error
    assert caught.value is error


def test_a_server_s_workers_are_told_by_pickling_it() -> None:
    half = OwnHalf("/ours.py", "ab" * 32, LEAF, plain=True)
    assert pickle.loads(pickle.dumps(half)) == half  # noqa: S301 - it was written a moment ago


@pytest.mark.parametrize("is_own", [True, False])
def test_only_of_a_team_s_own_model_a_runtime_s_fault_is_a_refusal(is_own: bool) -> None:
    def fails(_: np.ndarray) -> np.ndarray:
        raise RuntimeError("execute() failed with error 0x12")

    player = Player()
    player._predict, player._asked = fails, (np.zeros((64, 3), np.float32),)
    player._own = OwnHalf("/ours.py", "", LEAF, plain=True) if is_own else None
    with pytest.raises(UnsupportedError if is_own else RuntimeError) as caught:
        player.answer()
    assert str(caught.value).startswith("what was exported doesn't run: RuntimeError: execute()") == is_own
