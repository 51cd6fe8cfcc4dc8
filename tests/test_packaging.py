"""``pip install .``: what the wheel holds, and that it works where only the wheel is."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from tests.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked as an installer does."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        files.extractall(folder / "site")
    return folder / "site"


def test_every_file_of_the_packages_and_all_data_are_in_it(installed: Path) -> None:
    ours = {
        path.relative_to(ROOT).as_posix()
        for package in ("ui", "advisor", "probes")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    beside = {f"fulcrum/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "data").iterdir()}
    found = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    assert {Path(file).suffix for file in ours} >= {".py", ".css", ".cpp"}
    assert beside
    expected = ours | beside | {"fulcrum/app.py", "fulcrum/.streamlit/config.toml"}
    assert {file for file in found if ".dist-info/" not in file} == expected


def test_it_needs_what_requirements_txt_pins(installed: Path) -> None:
    (metadata,) = installed.glob("*.dist-info/METADATA")
    needed = Parser().parsestr(metadata.read_text(encoding="utf-8")).get_all("Requires-Dist")
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert sorted(needed or ()) == sorted(line.lower() for line in lines if line and not line.startswith("#"))


def test_its_commands_lead_to_functions() -> None:
    assert PROJECT["scripts"].keys() == {"fulcrum", "fulcrum-probes", "fulcrum-app"}
    for target in PROJECT["scripts"].values():
        module, _, function = target.partition(":")
        assert callable(getattr(importlib.import_module(module), function)), target


@pytest.mark.slow
def test_it_finds_its_data_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    code = (
        "from advisor import knowledge, questionnaire; from probes.deploy import cpp, runtimes; "
        "from ui.app import server;"
        "from ui.kit import theme; from probes.system import data_files;"
        "assert knowledge.load().facts and questionnaire.questions() and runtimes.runtimes();"
        "assert cpp._SOURCE.exists() and theme.STYLES.exists() and server.SHELL.exists();"
        "assert (data_files.HOME / 'app.py').exists();"
        "print(data_files.HOME)"
    )
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == installed / "fulcrum"


@pytest.mark.parametrize("package", ["advisor", "probes"])
def test_without_arguments_a_command_says_what_it_can_do(package: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert importlib.import_module(f"{package}.__main__").main([]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert {"advisor": "decide  ", "probes": "run  "}[package] in said.err
    assert "show this help message" in said.err
