"""The app as people start it: a real server with its executor, no browser and no framework."""

from __future__ import annotations

import gzip
import os
import re
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import psutil
import pytest

from advisor import wiring
from advisor.records import ExecutorStatus
from advisor.wiring import Settings
from tests.conftest import ROOT
from tests.processes import over, wait_until
from ui.app import server as app_server
from ui.session.cookies import BROWSER

pytestmark = pytest.mark.slow


@dataclass
class Running:
    """A server that was started in a folder of its own, with settings that are relative to it."""

    process: psutil.Popen
    port: int
    services: wiring.Services

    def executor(self) -> ExecutorStatus:
        return self.services.store.executor()

    def get(self, path: str, **headers: str) -> tuple[int, Message, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=named)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - a loopback http address
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers, refusal.read()

    def healthy(self) -> bool:
        assert self.process.poll() is None, "the server ended"
        try:
            return self.get("/_stcore/health")[0] == 200
        except OSError:
            return False


def start(folder: Path) -> Running:
    """A server in ``folder``, which may take seconds to come up."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    relative = {"FULCRUM_DATA_DIR": "data", "FULCRUM_DATABASE_URL": "sqlite:///here.db"}
    (folder / "advisor").mkdir()  # a package of the same name where somebody works must not be taken for ours
    (folder / "advisor" / "__init__.py").write_text("raise ImportError('not this one')")
    with (folder / "server.log").open("wb") as log:
        process = psutil.Popen(command, cwd=folder, env=os.environ | relative, stdout=log, stderr=log)
    return Running(
        process, port, wiring.build(Settings(data_dir=folder / "data", database_url=f"sqlite:///{folder / 'here.db'}"))
    )


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Running]]:
    """As many as there are tests that end one, in folders of their own; they come up side by side."""
    started: list[Running] = []
    executors: list[psutil.Process] = []
    try:
        started += (start(tmp_path_factory.mktemp("server")) for _ in range(2))
        for server in started:
            wait_until(server.healthy, "the server to come up")
            wait_until(lambda server=server: server.executor().alive, "its executor")
            executors += server.process.children()
        yield list(started)
    finally:
        for left in (*(server.process for server in started), *executors):
            if left.is_running():
                left.kill()
        for server in started:
            server.process.wait()


@pytest.fixture
def running(servers: list[Running]) -> Running:
    return servers.pop()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_the_server_answers_safely_and_keeps_an_executor_as_long_as_it_lives(running: Running) -> None:
    status, headers, page = running.get("/")
    assert status == 200
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["set-cookie"].startswith(f"{BROWSER}=")
    assert running.get("/", host="evil.example")[0] == 400

    script = re.search(rb'src="\./(static/[^"]+\.js)"', page)
    assert script is not None
    path = "/" + script[1].decode()
    _, plain_headers, plain = running.get(path, accept_encoding="identity")
    _, packed_headers, packed = running.get(path, accept_encoding="gzip")
    assert packed_headers["content-encoding"] == "gzip"
    assert plain_headers["content-encoding"] is None
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain) / 2

    first = running.executor().pid
    assert first in [child.pid for child in running.process.children()]
    psutil.Process(first).kill()
    second = wait_until(lambda: {running.executor().pid} - {first, None}, "another executor").pop()
    executor = psutil.Process(second)

    running.process.kill()
    running.process.wait()
    wait_until(lambda: over(executor), "the executor to go after its server")
    assert not running.executor().alive


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_server_that_is_told_to_stop_takes_its_executor_along(running: Running) -> None:
    executor = psutil.Process(running.executor().pid)
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(60)
    assert over(executor)
    assert not running.executor().alive, "it said goodbye"


@pytest.mark.parametrize(
    "wrong",
    [
        {"FULCRUM_DATABASE_URL": "fulcrum.db"},
        {"FULCRUM_DATABASE_URL": "sqlite://"},
        {"FULCRUM_DATA_DIR": "/dev/null/x"},
    ],
    ids=lambda wrong: " ".join(f"{k}={v}" for k, v in wrong.items()),
)
def test_a_server_that_could_store_nothing_does_not_start(
    wrong: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as refused:
        app_server.checked_services()
    [name] = wrong
    assert re.fullmatch(rf"Fulcrum can't start\. {name}: .+", str(refused.value))
