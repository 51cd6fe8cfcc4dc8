"""Nothing goes out: one light way of every runtime, a probe and a server, run where every attempt is counted.

``python -m tests.stress.outgoing`` looks at all of them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from probes.contracts import UnsupportedError
from probes.deploy import catalog, environments
from probes.deploy.schema import Way
from tests import outgoing

TALKS = """
import ctypes, socket
for tries in (lambda: socket.socket().connect(("192.0.2.1", 80)), lambda: socket.getaddrinfo("example.org", 80),
              lambda: socket.create_connection(("127.0.0.1", 9), 1)):
    try:
        tries()
    except OSError:
        pass
address = bytes([2, 0, 0, 80, 192, 0, 2, 2]) + bytes(8)
libc = ctypes.CDLL(None)
libc.connect(libc.socket(2, 2, 0), address, 16)
"""


def one_light_way_a_runtime() -> list[Way]:
    """Of those that can run here. What a runtime is, its packages say."""
    chosen: dict[tuple[str, ...], Way] = {}
    for way in catalog.ways():
        if not way.heavy and not catalog.why_not(way):
            chosen.setdefault((way.framework, *catalog.spec(way).packages), way)
    return list(chosen.values())


def probes(command: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", "probes", command, "--out", str(folder / "out")]


def silent(found: outgoing.Watched, out: Path) -> None:
    assert found.code == 0, found.output[-2000:]
    assert {*outgoing.outcomes(out)} <= {"ok", "too noisy"}, out.read_text(encoding="utf-8")[-2000:]
    assert found.attempts == ()
    assert found.home == (), "an identifier of the machine or of the user may be among them"


@pytest.mark.framework
@pytest.mark.timeout(600)
def test_no_runtime_goes_out(tmp_path: Path) -> None:
    ways = one_light_way_a_runtime()
    if not ways:
        pytest.skip("no way can be tried here")
    named = [argument for way in ways for argument in ("--way", way.id)]
    command = [*probes("routes", tmp_path), "--model", "mlp", "--passes", "2", *named]
    found = outgoing.watch(command, tmp_path / "watched")
    silent(found, tmp_path / "out")
    players = [line for line in found.started if line.startswith("-m probes.deploy.worker play")]
    assert len(players) == len(ways), "each was seen by the hook"


@pytest.mark.framework
@pytest.mark.timeout(600)
def test_no_probe_goes_out(tmp_path: Path) -> None:
    command = [*probes("run", tmp_path), "--probe", "mlp.train_step", "--budget", "30"]
    found = outgoing.watch(command, tmp_path / "watched")
    silent(found, tmp_path / "out")
    assert {line.split()[2] for line in found.started if "probes.engine.child.worker" in line} == {
        "pytorch",
        "tensorflow",
    }


@pytest.mark.framework
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("server", ["litserve_onnxruntime", "torchserve"])
def test_no_server_goes_out(tmp_path: Path, server: str) -> None:
    try:
        environments.interpreter(server.partition("_")[0])
    except UnsupportedError as error:
        pytest.skip(str(error))
    command = [*probes("serve", tmp_path), "--server", server, "--seconds", "10", "--limit-ms", "500"]
    found = outgoing.watch(command, tmp_path / "watched")
    silent(found, tmp_path / "out")
    assert any("probes.serving.loader" in line for line in found.started)


@pytest.mark.parametrize("bare", [False, True], ids=["with what is here", "without a network of its own and strace"])
def test_what_goes_out_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bare: bool) -> None:
    """The witnesses themselves: a connection, a question for a name, and a connection by native code."""
    if bare:
        monkeypatch.setattr(outgoing, "alone", lambda: False)
        monkeypatch.setattr(outgoing, "traced", lambda: False)
    found = outgoing.watch([sys.executable, "-c", TALKS], tmp_path / "watched")
    assert found.code == 0, found.output
    assert found.python == ("connect '192.0.2.1'", "getaddrinfo 'example.org'")
    if found.native is None and not bare:
        pytest.skip("strace is not here: what native code does is not seen")
    assert bare or "192.0.2.2:80" in (found.native or ())


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('7 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = 0', 1),
        (
            '7 connect(3, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), '
            'inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = -1 ENETUNREACH',
            1,
        ),
        ('7 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0', 1),
        ('7 connect(3, {sa_family=AF_INET, sin_port=htons(8501), sin_addr=inet_addr("127.0.0.1")}, 16) = 0', 0),
        (
            '7 connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), '
            'inet_pton(AF_INET6, "::ffff:127.0.0.1", &sin6_addr), sin6_scope_id=0}, 28) = 0',
            0,
        ),
        ('7 connect(3, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = 0', 0),
        ('7 sendto(3, "\\1", 1, MSG_NOSIGNAL, NULL, 0) = 1', 0),
        (
            '7 sendto(3, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}, 16) = 1',
            1,
        ),
        ('7 connect(3, {sa_family=AF_UNSPEC, sa_data="\\0"}, 16) = 0', 0),
    ],
)  # fmt: skip
def test_straces_lines_are_read(line: str, found: int) -> None:
    assert len(outgoing.native(line)) == found


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_page_goes_out(tmp_path: Path) -> None:
    """Nor does the start by the README's command, nor a page of another origin, which Streamlit would look up."""
    found = outgoing.watch([sys.executable, "-m", "tests.stress.origins", "--json"], tmp_path / "watched")
    assert found.code == 0, found.output[-2000:]
    assert json.loads(found.output.splitlines()[-1])["taken"] == []
    assert found.attempts == ()
    assert found.home == ()
    assert any("streamlit run" in line for line in found.started), "the server was seen by the hook"
    assert any("advisor agent" in line for line in found.started)
