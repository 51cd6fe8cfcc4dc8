"""Which list of packages of a tree the support clock is asked of, and with which Python."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from advisor.answers import Answers
from advisor.effort.pins import CodeClock, clock_of
from tests.advisor.trees import not_root, scanned

DAY = date(2026, 11, 29)
LOCK = '[[package]]\nname = "torch"\nversion = "2.1.0"\n\n[metadata]\npython-versions = "~3.11"\n'


def clock(folder: Path, files: dict[str, str | bytes], **constraints: object) -> CodeClock:
    answers = Answers.model_validate({"schema": 2, "constraints": constraints})
    return clock_of(folder, scanned(folder, files), DAY, answers)


@pytest.mark.parametrize(
    ("files", "file"),
    [
        ({"requirements.txt": "torch==2.1.0\n", "poetry.lock": LOCK}, "poetry.lock"),
        ({"docs/requirements.txt": "torch==2.1.0\n", "requirements.txt": "torch==2.2.0\n"}, "requirements.txt"),
        ({"requirements.txt": "flask==2.0\n", "sub/requirements.txt": "torch==2.1.0\n"}, "sub/requirements.txt"),
        ({"pyproject.toml": '[project]\nname = "x"\ndependencies = ["torch==2.1.0"]\n'}, "pyproject.toml"),
    ],
)
def test_a_lock_goes_before_a_list_and_the_root_before_a_folder(
    files: dict[str, str | bytes], file: str, tmp_path: Path
) -> None:
    found = clock(tmp_path, files)
    assert found.file == file
    assert found.clock is not None
    assert "torch" in {pin.pin.package for pin in found.clock.pins}


def test_markers_of_a_project_count(tmp_path: Path) -> None:
    """A wheel for Apple processors alone doesn't stop a machine with Linux (brainglobe/cellfinder, pyproject.toml)."""
    listed = [
        "tensorflow>=2.5,<2.12; platform_machine!='arm64'",
        "tensorflow-macos>=2.5,<2.12; platform_machine=='arm64' and platform_system=='Darwin'",
    ]
    found = clock(tmp_path, {"pyproject.toml": f"[project]\nname = 'x'\ndependencies = {listed!r}\n"})
    assert found.clock is not None
    assert [pin.pin.package for pin in found.clock.pins] == ["tensorflow"]


def test_a_python_that_nobody_names_is_supposed_and_one_that_is_answered_counts(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"requirements.txt": "tensorflow==2.11.1\n"}
    supposed = clock(tmp_path, files).clock
    assert supposed is not None
    assert supposed.machine.python == "3.10"  # the newest with a wheel of 2.11.1, as PyPI lists it
    assert "python" in supposed.machine.supposed
    answered = clock(tmp_path, files, python=["3.12"], os=["windows"]).clock
    assert answered is not None
    assert answered.machine.python == "3.12"
    assert answered.machine.system == "windows-x86_64"
    assert answered.first is not None
    assert answered.first.bearing == "blocks"


def test_of_several_answers_those_count_that_count_on_the_page(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"requirements.txt": "torch==2.1.0\n"}
    several = {"python": ["3.12", "3.10"], "os": ["windows", "linux"]}
    hardware = {"train": ["nvidia"], "nvidia": ["ampere", "blackwell"]}
    answers = Answers.model_validate({"schema": 2, "constraints": several, "hardware": hardware})
    found = clock_of(tmp_path, scanned(tmp_path, files), DAY, answers).clock
    assert found is not None
    assert (found.machine.python, found.machine.system, found.machine.gpu) == ("3.10", "windows-x86_64", "blackwell")
    answers = Answers.model_validate({"schema": 2, "hardware": hardware})
    found = clock_of(tmp_path, scanned(tmp_path, files), DAY, answers).clock
    assert found is not None
    assert (found.machine.gpu, found.machine.supposed) == ("blackwell", ("python", "os"))


def test_dockerfiles_say_python_system_and_cuda(tmp_path: Path) -> None:
    """TensorFlow 2.4 wants CUDA 11 beside it (install/source.md of tensorflow/docs); the image has 12."""
    files: dict[str, str | bytes] = {
        "requirements.txt": "tensorflow==2.4.1\n",
        "Dockerfile": "FROM python:3.8-slim-buster\nCOPY . .\n",
        "docker/gpu.dockerfile": "ARG TAG=12.2.0-base-ubuntu20.04\nFROM nvidia/cuda:${TAG}\n",
        "deep/down/Dockerfile": "FROM python:3.6\n",
    }
    found = clock(tmp_path, files).clock
    assert found is not None
    assert found.machine.python == "3.8"
    assert found.machine.toolkit == "12.2"
    assert found.machine.glibc == ""  # Debian 10 has another than Ubuntu 20.04
    assert {"image_ended", "image_cuda"} <= {one.kind for one in found.findings}


