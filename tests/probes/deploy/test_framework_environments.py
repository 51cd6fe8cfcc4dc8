"""An environment that is named by the versions that it holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from probes.__main__ import main
from probes.deploy import environments, framework_environments, installing
from probes.deploy.installing import InstallStep
from probes.engine.child.import_guard import OWN
from probes.system import folders
from tests.side_environments import linked

posix = pytest.mark.skipif(os.name != "posix", reason="the stand-in links packages")
NAME = "pytorch==2.12.0"


def found(name: str) -> environments.Runtime:
    runtime = framework_environments.parsed(name)
    assert runtime is not None
    return runtime


def test_its_name_says_what_is_installed() -> None:
    runtime = found("pytorch==2.12.0,tensorflow[and-cuda]==2.21.0")
    assert runtime.title == "PyTorch 2.12.0 and TensorFlow 2.21.0"
    assert runtime.pins == ("torch==2.12.0", "tensorflow[and-cuda]==2.21.0")
    assert runtime.besides[:2] == ("numpy", "psutil")
    assert runtime.modules == ("numpy", "psutil", "torch", "tensorflow", "keras")
    assert not runtime.app_packages
    assert runtime.python[0] == f"{sys.version_info.major}.{sys.version_info.minor}"
    command = installing.steps(runtime, Path("there"), Path(sys.executable))[1].command
    assert command[-len(runtime.besides) - 2 :] == (*runtime.pins, *runtime.besides)


def test_an_old_pytorch_gets_the_numpy_that_it_was_built_for() -> None:
    assert found("pytorch==2.2.1").besides[0] == "numpy<2"
    assert found("pytorch==2.3.0").besides[0] == "numpy"


def test_without_cuda_it_needs_far_less_room() -> None:
    assert found("pytorch==2.12.0+cpu").megabytes < found("tensorflow[and-cuda]==2.21.0").megabytes / 3


@pytest.mark.parametrize("name", ["pytorch", "pytorch=2", "torch==2.12.0", "pytorch==", "pytorch==../x", "jax==1", ""])
def test_other_names_are_no_versions_of_frameworks(name: str) -> None:
    assert framework_environments.parsed(name) is None
    with pytest.raises(ValueError, match=r"doesn't exist; allowed: .*executorch.*; or FRAMEWORK==VERSION"):
        environments.find(name)


def test_what_cannot_be_measured_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"'tensorflow==2\.15\.0'; allowed: TensorFlow 2\.16 or newer"):
        framework_environments.parsed("tensorflow==2.15.0")
    with pytest.raises(ValueError, match="names a framework twice"):
        framework_environments.parsed("tensorflow==2.20.0,tensorflow[and-cuda]==2.21.0")


def test_a_version_that_there_is_not_is_told_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(folders.CACHE, str(tmp_path))
    says = "print('ERROR: No matching distribution found for torch==2.12.0'); raise SystemExit(1)"
    monkeypatch.setattr(installing, "steps", lambda *_: (InstallStep((sys.executable, "-c", says), 0.9),))
    with pytest.raises(environments.InstallError, match="There is no such version for this Python on this system"):
        environments.create(NAME)


#: A version of PyTorch that is as small as can be: it is found, has metadata, and is never imported.
TORCH = """
import sys
from pathlib import Path
folder = Path(sys.argv[1])
(packages,) = folder.glob("lib/python*/site-packages")
(packages / "torch").mkdir()
(packages / "torch" / "__init__.py").touch()
about = packages / "torch-2.12.0.dist-info"
about.mkdir()
(about / "METADATA").write_text("Metadata-Version: 2.1\\nName: torch\\nVersion: 2.12.0\\n")
(about / "RECORD").write_text("torch/__init__.py,,\\n")
"""


@posix
def test_it_is_made_listed_chosen_and_removed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(folders.CACHE, str(tmp_path / "cache"))
    monkeypatch.setenv(folders.DATA, str(tmp_path / "data"))

    def steps(_: object, folder: Path, base: Path) -> tuple[InstallStep, ...]:
        linked(folder, OWN)
        return (InstallStep((sys.executable, "-c", TORCH, str(folder)), 0.95),)

    monkeypatch.setattr(installing, "steps", steps)
    choose = ["run", "--pytorch-python", NAME, "--budget", "1"]
    assert main(choose) == 2
    assert f"{NAME!r} can't be used: PyTorch 2.12.0 needs an environment of its own" in capsys.readouterr().err
    assert main(["env", "create", NAME]) == 0
    python = capsys.readouterr().out.strip()
    assert main(["env", "list", "--json"]) == 0
    (row,) = [row for row in json.loads(capsys.readouterr().out)["environments"] if row["id"] == NAME]
    assert (row["state"], row["interpreter"]) == ("ready", python)
    assert main(choose) == 2, "it was looked at before the budget was"
    assert "budget: 1.0" in capsys.readouterr().err
    monkeypatch.setenv("FULCRUM_PYTORCH_PYTHON", python)
    assert main(["run", "--tensorflow-python", python]) == 2
    assert f"--tensorflow-python: {python} lacks tensorflow and keras" in capsys.readouterr().err
    assert main(["env", "remove", NAME]) == 0
    assert main(choose) == 2


@posix
@pytest.mark.framework
def test_a_child_takes_its_code_from_here_even_where_another_version_is_installed(tmp_path: Path) -> None:
    from probes.engine.running import interpreters

    python = linked(tmp_path / "side", ("torch", *OWN))
    (packages,) = (tmp_path / "side").glob("lib/python*/site-packages")
    (packages / "probes").mkdir()
    (packages / "probes" / "__init__.py").write_text("raise RuntimeError('another version')")
    side = interpreters.look("pytorch", python, setting="--x")
    code = interpreters.begin() + "; import probes.schema; print(probes.schema.__file__)"
    done = subprocess.run(
        [side.path, "-c", code], env=side.surroundings(os.environ), capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()) == Path(environments.__file__).parents[1] / "schema.py"
