"""A cluster of one machine, this one: the same run goes through Ray, and what is killed leaves a stated outcome."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from advisor.adapters.ray_runner import RayRunner
from advisor.ports import MachineLostError
from probes.json_form import to_json
from probes.records import sealed
from probes.records.trusting import trusted
from probes.results import Progress, Round, RunResult
from probes.schema import RunRequest, RunSetup
from tests.places import ROOT
from tests.processes import wait_until

#: A Python with requirements.txt and requirements-fleet.txt; Ray stays out of the house's own environment.
PYTHON = os.environ.get("FULCRUM_TEST_RAY", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.measures,  # all of them: one cluster at a time
    pytest.mark.skipif(not PYTHON, reason="FULCRUM_TEST_RAY names no Python with requirements-fleet.txt"),
]
SETUP = RunSetup(RunRequest(probes=("mlp.train_step",), budget=30.0, machine="desk"))


@dataclass
class Cluster:
    """Its head is its only machine. All its processes have its folder in their command lines or in their variables:
    temporary files, and with them the lock of the machine, are its own."""

    address: str
    folder: Path
    variables: Mapping[str, str]

    def processes(self) -> list[psutil.Process]:
        return [p for p in psutil.process_iter(["cmdline"]) if str(self.folder) in " ".join(p.info["cmdline"] or [])]

    def alive(self) -> bool:
        lines = [" ".join(process.info["cmdline"]) for process in self.processes()]
        return all(any(name in line for line in lines) for name in ("gcs_server", "raylet"))

    def measured(self) -> list[psutil.Process]:
        """Children of a measurement that run there now."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            if "probes.engine.child.worker" in (process.info["cmdline"] or []):
                with suppress(psutil.Error, OSError):
                    if process.environ().get("TMPDIR", "").startswith(str(self.folder)):
                        found.append(process)
        return found

    def kill(self, name: str = "") -> None:
        found = [p for p in self.processes() if name in " ".join(p.info["cmdline"])]
        for process in found:
            process.kill()
        psutil.wait_procs(found, timeout=10)

    def end(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def clusters() -> Iterator[list[Cluster]]:
    """The one that was started last, once there is one."""
    started: list[Cluster] = []
    yield started
    for cluster in started:
        cluster.end()


@pytest.fixture
def cluster(clusters: list[Cluster], monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """That of the test before, unless something of it was killed. Its driver's variables are in this process."""
    if clusters and not clusters[-1].alive():
        clusters.pop().end()
    if not clusters:
        clusters.append(_started())
    for name, value in clusters[-1].variables.items():
        monkeypatch.setenv(name, value)
    return clusters[-1]


def _started() -> Cluster:
    folder = Path(f"/tmp/fulcrum-ray-{secrets.token_hex(3)}")  # noqa: S108 - sockets need a short path
    own, token = folder / "own", folder / "token"
    own.mkdir(parents=True)
    token.write_text(secrets.token_hex(32), encoding="ascii")
    variables = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token), "PYTHONPATH": str(ROOT)}
    with socket.socket() as free:
        free.bind(("", 0))
        port = free.getsockname()[1]
    command = [
        PYTHON, "-m", "ray.scripts.scripts", "start", "--head", f"--port={port}", "--node-name=desk",
        '--resources={"fulcrum": 1}', "--include-dashboard=false", "--disable-usage-stats", f"--temp-dir={folder}/r",
        "--object-store-memory=100000000",
    ]  # fmt: skip
    environment = {**os.environ, **variables, "TMPDIR": str(own)}
    started = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert started.returncode == 0, started.stderr
    address = next(line for line in (started.stdout + started.stderr).splitlines() if "--address=" in line)
    return Cluster(address.split("--address=")[1].strip("'\" "), folder, variables)


def runner(cluster: Cluster) -> RayRunner:
    return RayRunner(cluster.address, python=PYTHON)


def test_a_look_finds_this_machine_with_this_code(cluster: Cluster) -> None:
    here = runner(cluster)
    (found,) = here.look()
    assert (found.name, found.why_not, found.busy) == ("desk", "", False)
    assert found.machine == here.machine(), "whatever starts its processes, it is the same machine"


@pytest.mark.framework
def test_a_run_through_ray_is_a_run_like_any_other(cluster: Cluster) -> None:
    rounds: list[Round] = []
    result = runner(cluster).run(SETUP, on_round=rounds.append, on_progress=lambda _: None, cancelled=lambda: False)
    assert [to_json(one) for one in rounds] == [to_json(one) for one in result.rounds]
    assert trusted(sealed(result).encode(), "run.json").results == result.results


def test_a_cluster_that_is_gone_or_wants_another_token_is_said_so(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "other").write_text("0" * 64, encoding="ascii")
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "other"))
    with pytest.raises(RuntimeError, match="can't be joined"):
        runner(cluster).look()
    cluster.kill()
    with pytest.raises(RuntimeError, match=r"no Ray cluster answers at .*: start its head with `ray start --head`"):
        runner(cluster).look()


@pytest.mark.framework
def test_a_machine_that_dies_leaves_its_finished_rounds_and_no_process(cluster: Cluster) -> None:
    rounds, result = until_killed(cluster, "raylet")
    assert isinstance(result, MachineLostError)
    assert result.result is not None
    assert result.result.rounds[: len(rounds)] == rounds != ()


@pytest.mark.framework
def test_a_head_that_dies_takes_no_round_along(cluster: Cluster) -> None:
    """Machine and driver speak with each other: a run may well come to its end without the head."""
    rounds, result = until_killed(cluster, "gcs_server")
    kept = result.result if isinstance(result, MachineLostError) else result
    assert kept is not None
    assert kept.rounds[: len(rounds)] == rounds != ()


def until_killed(cluster: Cluster, what: str) -> tuple[tuple[Round, ...], RunResult | MachineLostError]:
    """The rounds that came, and how the run ended, of a cluster a process of which is killed after the first round.
    Nothing of the run is left."""
    rounds: list[Round] = []
    seen = False

    def told(_: Progress) -> None:
        nonlocal seen
        seen = seen or bool(cluster.measured())

    def kept(one: Round) -> None:
        rounds.append(one)
        cluster.kill(what)

    result: RunResult | MachineLostError
    try:
        result = runner(cluster).run(SETUP, on_round=kept, on_progress=told, cancelled=lambda: False)
    except MachineLostError as lost:
        result = lost
    cluster.kill()
    assert seen, "what measures can be found"
    wait_until(lambda: not cluster.measured(), "the end of what was measured")
    return tuple(rounds), result
