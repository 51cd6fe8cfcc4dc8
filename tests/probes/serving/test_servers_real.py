"""Clients and servers for real, each in an environment of its own, which must have been made: they are skipped else.

What a server is clocked by is also run where every attempt to go out is counted.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from probes import records
from probes.contracts import UnsupportedError
from probes.deploy import environments, torchscript
from probes.engine.running import environment
from probes.schema import Outcome
from probes.serving import catalog, figures, process
from probes.serving.contracts import Launch, Place
from probes.serving.process import ServerProcess
from probes.serving.schema import ServerSpec, ServingRequest
from probes.serving.servers import torchserve as torchserve_file
from probes.serving.wire import predict, rest
from probes.serving.wire.connections import Connections, Grpc, Http
from tests import outgoing
from tests.probes.serving.noise import outcome_by_trials
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
        assert predict.decode(asked(port, predict.encode({"x": x}, "line"))) == pytest.approx(
            np.concatenate([2 * x + 1, -x], axis=1), abs=1e-6
        )
        with pytest.raises(ConnectionError, match="gRPC status"):
            asked(port, predict.encode({"x": x}, "nobody"))


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


@dataclass(frozen=True)
class Clocked:
    """A measurement of one server where every attempt to go out was counted, and where it wrote its record."""

    spec: ServerSpec
    watched: outgoing.Watched
    out: Path


@pytest.fixture(
    scope="module", params=[spec for spec in catalog.servers() if spec.environment], ids=lambda spec: spec.id
)
def clocked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Clocked:
    spec: ServerSpec = request.param
    interpreter(spec.environment)
    folder = tmp_path_factory.mktemp(spec.id)
    out = folder / "out.json"
    command = [sys.executable, "-m", "probes", "serve", "--server", spec.id, "--seconds", "12", "--limit-ms", "500"]
    return Clocked(spec, outgoing.watch([*command, "--out", str(out)], folder / "watched"), out)


@pytest.mark.framework
@pytest.mark.slow
def test_a_server_for_real_answers_as_its_source_and_is_clocked(clocked: Clocked) -> None:
    assert clocked.out.exists(), clocked.watched.output[-2000:]
    found = records.read_serving(clocked.out)
    record, limit_ms = found.records[0], found.request.limit_ms
    assert record.outcome is outcome_by_trials(record, limit_ms), record.reason
    assert record.deviation is not None
    assert record.deviation < 1e-4
    shown = figures.figures(record, limit_ms)
    assert shown.start_s is not None
    assert shown.max_rate is not None
    assert (shown.offline is not None) == (record.outcome == Outcome.OK)
    assert record.versions[clocked.spec.environment]


@pytest.mark.framework
@pytest.mark.slow
def test_no_server_goes_out(clocked: Clocked) -> None:
    outgoing.assert_silent(clocked.watched, clocked.out)
    assert any("probes.serving.loader" in line for line in clocked.watched.started)


@pytest.fixture
def torchserve(tmp_path: Path) -> Iterator[tuple[ServerProcess, Launch, dict[str, str]]]:
    """It runs, with a model that doubles; how it was launched, and its settings."""
    python = interpreter("torchserve")
    artefact, folder = tmp_path / "artefact", tmp_path / "server"
    artefact.mkdir()
    folder.mkdir()
    double = "import sys, torch\nclass Double(torch.nn.Module):\n    def forward(self, x):\n        return 2 * x\n"
    source = tmp_path / "double.py"
    source.write_text(double + "torch.jit.script(Double()).save(sys.argv[1])\n", encoding="utf-8")
    subprocess.run([sys.executable, str(source), str(artefact / torchscript.FILE)], check=True, timeout=120)
    place = Place(
        "pytorch_torchscript",
        artefact,
        folder,
        python,
        "double",
        {},
        ("float32",),
        1,
        process.free_port,
        ServingRequest(),
    )
    launch = torchserve_file.launch(place)
    variables = environment.variables(1, "cpu", str(folder)) | environments.variables("torchserve")
    server = ServerProcess(
        launch.command, folder=folder, variables=variables | launch.variables, stop=launch.stop
    )  # fmt: skip
    lines = (folder / "config.properties").read_text(encoding="utf-8").splitlines()
    try:
        yield server, launch, dict(line.split("=", 1) for line in lines)
    finally:
        server.close()


def answered(url: str, body: bytes | None = None, token: str = "") -> int:
    """The status, 0 where nobody listens yet."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=30)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        connection.request("GET" if body is None else "POST", f"{parts.path}?{parts.query}", body, headers)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def tokens_in(file: Path) -> dict[str, str]:
    """By door; none while the file isn't there, or half written."""
    try:
        return {door: content["key"] for door, content in json.loads(file.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError):
        return {}


@pytest.mark.framework
@pytest.mark.slow
def test_torchserve_opens_no_door_without_its_token(
    torchserve: tuple[ServerProcess, Launch, dict[str, str]],
) -> None:
    server, launch, settings = torchserve
    keys = Path(launch.bearer[0])
    ask, managed = f"http://{launch.target}{launch.path}", f"{settings['management_address']}/models"
    question = rest.encode(np.ones((1, 2), np.float32))

    def up() -> bool:
        assert not server.ended(), server.death().reason
        return answered(ask, question, tokens_in(keys).get("inference", "")) == 200

    wait_until(up, "its first answer", patience=90)
    tokens = tokens_in(keys)
    assert keys.stat().st_mode & 0o077 == 0, "others must not read it"
    assert len(set(tokens.values())) == 3

    refused = {answered(ask, question, token) for token in ("", "wrong", tokens["management"])}
    refused |= {answered(managed, None, token) for token in ("", "wrong", tokens["inference"])}
    assert refused == {400}, "as TorchServe says that a token is missing or wrong"
    assert answered(managed, None, tokens["management"]) == 200
    model = f"{managed}?url=http%3A%2F%2F127.0.0.1%3A9%2Fother.mar"
    assert answered(model, b"", tokens["management"]) in (403, 405), "no other model, whoever asks"

    server.refuse_beyond_loopback()
    assert len(server.listening()) >= 5, "three doors of HTTP and two of gRPC"


@pytest.mark.skipif(sys.platform != "linux", reason="it is made for Linux")
def test_every_server_that_cannot_run_says_what_to_do() -> None:
    for row in catalog.availability():
        assert (row.outcome == Outcome.OK) == (row.reason == "")
    rest = next(row for row in catalog.availability() if row.server.id == "tensorflow_serving_rest")
    if rest.outcome == Outcome.UNSUPPORTED and "FOLDER" in rest.reason:
        assert "docker run --rm -p 127.0.0.1:8500:8500" in rest.reason