def test_a_dockerfile_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("FROM python:3.6\n")
    folder = tmp_path / "tree"
    report = scanned(folder, {"requirements.txt": "torch==2.1.0\n"})
    (folder / "Dockerfile").symlink_to(outside)
    found = clock_of(folder, report, DAY).clock
    assert found is not None
    assert found.lock.images == ()


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a.py": "import torch\n"}, "No list of packages names one whose wheels are known."),
        ({"requirements.txt": "flask\n"}, "No list of packages names one whose wheels are known."),
    ],
)
def test_without_a_list_the_reason_is_said(files: dict[str, str | bytes], reason: str, tmp_path: Path) -> None:
    assert clock(tmp_path, files) == CodeClock("", None, reason)


def test_a_list_that_changed_since_it_was_scanned_is_a_reason_without_a_path_of_this_machine(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"requirements.txt": "torch==2.1.0\n"})
    (tmp_path / "requirements.txt").unlink()
    found = clock_of(tmp_path, report, DAY)
    assert found.clock is None
    assert found.reason.startswith("requirements.txt can't be asked: ")
    assert str(tmp_path) not in found.reason


def test_a_project_file_that_is_gone_leaves_what_the_scan_saw_of_it(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\nversion = "1"\ndependencies = ["torch==2.1.0"]\n'
    report = scanned(tmp_path, {"pyproject.toml": text})
    (tmp_path / "pyproject.toml").unlink()
    found = clock_of(tmp_path, report, DAY).clock
    assert found is not None
    assert [(pin.package, pin.versions) for pin in found.lock.pins] == [("torch", "==2.1.0")]


@not_root
def test_a_folder_that_may_not_be_looked_into_holds_no_dockerfile(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"requirements.txt": "torch==2.1.0\n", "docker/Dockerfile": "FROM python:3.6\n"})
    (tmp_path / "docker").chmod(0)
    try:
        found = clock_of(tmp_path, report, DAY).clock
    finally:
        (tmp_path / "docker").chmod(0o700)
    assert found is not None
    assert found.lock.images == ()


OLD_CODE = (
    "import tensorflow as tf\nx = tf.placeholder(tf.float32)\nwith tf.Session() as session:\n    session.run(x)\n"
)
NEW_CODE = "import tensorflow as tf\n" + "y = tf.constant(1)\n" * 60


@pytest.mark.parametrize(
    ("files", "below"),
    [
        ({"model.py": OLD_CODE}, "2.0"),
        ({"model.py": OLD_CODE.replace("tf.", "tf.compat.v1.")}, None),
        ({"test_model.py": OLD_CODE, "model.py": NEW_CODE}, None),  # tests alone
        ({"old.py": OLD_CODE, "model.py": NEW_CODE}, None),  # a leftover, which has to change
    ],
)
def test_the_code_says_which_versions_it_is_for(
    files: dict[str, str | bytes], below: str | None, tmp_path: Path
) -> None:
    found = clock(tmp_path, {**files, "requirements.txt": "tensorflow\n"}, python=["3.11"]).clock
    assert found is not None
    assert [(bound.package, bound.below) for bound in found.code] == ([("tensorflow", below)] if below else [])
    assert (found.first is not None and found.first.bearing == "blocks") == (below is not None)


def test_what_a_workflow_installs_is_asked_where_there_is_no_other_list(tmp_path: Path) -> None:
    """keras-team/keras-cv: «is YAML, but neither a conda environment nor a conda-lock»."""
    workflow = "jobs:\n  test:\n    steps:\n      - run: |\n          pip install tensorflow~=2.15.0 pytest\n"
    found = clock(tmp_path, {".github/workflows/actions.yml": workflow})
    assert found.reason == ""
    assert found.clock is not None
    assert [(pin.pin.package, pin.pin.versions) for pin in found.clock.pins] == [("tensorflow", "~=2.15.0")]


def test_code_that_names_its_framework_s_age_needs_no_list(tmp_path: Path) -> None:
    found = clock(tmp_path, {"model.py": OLD_CODE})
    assert found.file == "the code itself"
    assert found.clock is not None
    assert found.clock.stay.python == "3.7"  # the newest with a wheel of TensorFlow 1
    assert clock(tmp_path, {"model.py": NEW_CODE}).clock is None


def test_what_a_dockerfile_installs_in_quotes_is_pinned(tmp_path: Path) -> None:
    """openai/baselines: «pip install 'tensorflow < 2'» on Python 3.6 was read as any TensorFlow."""
    found = clock(tmp_path, {"Dockerfile": "FROM python:3.6\nRUN pip install 'tensorflow < 2' && pip install -e .\n"})
    assert found.clock is not None
    assert [(pin.pin.versions, str(pin.release and pin.release.version)) for pin in found.clock.pins] == [
        ("<2", "1.15.5")
    ]
