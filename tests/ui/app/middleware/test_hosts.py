"""Which names and origins are answered."""

from __future__ import annotations

import socket
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.middleware import Middleware
from starlette.websockets import WebSocketDisconnect

from tests.ui.app.middleware.client import LOCAL, client
from ui.app.middleware import HostCheck, Names, OriginCheck, hosts


@pytest.mark.parametrize(
    "host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "192.168.7.20:8501", "fulcrum.localhost", "x.lab"]
)
def test_addresses_own_names_and_allowed_names_are_answered(host: str) -> None:
    with client(Middleware(HostCheck, names=Names(("*.lab",)))) as app:
        assert app.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8501", "", "x.laboratory"])
def test_other_names_are_refused_with_what_to_do(host: str) -> None:
    with client(Middleware(HostCheck, names=Names(("*.lab",)))) as app:
        answer = app.get("/", headers={"host": host})
        assert answer.status_code == 400
        assert "FULCRUM_ALLOWED_HOSTS" in answer.text
        with pytest.raises(WebSocketDisconnect), app.websocket_connect("/stream", headers={"host": host}):
            pass


def test_this_machine_answers_to_its_own_names_without_asking_anybody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Workbench")
    resolver, known = tmp_path / "resolv.conf", tmp_path / "hosts"
    resolver.write_text("nameserver 10.0.0.1\nsearch team.example. lab\n")
    known.write_text("127.0.1.1 workbench.home.example workbench # ours\n127.0.0.1 localhost other.example\n")
    monkeypatch.setattr(hosts, "_own_names", partial(hosts._own_names, resolver, known))
    for asking in ("getfqdn", "getaddrinfo", "gethostbyname", "gethostbyaddr"):
        monkeypatch.setattr(socket, asking, lambda *_: pytest.fail("somebody outside was asked"))
    with client(Middleware(HostCheck, names=Names())) as app:
        for host in ("workbench", "workbench.local:8501", "WORKBENCH.team.example", "workbench.home.example"):
            assert app.get("/", headers={"host": host}).status_code == 200, host
        for host in ("workbench.evil.example", "other.example", "team.example"):
            assert app.get("/", headers={"host": host}).status_code == 400, host


OWN = [
    ("localhost:8501", "http://localhost:8501"),
    ("[::1]:8501", "http://[::1]:8501"),
    ("192.168.7.20", "http://192.168.7.20:80"),
    ("fulcrum.example", "https://fulcrum.example"),  # named in the settings: a proxy has ended TLS
    ("127.0.0.1:8501", "https://fulcrum.example"),  # and may have changed the host
    ("127.0.0.1:8501", "https://x.lab:8443"),
]
FOREIGN = [
    "http://evil.example",
    "http://evil.localhost:8501",
    "http://localhost",
    "http://localhost:8799",
    "https://localhost:8501",
    "http://127.0.0.1:8501",
    "http://evil.example@localhost:8501",
    "http://localhost:8501@evil.example",
    "http://localhost:8501.evil.example",
    "http://localhost:8501/",
    "https://fulcrum.example:8444",
    "http://x.lab",
    "null",
    "file://",
    "",
    "http://",
    "ws://localhost:8501",
    "http://localhost:99999999",
]


def named() -> Middleware:
    return Middleware(OriginCheck, names=Names(("fulcrum.example", "x.lab:8443")))


@pytest.mark.parametrize(("host", "origin"), OWN)
def test_the_apps_own_pages_open_sockets(host: str, origin: str) -> None:
    with client(named()) as app, app.websocket_connect("/stream", headers={"host": host, "origin": origin}) as socket_:
        assert socket_.receive_text() == "hello"


@pytest.mark.parametrize("origin", FOREIGN)
def test_pages_of_other_origins_open_none_and_change_nothing(origin: str) -> None:
    headers = {**LOCAL, "origin": origin}
    with client(named()) as app:
        with pytest.raises(WebSocketDisconnect) as refused, app.websocket_connect("/stream", headers=headers):
            pass
        assert refused.value.code == 1008
        assert app.put("/change", headers=headers).status_code == 403
        assert app.get("/change", headers=headers).text == "none", "Streamlit would look foreign origins up"


def test_programs_that_are_no_browser_may_ask() -> None:
    with client(named()) as app, app.websocket_connect("/stream", headers=LOCAL) as socket_:
        assert socket_.receive_text() == "hello"


@given(st.text(max_size=60))
def test_no_text_is_an_origin_of_its_own_making(text: str) -> None:
    own = Names(("fulcrum.example",))
    allowed = own.allows_origin(text, host="localhost:8501", scheme="http")
    assert not allowed or text.lower() in ("http://localhost:8501", "https://fulcrum.example", "http://fulcrum.example")
