"""Clients and servers for real, each in an environment of its own, which must have been made: they are skipped else."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from probes.contracts import UnsupportedError
from probes.deploy import environments
from probes.engine import environment
from probes.schema import Outcome
from probes.serving import catalog, figures, process, run
from probes.serving.process import ServerProcess
from probes.serving.schema import ServingRequest
from probes.serving.wire import predict, rest
from probes.serving.wire.connections import Connections, Grpc, Http
from tests.processes import wait_until

_PYTHIE, _KSERVE = (Path(__file__).with_name(f"{name}_server.py") for name in ("pythie", "kserve"))


def interpreter(name: str) -> Path:
    try:
        return environments.interpreter(name)
    except UnsupportedError as error:
        pytest.skip(str(error))


@pytest.mark.slow
def test_the_grpc_client_is_understood_by_a_server_of_others(tmp_path: Path) -> None:
    """pythie-serving has TensorFlow Serving's messages from TensorFlow's own files, and software of its own behind."""
    pytest.importorskip("grpc")
    with running("pythie-serving", _PYTHIE, tmp_path, str(tmp_path)) as port:
        x = np.array([[1.0], [-2.0], [0.25]], np.float32)
        assert predict.decode(asked(port, predict.encode(x, "line", "x"))) == pytest.approx(
            np.concatenate([2 * x + 1, -x], axis=1), abs=1e-6
        )
        with pytest.raises(ConnectionError, match="gRPC status"):
            asked(port, predict.encode(x, "nobody", "x"))


@pytest.mark.slow
def test_the_rest_client_is_understood_by_a_server_of_others(tmp_path: Path) -> None:
    """KServe's V1 protocol has TensorFlow Serving's paths and bodies, and software of its own behind."""
    with running("kserve", _KSERVE, tmp_path) as port:
        x = np.array([[1.0], [-2.0], [0.25]], np.float32)
        http = Http("127.0.0.1", port, rest.path("line"))
        assert rest.decode(told(http, rest.encode(x))) == pytest.approx(np.concatenate([2 * x + 1, -x], axis=1))
        nobody = Http("127.0.0.1", port, rest.path("nobody"))
        with pytest.raises(ConnectionError, match="404"):
            told(nobody, rest.encode(x))


@contextmanager
def running(name: str, program: Path, folder: Path, *arguments: str) -> Iterator[int]:
    """The port of a server of others, in its own environment."""
    python, port = interpreter(name), process.free_port()
    server = ServerProcess(
        (str(python), str(program), *arguments, str(port)),
        folder=folder,
        variables=environment.variables(1, "cpu", str(folder)),
    )
    try:

        def up() -> bool:
            assert not server.ended(), server.death().reason
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        wait_until(up, name)
        yield port
    finally:
        server.close()


def asked(port: int, question: bytes) -> bytes:
    return told(Grpc(f"127.0.0.1:{port}", predict.PREDICT, 20.0), question)


def told(connections: Connections, question: bytes) -> bytes:
    """The answer to one question; ConnectionError with the server's words if there is none."""
    found: list[tuple[bytes | None, str]] = []
    done = threading.Event()

    def ended(body: bytes | None, error: str) -> None:
        found.append((body, error))
        done.set()

    try:
        connections.send(question, ended)
        assert done.wait(30)
    finally:
        connections.close()
    body, error = found[0]
    if body is None:
        raise ConnectionError(error)
    return body


@pytest.mark.framework
@pytest.mark.slow
@pytest.mark.parametrize("spec", [spec for spec in catalog.servers() if spec.environment], ids=lambda spec: spec.id)
def test_a_server_for_real_answers_as_its_source_and_is_clocked(spec: object) -> None:
    assert isinstance(spec, catalog.ServerSpec)
    interpreter(spec.environment)
    request = ServingRequest(servers=(spec.id,), seconds=12.0, limit_ms=500.0)
    record = run.run(request).records[0]
    assert record.outcome in (Outcome.OK, Outcome.TOO_NOISY), record.reason
    assert record.deviation is not None
    assert record.deviation < 1e-4
    shown = figures.figures(record, request.limit_ms)
    assert shown.start_s is not None
    assert shown.max_rate is not None
    assert (shown.offline is not None) == (record.outcome == Outcome.OK)
    assert record.versions[spec.environment]


@pytest.mark.skipif(sys.platform != "linux", reason="it is made for Linux")
def test_every_server_that_cannot_run_says_what_to_do() -> None:
    for row in catalog.availability():
        assert (row.outcome == Outcome.OK) == (row.reason == "")
    rest = next(row for row in catalog.availability() if row.server.id == "tensorflow_serving_rest")
    if rest.outcome == Outcome.UNSUPPORTED and "FOLDER" in rest.reason:
        assert "docker run --rm -p 127.0.0.1:8500:8500" in rest.reason
