"""The middleware over a small app, with Starlette's own client."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Sequence
from http.cookies import SimpleCookie
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from ui import middleware
from ui.middleware import COOKIE, BrowserCookie, CompressedAssets, HostCheck, SecurityHeaders

SCRIPT = "console.log('fulcrum');" * 500
LOCAL = {"host": "localhost:8501"}  # the client asks sockets of a host of its own otherwise


def client(*parts: Any, host: str = "localhost:8501", served: list[str] | None = None) -> TestClient:
    async def page(_: Request) -> Response:
        return HTMLResponse("<p>hello</p>")

    async def asset(request: Request) -> Response:
        (served if served is not None else []).append(request.url.path)
        if request.url.path.endswith(".png"):
            return Response(b"\x89PNG" * 1000, media_type="image/png")
        return PlainTextResponse(SCRIPT, media_type="text/javascript", headers={"cache-control": "public, immutable"})

    async def stream(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("hello")
        await websocket.close()

    routes: Sequence[Any] = (Route("/", page), Route("/static/{name}", asset), WebSocketRoute("/stream", stream))
    return TestClient(Starlette(routes=routes, middleware=list(parts)), base_url=f"http://{host}")


@pytest.mark.parametrize(
    "host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "192.168.7.20:8501", "fulcrum.localhost", "x.lab"]
)
def test_addresses_own_names_and_allowed_names_are_answered(host: str) -> None:
    with client(Middleware(HostCheck, allowed=("*.lab",))) as app:
        assert app.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8501", "", "x.laboratory"])
def test_other_names_are_refused_with_what_to_do(host: str) -> None:
    with client(Middleware(HostCheck, allowed=("*.lab",))) as app:
        answer = app.get("/", headers={"host": host})
        assert answer.status_code == 400
        assert "FULCRUM_ALLOWED_HOSTS" in answer.text
        with pytest.raises(WebSocketDisconnect), app.websocket_connect("/stream", headers={"host": host}):
            pass


def test_this_machine_answers_to_its_own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Workbench")
    monkeypatch.setattr(middleware, "_full_name", lambda: "workbench.team.example")
    with client(Middleware(HostCheck)) as app:
        for host in ("workbench", "workbench.local:8501", "WORKBENCH.team.example"):
            assert app.get("/", headers={"host": host}).status_code == 200
        assert app.get("/", headers={"host": "workbench.evil.example"}).status_code == 400


def test_cookies_of_other_programs_on_this_host_hide_nothing() -> None:
    """Cookies know no ports: what runs beside Fulcrum on localhost sends along names that no RFC allows."""
    with client(Middleware(BrowserCookie)) as app:
        for others in ("a[b]=c", 'username="2|1:0|10:x"', "=;;", "{json: true}"):
            answer = app.get("/", headers={"cookie": f"{others}; {COOKIE}=mine"})
            assert "set-cookie" not in answer.headers, others


def test_websockets_pass_through_everything() -> None:
    parts = [Middleware(part) for part in (HostCheck, SecurityHeaders, BrowserCookie, CompressedAssets)]
    with client(*parts) as app, app.websocket_connect("/stream", headers=LOCAL) as websocket:
        assert websocket.receive_text() == "hello"


def test_every_answer_carries_the_security_headers() -> None:
    with client(Middleware(SecurityHeaders)) as app:
        for path in ("/", "/static/index.js", "/nothing-here"):
            headers = app.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_a_browser_gets_its_cookie_once_and_with_pages_only() -> None:
    with client(Middleware(BrowserCookie)) as app:
        assert "set-cookie" not in app.get("/static/index.js").headers
        cookie = SimpleCookie(app.get("/").headers["set-cookie"])[COOKIE]
        assert len(cookie.value) * 6 >= 128
        assert cookie["httponly"]
        assert cookie["samesite"].lower() == "lax"
        assert "set-cookie" not in app.get("/").headers  # the client sends it back


def test_scripts_are_packed_once_and_arrive_whole() -> None:
    served: list[str] = []
    with client(Middleware(CompressedAssets), served=served) as app:
        first, second = (app.get("/static/index.js") for _ in range(2))
    assert served == ["/static/index.js"]
    for answer in (first, second):
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
        assert answer.headers["cache-control"] == "public, immutable"
        assert "accept-encoding" in answer.headers["vary"].lower()
        assert answer.text == SCRIPT


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/static/index.js", {"accept-encoding": "identity"}),
        ("/static/index.js", {"range": "bytes=0-9"}),
        ("/static/picture.png", {}),
        ("/", {}),
    ],
)
def test_what_should_not_be_packed_is_passed_on(path: str, headers: dict[str, str]) -> None:
    with client(Middleware(CompressedAssets)) as app:
        answer = app.get(path, headers=headers)
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


def test_packing_is_really_gzip() -> None:
    with client(Middleware(CompressedAssets)) as app, app.stream("GET", "/static/index.js") as answer:
        raw = b"".join(answer.iter_raw())
    assert gzip.decompress(raw).decode() == SCRIPT
