"""Nothing goes out: the pages, run where every attempt is counted, and that attempts are seen there.

What measures is watched where it runs for real anyway: ``test_no_light_way_goes_out``, ``test_no_probe_goes_out`` and
``test_no_server_goes_out`` beside the other tests of those runs. ``python -m tests.stress.outgoing`` looks at all.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

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
