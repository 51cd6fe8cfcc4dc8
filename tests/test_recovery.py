"""The whole house with real frameworks: processes are killed in the middle of a run; nothing is lost or left over."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from advisor import wiring
from advisor.records import Job
from probes.schema import Outcome, RunRequest
from tests import processes
from tests.conftest import ROOT
from tests.processes import over
from tests.stores import measure, the

wait_until = partial(processes.wait_until, patience=200.0)  # for frameworks to be imported, and a round measured

#: Bytes, which come out the same whatever else the machine does.
REQUEST = RunRequest(probes=("mlp.memory_peak",), budget=30.0)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[psutil.Process]:
    """The app as the README starts it, and nothing of it left afterwards."""
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        f"--server.port={port}",
        "--server.address=127.0.0.1",
    ]
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_until(lambda: _healthy(port), "the server to come up")
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()
        for left in family(Path(os.environ["FULCRUM_DATA_DIR"])):
            left.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def executors(folder: Path) -> list[psutil.Process]:
    """The executors of this data directory."""
    found = []
    for process in psutil.process_iter():
        try:
            mine = process.environ().get("FULCRUM_DATA_DIR") == str(folder)
            if mine and process.cmdline()[1:4] == ["-m", "advisor", "agent"]:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def family(folder: Path) -> list[psutil.Process]:
    """The executors with all that they started."""
    return [p for executor in executors(folder) for p in (executor, *executor.children(recursive=True))]


@pytest.mark.framework
@pytest.mark.measures
@pytest.mark.timeout(500)
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_sigkill_of_executor_and_server_loses_no_round_and_leaves_no_orphan(server: psutil.Process) -> None:
    folder = Path(os.environ["FULCRUM_DATA_DIR"])
    store = wiring.build().store
    run_id = measure(store, REQUEST).id

    def run() -> Job:
        return the(store.job(run_id))

    wait_until(lambda: run().finished_rounds >= 1, "the first round")
    executor = min(executors(folder), key=psutil.Process.create_time)  # what it forks looks like it for a moment
    children = executor.children(recursive=True)
    kept = store.rounds(run_id)
    executor.kill()
    wait_until(lambda: all(over(child) for child in children), "its children to follow")

    second = wait_until(lambda: [p for p in executors(folder) if p.pid != executor.pid], "a new executor")[0]
    wait_until(lambda: run().attempts == 2, "the run to be taken up again")
    server.kill()

    ended = wait_until(lambda: None if run().active else run(), "the end of the run without a server")
    assert ended.status == "done", ended.reason
    assert store.rounds(run_id)[: len(kept)] == kept
    assert ended.result is not None
    assert [r.outcome for r in ended.result.results] == [Outcome.OK], ended.result.results[0].reason
    wait_until(lambda: over(second), "the executor to go after its server")
    assert family(folder) == []
