"""Which interpreter a side was told to run in, and what routes and servers do with it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from probes.contracts import UnsupportedError
from probes.deploy import catalog, environments, launch, side_pythons
from probes.deploy.launch import RouteChildren
from probes.engine.running import interpreters
from probes.engine.running.interpreters import InterpreterError, SidePython
from probes.schema import Interpreter
from probes.serving import catalog as servers
from probes.serving.contracts import Place
from probes.serving.schema import ServingRequest

TOLD = Interpreter("pytorch", "own-1", "3.12.4", {"torch": "2.12.0"})
SIDE = SidePython(TOLD, Path("/own/bin/python"), {"torch": "2.12.0"}, frozenset({"torch", "scipy", "sklearn"}))


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, str]]:
    """What is looked at, by path and name; nothing is started."""
    seen: list[tuple[Path, str]] = []

    def look(framework: str, python: Path, *, setting: str, name: str = "") -> SidePython:
        seen.append((python, name))
        return SIDE

    monkeypatch.setattr(interpreters, "look", look)
    return seen


def test_a_path_a_program_and_an_environment_are_told_apart(
    looked: list[tuple[Path, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(environments, "interpreter", lambda id_: tmp_path / id_)
    program = tmp_path / "python9"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for text in ("pytorch==2.12.0", " executorch ", "python9", f"{tmp_path}/x"):
        side_pythons.found("pytorch", text, "--pytorch-python")
    assert looked == [
        (tmp_path / "pytorch==2.12.0", "pytorch==2.12.0"),
        (tmp_path / "executorch", "executorch"),
        (program, ""),
        (tmp_path / "x", ""),
    ]


def test_what_is_nothing_of_the_kind_is_refused_with_what_there_is() -> None:
    with pytest.raises(
        InterpreterError, match=r"^--x: 'nosuch' is no interpreter; allowed: a path, .*executorch.*==VERS"
    ):
        side_pythons.found("pytorch", "nosuch", "--x")
    with pytest.raises(InterpreterError, match=r"^--x: environment: 'tensorflow==2\.1'; allowed: TensorFlow 2\.16"):
        side_pythons.found("tensorflow", "tensorflow==2.1", "--x")


def test_an_environment_that_is_not_here_says_how_to_make_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(id_: str) -> Path:
        raise UnsupportedError(f"{id_} needs an environment")

    monkeypatch.setattr(environments, "interpreter", missing)
    with pytest.raises(InterpreterError, match=r"^--x: 'jax' can't be used: jax needs an environment"):
        side_pythons.found("tensorflow", "jax", "--x")


def test_a_sides_interpreter_stands_in_for_what_lies_on_top_of_the_apps() -> None:
    pythons = {"pytorch": SIDE}
    assert side_pythons.standing_in("pytorch", "", pythons) is SIDE
    assert side_pythons.standing_in("pytorch", "executorch", pythons) is SIDE
    assert side_pythons.standing_in("pytorch", "kserve", pythons) is None  # has nothing of the app's
    assert side_pythons.standing_in("tensorflow", "", pythons) is None


def test_what_lies_on_top_of_the_apps_is_seen_in_another_of_its_kind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The framework is the app's in both: ExecuTorch can export what Transformers builds."""
    python = replace(SIDE, told=replace(TOLD, name="transformers"))
    packages = tmp_path / "transformers" / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    monkeypatch.setattr(side_pythons.folders, "environments", lambda: tmp_path)
    monkeypatch.setattr(environments, "state", lambda _: "ready")
    pythons = {"pytorch": python}
    assert side_pythons.standing_in("pytorch", "", pythons) is python
    assert side_pythons.standing_in("pytorch", "executorch", pythons) is None
    assert side_pythons.added("pytorch", "executorch", pythons) == {"PYTHONPATH": str(packages)}
    for place in ("", "kserve"):
        assert side_pythons.added("pytorch", place, pythons) == {}
    assert side_pythons.added("pytorch", "executorch", {"pytorch": SIDE}) == {}, "a user's own stands in as before"
    monkeypatch.setattr(environments, "state", lambda _: "yours")
    assert side_pythons.standing_in("pytorch", "executorch", pythons) is python


def test_what_it_lacks_is_said_way_by_way(monkeypatch: pytest.MonkeyPatch) -> None:
    pythons = {"pytorch": SIDE}
    assert catalog.why_not(catalog.find("pytorch_eager"), pythons) == ""
    said = catalog.why_not(catalog.find("pytorch_onnxruntime"), pythons)
    assert said == "PyTorch's interpreter lacks onnx and onnxscript: install it there with pip"
    said = catalog.why_not(catalog.find("pytorch_executorch"), pythons)
    assert said.startswith(
        "PyTorch's interpreter lacks executorch and torchao and numpy: install it there: pip install exec"
    )
    bare = {"pytorch": replace(SIDE, modules=frozenset({"torch"}))}
    assert "lacks scipy and scikit-learn" in catalog.why_not(catalog.find("pytorch_eager"), bare)
    monkeypatch.setattr("probes.catalog.installed", lambda module: True)
    lit = next(spec for spec in servers.servers() if spec.id == "litserve_pytorch")
    assert "lacks litserve" in servers.why_not(lit, ServingRequest(), pythons)
    able = {"pytorch": replace(SIDE, modules=SIDE.modules | {"litserve"})}
    assert servers.why_not(lit, ServingRequest(), able) == ""


def test_children_of_a_route_start_in_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands: list[tuple[str, ...]] = []

    class Started:
        def __init__(self, side: str, variables: dict[str, str], cancelled: object, command: tuple[str, ...]) -> None:
            commands.append(command)

        def ask(self, *_: object, **__: object) -> dict[str, object]:
            return {}

    monkeypatch.setattr(launch, "ProcessChild", Started)
    children = RouteChildren(1, str(tmp_path), lambda: False, pythons={"pytorch": SIDE})
    children.start("export", "pytorch", "executorch", {})
    children.start("export", "tensorflow", "", {})
    assert commands[0][0] == str(SIDE.path)
    assert commands[0][-2:] == (launch.WORKER, "export")
    assert commands[1] == (sys.executable, "-m", launch.WORKER, "export")


def test_a_server_runs_the_projects_code_from_here_in_it() -> None:
    place = Place(
        "way", Path(), Path(), Path("/app/python"), "mlp", {}, ("float32",), 1, lambda: 1, ServingRequest()
    )  # fmt: skip
    assert place.run("some.module", "7") == ("/app/python", "-m", "some.module", "7")
    assert replace(place, own_python=SIDE).run("some.module", "7") == SIDE.command("some.module", "7")
