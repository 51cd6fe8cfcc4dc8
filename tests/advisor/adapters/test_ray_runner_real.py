"""A cluster of one machine, this one: the same run goes through Ray, and what is killed leaves a stated outcome."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from advisor.adapters.ray_runner import RayRunner
from advisor.ports import MachineLostError
from probes.json_form import to_json
from probes.records import sealed
from probes.records.trusting import trusted
from probes.results import Round, RunResult
from probes.schema import RunRequest, RunSetup
from tests.places import ROOT
from tests.processes import wait_until

#: A Python with requirements.txt and requirements-fleet.txt; Ray stays out of the house's own environment.
PYTHON = os.environ.get("FULCRUM_TEST_RAY", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.skipif(not PYTHON, reason="FULCRUM_TEST_RAY names no Python with requirements-fleet.txt"),
]
SETUP = RunSetup(RunRequest(probes=("mlp.train_step",), budget=30.0, machine="desk"))


@dataclass
class Cluster:
    """Its head is its only machine. All its processes have its folder in their command lines."""

    address: str
    folder: Path

    def processes(self) -> list[psutil.Process]:
        return [p for p in psutil.process_iter(["cmdline"]) if str(self.folder) in " ".join(p.info["cmdline"] or [])]

    def kill(self, name: str = "") -> None:
        found = [p for p in self.processes() if name in " ".join(p.info["cmdline"])]
        for process in found:
            process.kill()
        psutil.wait_procs(found, timeout=10)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    token, folder = tmp_path / "token", Path(f"/tmp/fulcrum-ray-{secrets.token_hex(3)}")  # noqa: S108 - sockets need a short path
    token.write_text(secrets.token_hex(32), encoding="ascii")
    for name, value in {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token), "PYTHONPATH": str(ROOT)}.items():
        monkeypatch.setenv(name, value)
    with socket.socket() as free:
        free.bind(("", 0))
        port = free.getsockname()[1]
    command = [
        PYTHON, "-m", "ray.scripts.scripts", "start", "--head", f"--port={port}", "--node-name=desk",
        '--resources={"fulcrum": 1}', "--include-dashboard=false", "--disable-usage-stats", f"--temp-dir={folder}",
        "--object-store-memory=100000000",
    ]  # fmt: skip
    started = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert started.returncode == 0, started.stderr
    address = next(line for line in (started.stdout + started.stderr).splitlines() if "--address=" in line)
    cluster = Cluster(address.split("--address=")[1].strip("'\" "), folder)
    yield cluster
    cluster.kill()
    subprocess.run(["rm", "-rf", str(folder)], check=False)


def runner(cluster: Cluster) -> RayRunner:
    return RayRunner(cluster.address, python=PYTHON)


def test_a_look_finds_this_machine_with_this_code(cluster: Cluster) -> None:
    here = runner(cluster)
    (found,) = here.look()
    assert (found.name, found.why_not, found.busy) == ("desk", "", False)
    assert found.machine == here.machine(), "whatever starts its processes, it is the same machine"


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
def test_a_run_through_ray_is_a_run_like_any_other(cluster: Cluster) -> None:
    rounds: list[Round] = []
    result = runner(cluster).run(SETUP, on_round=rounds.append, on_progress=lambda _: None, cancelled=lambda: False)
    assert [to_json(one) for one in rounds] == [to_json(one) for one in result.rounds]
    assert trusted(sealed(result).encode(), "run.json").results == result.results


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
    before = _children()

    def kept(one: Round) -> None:
        rounds.append(one)
        cluster.kill(what)

    result: RunResult | MachineLostError
    try:
        result = runner(cluster).run(SETUP, on_round=kept, on_progress=lambda _: None, cancelled=lambda: False)
    except MachineLostError as lost:
        result = lost
    cluster.kill()
    wait_until(lambda: _children() <= before, "the end of what was measured")
    return tuple(rounds), result


def _children() -> set[int]:
    """Measured children of anybody on this machine."""
    return {
        p.pid for p in psutil.process_iter(["cmdline"]) if "probes.engine.child.worker" in (p.info["cmdline"] or [])
    }
