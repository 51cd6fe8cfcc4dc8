"""A user's own interpreter in place of an environment: taken if it fits, and told no secret."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from probes.contracts import UnsupportedError
from probes.deploy import environments
from probes.deploy.environments import InstallError
from probes.system import asking
from tests.probes.deploy.house import OWN, SECRETS, THING, House, posix
from tests.processes import over, wait_until


def test_another_python_than_its_own_is_refused_with_those_allowed(house: House) -> None:
    house.knows(replace(THING, python=("3.1",)))
    with pytest.raises(InstallError, match=rf"Thing needs Python 3\.1; the app runs on {OWN}"):
        house.create()
    with pytest.raises(UnsupportedError, match=r"Thing needs Python 3\.1"):
        environments.interpreter("thing")


def test_an_environment_without_the_apps_packages_may_have_another_python(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    house.knows(replace(THING, python=("3.1",), app_packages=False))
    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / name))
    assert environments._base(environments.find("thing")) == tmp_path / "python3.1"


def test_a_missing_program_is_named_with_how_to_get_it(yours: House) -> None:
    yours.knows(replace(THING, modules=("json",), programs=("no-such-java",), programs_from="install no Java"))
    with pytest.raises(UnsupportedError, match="Thing needs no-such-java on the PATH: install no Java"):
        environments.interpreter("thing")


@pytest.fixture
def yours(house: House) -> House:
    house.knows(replace(THING, modules=("json",)))
    environments.point("thing", Path(sys.executable))
    return house


def test_a_users_own_interpreter_is_used_until_it_is_taken_back(yours: House) -> None:
    assert environments.state("thing") == "yours"
    assert environments.interpreter("thing") == Path(sys.executable)
    assert environments.point("thing", None) is None
    assert environments.state("thing") == "missing"
    assert environments.point("thing", None) is None


def test_a_users_own_interpreter_that_went_away_is_said_to_be_gone(house: House, tmp_path: Path) -> None:
    house.knows(replace(THING, modules=("json",)))
    link = tmp_path / "python"
    link.symlink_to(sys.executable)
    assert environments.point("thing", link) == link
    link.unlink()
    assert environments.state("thing") == "missing"
    with pytest.raises(UnsupportedError, match="python, the interpreter chosen for Thing, is gone"):
        environments.interpreter("thing")


@pytest.fixture
def bad(tmp_path: Path) -> Callable[[str], Path]:
    def program(text: str) -> Path:
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    return program


@posix
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("echo no >&2; exit 2", "doesn't run as Python does: no$"),
        (r"printf 'out\nno \033[31mway\342\200\256\n' >&2; exit 2", r"doesn't run as Python does: no \[31mway$"),
        ("head -c 5000 /dev/zero | tr '\\0' a; exit 2", "doesn't run as Python does: a{99}…$"),
        ("echo hello", "doesn't run as Python does: it answered «hello»"),
        ("echo fulcrum:3", "doesn't run as Python does: it answered «fulcrum:3»"),
        ("yes", "doesn't run as Python does: y$"),
        ("""echo 'fulcrum:["3.1.4", []]'""", rf"is Python 3\.1\.4; allowed: {OWN}"),
        (f"""echo note; echo 'fulcrum:["{OWN}.1", ["thing"]]'""", "lacks thing; Thing is made of: thing==1.0"),
    ],
    ids=[
        "fails",
        "says what no terminal should get",
        "says a lot",
        "not Python",
        "another answer",
        "never ends",
        "another version",
        "without the module",
    ],
)
def test_an_unfit_interpreter_is_refused_and_nothing_changes(
    yours: House, bad: Callable[[str], Path], text: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        environments.point("thing", bad(text))
    assert environments.interpreter("thing") == Path(sys.executable)


@posix
def test_a_silent_program_is_given_up_with_all_that_it_started(
    house: House, bad: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 1.0)
    with pytest.raises(ValueError, match="doesn't run as Python does: no answer within 1 s"):
        environments.point("thing", bad(f"sleep 600 & echo $! > {tmp_path}/pid; wait"))
    sleeper = int((tmp_path / "pid").read_text())
    wait_until(lambda: not psutil.pid_exists(sleeper) or over(psutil.Process(sleeper)), "its end")


@posix
def test_an_interpreter_that_is_asked_gets_no_secret_of_the_server(
    house: House, bad: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match="it answered"):
        environments.point("thing", bad(f"env > {tmp_path}/known"))
    known = (tmp_path / "known").read_text()
    assert f"HOME={Path.home()}" in known
    assert not [name for name in SECRETS if name in known]


def test_a_path_that_is_no_program_is_refused(house: House, tmp_path: Path) -> None:
    for path, said in ((tmp_path / "nothing", "doesn't exist"), (tmp_path, "is a folder")):
        with pytest.raises(ValueError, match=said):
            environments.point("thing", path)


def test_the_command_line_lists_uses_and_refuses(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from probes.__main__ import main

    house.knows(replace(THING, modules=("json",)))
    monkeypatch.setattr(environments, "runtimes", lambda: (environments.find("thing"),))
    assert row(capsys, main)["state"] == "missing"
    assert main(["env", "use", "thing", str(house.home / "none")]) == 2
    assert "none doesn't exist" in capsys.readouterr().err
    assert main(["env", "use", "thing", sys.executable]) == 0
    assert row(capsys, main)["interpreter"] == sys.executable
    assert main(["env", "use", "thing"]) == 0
    found = row(capsys, main)
    assert (found["state"], found["pins"]) == ("missing", ["thing==1.0"])
    assert "python -m probes env create thing" in found["reason"]


def test_the_command_line_says_why_it_failed(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    from probes.__main__ import main

    house.installs("raise SystemExit(3)")
    assert main(["env", "create", "thing"]) == 1
    assert "python -m probes env create: Thing could not be installed" in capsys.readouterr().err
    assert main(["env", "remove", "thing"]) == 0
    assert "there was nothing to remove" in capsys.readouterr().err


def row(capsys: pytest.CaptureFixture[str], main: Callable[[list[str]], int]) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["env", "list", "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["environments"][0]
    return found
