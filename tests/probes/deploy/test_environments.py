"""Making environments: real interpreters, and installers that are told how to behave."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from probes.contracts import UnsupportedError
from probes.deploy import environments, installing
from probes.deploy.environments import InstallError
from probes.deploy.runtimes import Runtime
from probes.engine.running.child import CancelledError
from tests.probes.deploy.house import MAKES, SECRETS, THING, House, posix
from tests.processes import over, wait_until


@posix
def test_what_is_made_is_ready_and_says_so(house: House) -> None:
    house.installs(MAKES)
    assert environments.state("thing") == "missing"
    with pytest.raises(UnsupportedError, match=r"own: python -m probes env create thing$"):
        environments.interpreter("thing")
    python = house.create()
    assert environments.state("thing") == "ready"
    assert environments.interpreter("thing") == environments.place("thing") == python
    assert environments.variables("thing")["PATH"].split(os.pathsep)[0] == str(python.parent)
    assert environments.manifest("thing")["python"] == sys.version.split()[0]


@posix
def test_progress_names_what_happens_and_never_falls(made: House) -> None:
    messages, fractions = zip(*made.told, strict=True)
    assert messages[0] == "Thing: Collecting thing==1.0"
    assert messages[-1] == "Thing is ready"
    assert list(fractions) == sorted(fractions)
    assert 0 < fractions[0] < fractions[-2] < fractions[-1] == 1


def test_warnings_are_no_progress_but_show_if_it_fails(house: House) -> None:
    house.installs("print('WARNING: mind the gap')\nprint('ERROR: no')\nraise SystemExit(1)")
    with pytest.raises(InstallError, match="mind the gap"):
        house.create()
    assert [message for message, _ in house.told] == ["Thing: ERROR: no"]


@posix
def test_what_is_ready_is_not_made_again(made: House) -> None:
    made.installs("raise SystemExit('asked again')")
    assert made.create() == environments.interpreter("thing")


@posix
def test_changed_pins_make_it_anew(made: House) -> None:
    made.knows(replace(THING, pins=("thing==2.0",)))
    assert environments.state("thing") == "missing"
    (made.home / "thing" / "old").touch()
    made.create()
    assert environments.state("thing") == "ready"
    assert not (made.home / "thing" / "old").exists()


@posix
def test_another_version_of_what_it_shares_with_the_app_makes_it_anew(
    made: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "_shared", lambda: {"torch": "99"})
    assert environments.state("thing") == "missing"


def test_a_failed_install_says_what_the_installer_said_last_and_leaves_nothing(house: House) -> None:
    house.installs("folder.mkdir(parents=True)\nprint('ERROR: No matching distribution')\nraise SystemExit(3)")
    with pytest.raises(InstallError) as caught:
        house.create()
    first, last = str(caught.value).splitlines()
    assert first.startswith("Thing could not be installed: the installer ended with exit code 3. Is PyPI within reach?")
    assert "python -m probes env use thing PYTHON" in first
    assert last == "ERROR: No matching distribution"
    assert house.left == []
    assert environments.state("thing") == "missing"


def test_a_disk_that_fills_up_meanwhile_is_called_full(house: House) -> None:
    house.installs("folder.mkdir(parents=True)\nprint('OSError: [Errno 28] No space left')\nraise SystemExit(1)")
    with pytest.raises(InstallError, match=r"The disk is full\. It takes about 1 MB"):
        house.create()
    assert house.left == []


@posix
def test_a_disk_that_is_full_when_it_is_written_down_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Runtime) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    house.installs(MAKES)
    monkeypatch.setattr(environments, "_write_manifest", full)
    with pytest.raises(InstallError, match=r"could not be installed: .*No space left on device"):
        house.create()
    assert house.left == []


def test_too_little_free_space_is_said_before_anything_starts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.installs("raise SystemExit('started')")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=999_999))
    with pytest.raises(InstallError, match=r"needs about 1 MB, and 0 MB are free at .*: free some space first"):
        house.create()


@posix
def test_an_installer_that_reports_success_without_installing_is_found_out(house: House) -> None:
    house.installs(MAKES.replace("thing.py", "other.py"))
    with pytest.raises(InstallError, match="was installed, but thing can't be found in it"):
        house.create()
    assert house.left == []


FORKS = """
import subprocess, sys, time
folder.mkdir(parents=True)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(f"started {child.pid}")
time.sleep(600)
"""


@posix
def test_cancelling_ends_the_installer_with_all_it_started_and_leaves_nothing(house: House) -> None:
    house.installs(FORKS)
    with pytest.raises(CancelledError):
        house.create(cancelled=lambda: bool(house.told))
    grandchild = int(house.told[0][0].split()[-1])
    assert wait_until(lambda: not psutil.pid_exists(grandchild) or over(psutil.Process(grandchild)), "its end")
    assert house.left == []


@posix
def test_the_installer_dies_with_the_app(tmp_path: Path) -> None:
    (tmp_path / "sleeper.py").write_text("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n")
    python, *_, code, module = installing.leashed(Path(sys.executable), "sleeper")
    found = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n"  # what is leashed looks nowhere else
    starts = (
        "import subprocess, sys, time\n"
        "subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True)\n"
        "time.sleep(600)"
    )
    command = [sys.executable, "-c", starts, python, "-c", found + code, module]
    app = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert app.stdout is not None
    pid = int(app.stdout.readline())
    assert psutil.pid_exists(pid)
    app.kill()
    app.wait()
    assert wait_until(lambda: not psutil.pid_exists(pid) or over(psutil.Process(pid)), "the installer's end")
    app.stdout.close()


@posix
def test_of_two_creators_the_second_waits_and_finds_it_ready(house: House, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    count = f"\nimport time\nwith open({str(tmp_path / 'count')!r}, 'a') as file: file.write('x')\n"
    house.installs(MAKES + count + f"print('begun')\nwhile not Path({str(gate)!r}).exists(): time.sleep(0.01)\n")
    second: list[tuple[str, float]] = []
    found: list[Path] = []
    first = threading.Thread(target=lambda: found.append(house.create()))
    first.start()
    wait_until(lambda: any("begun" in message for message, _ in house.told), "the first one's installer")
    other = threading.Thread(
        target=lambda: found.append(environments.create("thing", tell=lambda *said: second.append(said)))
    )
    other.start()
    wait_until(lambda: second, "the second one's wait")
    gate.touch()
    first.join()
    other.join()
    assert second[0] == ("Thing: another process is making it", 0.0)
    assert found[0] == found[1]
    assert (tmp_path / "count").read_text() == "x"


def test_a_wait_for_another_can_be_cancelled(house: House) -> None:
    with environments._locked(THING, lambda: None, lambda: False), pytest.raises(CancelledError):
        house.create(cancelled=lambda: True)


@posix
def test_removing_says_whether_there_was_anything(made: House) -> None:
    assert environments.remove("thing")
    assert (made.left, environments.state("thing")) == ([], "missing")
    assert not environments.remove("thing")


@posix
def test_what_is_being_made_is_not_removed(made: House) -> None:
    with (
        environments._locked(THING, lambda: None, lambda: False),
        pytest.raises(InstallError, match="is being made by another process: cancel that first"),
    ):
        environments.remove("thing")
    assert environments.state("thing") == "ready"


def test_an_installer_gets_its_settings_and_no_secret_of_the_server(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {
        "HTTPS_PROXY": "http://proxy:3128", "no_proxy": "localhost", "PIP_INDEX_URL": "https://me:mine@index/simple",
        "REQUESTS_CA_BUNDLE": "/etc/ca.pem", "SSL_CERT_FILE": "/etc/ca.pem",
    }  # fmt: skip
    for name, value in (SECRETS | wanted | {"PIP_TARGET": "/elsewhere"}).items():
        monkeypatch.setenv(name, value)
    house.installs("import json, os\nfolder.with_suffix('.txt').write_text(json.dumps(dict(os.environ)))\nexit(1)")
    with pytest.raises(InstallError):
        house.create()
    known: dict[str, str] = json.loads((house.home / "thing.txt").read_text())
    assert {name: known.get(name) for name in wanted} == wanted
    assert not {*SECRETS, "PIP_TARGET"} & known.keys()
    assert known["PIP_DISABLE_PIP_VERSION_CHECK"] == "1"


def wheel(folder: Path, name: str, needs: str = "") -> None:
    """A package of one empty module."""
    info = f"{name}-1.0.dist-info"
    meta = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" + (f"Requires-Dist: {needs}\n" if needs else "")
    rows = {
        f"{name}.py": "",
        f"{info}/METADATA": meta,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as file:
        for path, text in rows.items():
            file.writestr(path, text)
        file.writestr(f"{info}/RECORD", "".join(f"{path},,\n" for path in (*rows, f"{info}/RECORD")))


@posix
@pytest.mark.slow
def test_a_real_installer_takes_the_apps_packages_as_they_are(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pip itself, from a folder: ``thing`` needs NumPy, which no folder has, but the app."""
    wheel(tmp_path, "thing", needs="numpy>=1")
    wheel(tmp_path, "old", needs="nowhere==9")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    house.knows(replace(THING, modules=("thing", "old", "stub", "numpy"), no_deps=("old==1.0",), stubs=("stub",)))
    python = house.create()
    code = "import json, thing, old, stub, numpy; print(json.dumps([thing.__file__, numpy.__file__]))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    inside, apps = json.loads(done.stdout)
    assert Path(inside).is_relative_to(house.home)
    assert not Path(apps).is_relative_to(house.home)
    assert any(message == "Thing: Requirement already satisfied: numpy>=1" for message, _ in house.told)
