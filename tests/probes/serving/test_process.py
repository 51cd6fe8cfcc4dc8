"""Real server processes, without a framework: what is left when they, their keeper or their supervisor die."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from probes.engine.running import environment
from probes.serving import keeper, process
from probes.serving.process import ServerError, ServerProcess
from tests.places import ROOT
from tests.processes import over, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="sessions and signals are POSIX"),
]
FAKE = str(Path(__file__).with_name("fake_server.py"))


@contextmanager
def server(tmp_path: Path, mode: str, port: int, *stop: str) -> Iterator[ServerProcess]:
    started = ServerProcess(
        (sys.executable, FAKE, mode, str(port)),
        folder=tmp_path,
        variables=environment.variables(1, "cpu", str(tmp_path)),
        stop=stop,
    )
    try:
        yield started
    finally:
        started.close()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def family_of(pid: int) -> list[psutil.Process]:
    """The server and its child, once both are there."""
    found = keeper.session(pid)
    return found if len(found) > 1 else []


def test_closing_ends_a_whole_family(tmp_path: Path) -> None:
    port = process.free_port()
    with server(tmp_path, "family", port) as running:
        wait_until(lambda: listens(port), "the server")
        family = wait_until(lambda: family_of(running.pid), "the server's child")
    assert len(family) == 2
    assert all(over(member) for member in family)
    assert not listens(port)


def test_the_polite_way_comes_first(tmp_path: Path) -> None:
    port, told = process.free_port(), tmp_path / "told"
    with server(tmp_path, "right", port, sys.executable, "-c", f"open({str(told)!r}, 'w')"):
        wait_until(lambda: listens(port), "the server")
    assert told.exists()
    assert not listens(port)


def test_a_killed_supervisor_leaves_no_server_and_a_free_port(tmp_path: Path) -> None:
    port = process.free_port()
    code = (
        "import sys, threading\nfrom pathlib import Path\nfrom probes.engine.running import environment\n"
        "from probes.serving.process import ServerProcess\n"
        f"s = ServerProcess((sys.executable, {FAKE!r}, 'family', '{port}'), folder=Path({str(tmp_path)!r}), "
        f"variables=environment.variables(1, 'cpu', {str(tmp_path)!r}))\n"
        "print(s.pid, flush=True)\nthreading.Event().wait()\n"
    )
    supervisor = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    wait_until(lambda: listens(port), "the server")
    family = wait_until(lambda: family_of(pid), "the server's child")
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    for member in family:
        wait_until(lambda member=member: over(member), f"the end of {member}", patience=30)  # type: ignore[misc]
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
    supervisor.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux'")
def test_a_killed_keeper_leaves_nothing_either(tmp_path: Path) -> None:
    port = process.free_port()
    with server(tmp_path, "right", port) as running:
        wait_until(lambda: listens(port), "the server")
        leader = psutil.Process(running.pid)
        leader.parent().kill()  # type: ignore[union-attr]
        wait_until(lambda: over(leader), "the end of the server", patience=30)
    assert not listens(port)


def test_a_port_in_use_is_said_and_another_may_help(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        server(tmp_path, "right", taken.getsockname()[1]) as running,
    ):
        assert running.ended(wait=60)
        death = running.death()
    assert death.retry
    assert "Address already in use" in death.reason
    assert "exit code 1" in death.reason


def test_a_server_that_listens_beyond_loopback_is_refused(tmp_path: Path) -> None:
    port = process.free_port()
    with server(tmp_path, "exposed", port) as running:
        wait_until(lambda: listens(port), "the server")
        with pytest.raises(ServerError, match=rf"listens on 0\.0\.0\.0:{port}"):
            running.refuse_beyond_loopback()


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"/nowhere/server: No such file"):
        ServerProcess(("/nowhere/server",), folder=tmp_path, variables=environment.variables(1, "cpu", str(tmp_path)))
