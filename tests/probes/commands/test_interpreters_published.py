"""Which interpreters a published model's sides run in."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from probes.commands import interpreters
from probes.deploy import environments, side_pythons


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text('{"model_type": "bert", "vocab_size": 9}', encoding="utf-8")
    return tmp_path / "config.json"


def options(path: Path | None, **chosen: str) -> argparse.Namespace:
    return argparse.Namespace(model_file=path, **{"pytorch_python": "", "tensorflow_python": ""} | chosen)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Which interpreters are looked at; KerasHub's environment isn't here."""
    found: list[tuple[str, ...]] = []
    monkeypatch.setattr(environments, "place", lambda id_: None if id_ == "keras-hub" else Path(id_))
    monkeypatch.setattr(side_pythons, "found", lambda *given: found.append(given))
    for name in side_pythons.VARIABLES.values():
        monkeypatch.delenv(name, raising=False)
    return found


def test_its_sides_run_in_the_environments_that_have_its_libraries(path: Path, asked: list[tuple[str, ...]]) -> None:
    interpreters.chosen(options(path), path)
    assert asked == [("pytorch", "transformers", str(path))], "what isn't here is told by the side itself"


def test_what_a_user_chose_goes_before(
    path: Path, asked: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FULCRUM_TENSORFLOW_PYTHON", "/theirs")
    interpreters.chosen(options(path, pytorch_python="/ours"), path)
    assert asked == [
        ("pytorch", "/ours", "--pytorch-python"),
        ("tensorflow", "/theirs", "FULCRUM_TENSORFLOW_PYTHON"),
    ]


def test_a_python_file_runs_where_others_do(tmp_path: Path, asked: list[tuple[str, ...]]) -> None:
    interpreters.chosen(options(None), tmp_path / "ours.py")
    interpreters.chosen(options(None))
    assert asked == []
