"""The folder of a team's own models: what pages may name, and what nobody gets through it."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.adapters import model_folder
from advisor.adapters.local_runner import LocalRunner
from advisor.adapters.model_folder import ModelFolder
from advisor.ports import OwnModelFile
from probes.compare.schema import ModelReport
from probes.engine.running import model_files
from probes.engine.running.child import CancelledError
from probes.model_file.loading import read
from probes.schema import RunRequest, RunSetup
from probes.team_files import ModelFile

SOURCE = b"def inputs(rng, batch): ...\ndef pytorch(): ...\n"
SHA256 = hashlib.sha256(SOURCE).hexdigest()
posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes as POSIX has them")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With one model file in it, and beside it one that is nobody's business."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "ours.py").write_bytes(SOURCE)
    (tmp_path / "outside.py").write_bytes(SOURCE)
    return tmp_path / "models"


def test_without_a_folder_there_is_nothing() -> None:
    off = ModelFolder(None)
    assert off.files() == ()
    assert "FULCRUM_OWN_MODELS" in off.why_off()
    with pytest.raises(ValueError, match="FULCRUM_OWN_MODELS"):
        off.path("ours.py", SHA256)


def test_files_are_listed_by_name_and_hash(folder: Path) -> None:
    (folder / "large.py").write_bytes(b"#" * 2 * 2**20)
    (folder / "torch.py").write_bytes(SOURCE)
    (folder / ".hidden.py").write_bytes(SOURCE)
    (folder / "data.npz").write_bytes(b"")
    large, ours, torch = ModelFolder(folder).files()
    assert ours == OwnModelFile("ours.py", SHA256)
    assert (large.name, large.sha256) == ("large.py", "")
    assert "more than 1,048,576 bytes" in large.reason
    assert "rename it" in torch.reason
    assert ModelFolder(folder).why_off() == ""
    assert ModelFolder(folder / "not there yet").files() == ()


def test_a_listed_file_is_found_by_its_name_and_hash(folder: Path) -> None:
    assert ModelFolder(folder).path("ours.py", SHA256) == folder / "ours.py"
    (folder / "ours.py").write_bytes(SOURCE + b"#")
    with pytest.raises(ValueError, match=r"model_file: ours\.py has changed since it was looked at"):
        ModelFolder(folder).path("ours.py", SHA256)
    with pytest.raises(ValueError, match=r"'gone\.py' isn't in the folder of FULCRUM_OWN_MODELS"):
        ModelFolder(folder).path("gone.py", SHA256)


ELSEWHERE = ["../outside.py", "/etc/passwd", "..", ".", "", "sub/ours.py", "./ours.py", "..\\outside.py", "ours", ".py"]


@pytest.mark.parametrize("name", [*ELSEWHERE, "http://example.org/ours.py", "ours.py\0", "x" * 5000 + ".py"])
def test_no_name_leads_out_of_the_folder(name: str, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "ours.py").write_bytes(SOURCE)
    with pytest.raises(ValueError, match="model_file: ") as caught:
        ModelFolder(folder).path(name, SHA256)
    assert str(folder) not in str(caught.value), "a page says nothing of this machine's folders"
    assert len(str(caught.value)) < 300


@given(st.text(st.sampled_from("ab./\\~%\0:") | st.characters(), max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_for_lies_in_the_folder(folder: Path, name: str) -> None:
    try:
        found = ModelFolder(folder).path(name, SHA256)
    except ValueError:
        return
    assert found == folder / "ours.py"


@posix
def test_links_pipes_and_devices_are_no_model_files(folder: Path) -> None:
    (folder / "link.py").symlink_to(folder.parent / "outside.py")
    (folder / "inside.py").symlink_to(folder / "ours.py")
    (folder / "device.py").symlink_to("/dev/zero")
    (folder / "folder.py").mkdir()
    os.mkfifo(folder / "pipe.py")
    listed = {file.name: file for file in ModelFolder(folder).files()}
    assert [name for name, file in listed.items() if file.sha256] == ["ours.py"]
    for name in ("link.py", "inside.py", "device.py", "folder.py", "pipe.py"):
        reason = "is no file, but a folder, a pipe" if name in ("folder.py", "pipe.py") else "is a link"
        assert reason in listed[name].reason
        with pytest.raises(ValueError, match=reason):
            ModelFolder(folder).path(name, SHA256)


def test_a_crowded_folder_is_listed_up_to_a_bound(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_folder, "MOST", 3)
    for number in range(5):
        (folder / f"{number}.py").write_bytes(SOURCE)
    assert [file.name for file in ModelFolder(folder).files()] == ["0.py", "1.py", "2.py"]


def test_a_file_that_changes_while_it_is_described_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def described(path: Path, **_: object) -> ModelFile:
        path.write_bytes(SOURCE + b"#")
        return ModelFile(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), "Ours", ("pytorch",), trains=False)

    monkeypatch.setattr(model_files, "describe", described)
    with pytest.raises(ValueError, match="has changed since it was looked at"):
        ModelFolder(folder).describe("ours.py", SHA256, tell=lambda _, __: None, cancelled=lambda: False)


def described(path: Path, **_: object) -> ModelFile:
    return ModelFile(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), "Ours", ("pytorch",), trains=False)


def test_a_look_tells_how_far_it_is_and_ends_with_the_report(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, float]] = []

    def looked(path: Path, *, tell: Callable[[str], None], **_: object) -> ModelFile:
        tell("PyTorch: what is ours.py?")
        return described(path)

    def reported(path: Path, file: ModelFile, *, tell: Callable[[str], None], **_: object) -> ModelReport:
        tell("starting PyTorch")
        return ModelReport(file, (), {}, None, None)

    monkeypatch.setattr(model_files, "describe", looked)
    monkeypatch.setattr(model_folder.report, "report", reported)
    found = ModelFolder(folder).describe("ours.py", SHA256, tell=lambda *words: told.append(words), cancelled=bool)
    assert found is not None
    assert found.file.name == "ours.py"
    assert told == [("PyTorch: what is ours.py?", 0.0), ("starting PyTorch", 0.125)]


@pytest.mark.parametrize("work", ["describe", "report"])
def test_a_look_that_is_cancelled_leaves_nothing(work: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancel(*_: object, **__: object) -> None:
        raise CancelledError

    monkeypatch.setattr(model_files, "describe", described)
    monkeypatch.setattr(*((model_files, "describe") if work == "describe" else (model_folder.report, "report")), cancel)
    assert ModelFolder(folder).describe("ours.py", SHA256, tell=lambda *_: None, cancelled=lambda: True) is None


def test_a_file_that_changes_between_two_looks_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(path: Path, file: ModelFile, **_: object) -> None:
        path.write_bytes(SOURCE + b"#")
        read(path, file.sha256)

    monkeypatch.setattr(model_files, "describe", described)
    monkeypatch.setattr(model_folder.report, "report", changed)
    with pytest.raises(ValueError, match=r"model_file: ours\.py has changed since it was looked at"):
        ModelFolder(folder).describe("ours.py", SHA256, tell=lambda *_: None, cancelled=lambda: False)


@pytest.mark.parametrize("enabled", [True, False])
def test_a_run_of_a_request_looks_in_the_folder_and_nowhere_else(enabled: bool, folder: Path) -> None:
    """Whatever a request claims: here it is a file that lies beside the folder."""
    file = ModelFile("outside.py", SHA256, "Ours", ("pytorch",), trains=False)
    runner = LocalRunner(ModelFolder(folder)) if enabled else LocalRunner()
    with pytest.raises(ValueError, match="isn't in the folder" if enabled else "FULCRUM_OWN_MODELS names their folder"):
        runner.run(
            RunSetup(RunRequest(model=file.id, model_file=file)),
            on_round=lambda _: None, on_progress=lambda _: None, cancelled=lambda: False,
        )  # fmt: skip
    assert "team_model" not in sys.modules
