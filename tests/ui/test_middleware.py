"""The middleware over a small app, with Starlette's own client."""

from __future__ import annotations

import base64
import gzip
import hashlib
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.proto.BackMsg_pb2 import BackMsg

from advisor.answers import Answers
from advisor.ports import Services
from tests import fakes
from ui.middleware import (
    BrowserCookie,
    CompressedAssets,
    HostCheck,
    LinkExchange,
    Names,
    OriginCheck,
    SocketGuard,
    cookies,
    hosts,
    stack,
)
from ui.middleware.cookies import BROWSER, OPERATOR
from ui.middleware.headers import content_security_policy
from ui.middleware.sockets import ALLOWED, MOST_BYTES

TOKEN = "a" * 32
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

    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        async for data in websocket.iter_bytes():
            await websocket.send_text(BackMsg.FromString(data).WhichOneof("type") or "")

    async def stream(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("hello")
        await websocket.close()

    async def change(request: Request) -> Response:
        return PlainTextResponse(request.headers.get("origin", "none"))

    routes: Sequence[Any] = (
        Route("/", page),
        Route("/brief", page),
        Route("/change", change, methods=["GET", "PUT"]),
        Route("/static/{name}", asset),
        WebSocketRoute("/stream", stream),
        WebSocketRoute("/echo", echo),
    )
    return TestClient(Starlette(routes=routes, middleware=list(parts)), base_url=f"http://{host}")


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


# ------------------------------------------------------------------------------------------- origins

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


# ------------------------------------------------------------------------------------------- sockets


def test_no_more_sockets_than_the_limit_and_a_closed_one_makes_room() -> None:
    with client(Middleware(SocketGuard, most=3, most_of_an_address=9)) as app:
        with ExitStack() as opened:
            for _ in range(3):
                opened.enter_context(app.websocket_connect("/echo", headers=LOCAL))
            with app.websocket_connect("/echo", headers=LOCAL) as fourth, pytest.raises(WebSocketDisconnect) as refused:
                fourth.receive_text()
            assert refused.value.code == 1013
        with app.websocket_connect("/stream", headers=LOCAL) as later:
            assert later.receive_text() == "hello"


def test_one_address_does_not_take_all_of_them() -> None:
    app = client(Middleware(SocketGuard, most=9, most_of_an_address=2))
    with app, ExitStack() as opened:
        for _ in range(2):
            opened.enter_context(app.websocket_connect("/echo", headers=LOCAL))
        with app.websocket_connect("/echo", headers=LOCAL) as third, pytest.raises(WebSocketDisconnect) as refused:
            third.receive_text()
        assert refused.value.code == 1013


def _said(name: str) -> bytes:
    message = BackMsg()
    field = getattr(message, name)
    field.SetInParent() if hasattr(field, "SetInParent") else setattr(message, name, True)
    return message.SerializeToString()


def test_only_messages_that_pages_need_get_through() -> None:
    every = [field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields]
    assert {"clear_cache", "load_git_info", "set_run_on_save", "debug_shutdown_runtime"} <= set(every) - ALLOWED
    assert set(every) > ALLOWED
    with client(Middleware(SocketGuard)) as app, app.websocket_connect("/echo", headers=LOCAL) as socket_:
        for name in every:
            socket_.send_bytes(_said(name))
        socket_.send_bytes(BackMsg().SerializeToString())
        socket_.send_bytes(_said("app_heartbeat"))
        heard = []
        while not heard or len(heard) <= len(ALLOWED):
            heard.append(socket_.receive_text())
        assert heard == [name for name in every if name in ALLOWED] + ["app_heartbeat"]


def test_a_message_that_is_too_large_ends_its_socket() -> None:
    with client(Middleware(SocketGuard)) as app, app.websocket_connect("/echo", headers=LOCAL) as socket_:
        socket_.send_bytes(b"x" * (MOST_BYTES + 1))
        with pytest.raises(WebSocketDisconnect):
            socket_.receive_text()


# ------------------------------------------------------------------------------------------- cookies and headers


def test_cookies_of_other_programs_on_this_host_hide_nothing() -> None:
    """Cookies know no ports: what runs beside Fulcrum on localhost sends along names that no RFC allows."""
    with client(Middleware(BrowserCookie)) as app:
        for others in ("a[b]=c", 'username="2|1:0|10:x"', "=;;", "{json: true}"):
            answer = app.get("/", headers={"cookie": f"{others}; {BROWSER}={TOKEN}"})
            assert SimpleCookie(answer.headers["set-cookie"])[BROWSER].value == TOKEN, others


def test_websockets_pass_through_everything() -> None:
    whole = client(*stack(fakes.services(), allowed_hosts=()))
    with whole as app, app.websocket_connect("/stream", headers=LOCAL) as websocket:
        assert websocket.receive_text() == "hello"


def test_every_answer_carries_the_security_headers_refusals_too() -> None:
    with client(*stack(fakes.services(), allowed_hosts=())) as app:
        answers = [app.get(path) for path in ("/", "/static/index.js", "/nothing-here", "/brief?edit=x&decision=y")]
        answers += [app.get("/", headers={"host": "evil.example"}), app.put("/", headers={"origin": "null"})]
        assert sorted({answer.status_code for answer in answers}) == [200, 400, 403, 404]
        for answer in answers:
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "same-origin"
            assert answer.headers["cross-origin-opener-policy"] == "same-origin"
            policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
            assert policy["default-src"] == policy["connect-src"] == "'self'"
            assert policy["frame-ancestors"] == "'none'"


def test_the_policy_takes_the_pages_own_inline_scripts_and_no_other() -> None:
    script = b"\n window.ready = false\n"
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    policy = content_security_policy(b"<script>" + script + b'</script><script src="./a.js"></script>')
    assert f"script-src 'self' 'wasm-unsafe-eval' blob: 'sha256-{digest}';" in policy
    assert "unsafe" not in policy.replace("style-src 'self' 'unsafe-inline'", "").replace("'wasm-unsafe-eval'", "")


def test_a_browser_gets_its_cookie_with_pages_only_and_keeps_its_name() -> None:
    with client(Middleware(BrowserCookie)) as app:
        assert "set-cookie" not in app.get("/static/index.js").headers
        first = SimpleCookie(app.get("/").headers["set-cookie"])[BROWSER]
        assert len(first.value) * 6 >= 128
        assert first["httponly"]
        assert first["samesite"].lower() == "lax"
        again = app.get("/")
        assert SimpleCookie(again.headers["set-cookie"])[BROWSER].value == first.value, "renewed, not replaced"
        assert again.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("planted", ["mine", "x" * 33, "ä" * 32, "a b" + "x" * 29, ""])
def test_a_name_that_was_not_made_here_is_replaced(planted: str) -> None:
    with client(Middleware(BrowserCookie)) as app:
        answer = app.get("/", headers={"cookie": f"{BROWSER}={planted}".encode()})
        assert SimpleCookie(answer.headers["set-cookie"])[BROWSER].value != planted
    assert cookies.browser_hash({BROWSER: planted}) == ""


def test_over_tls_no_neighbour_can_plant_a_name() -> None:
    app = TestClient(client(Middleware(BrowserCookie)).app, base_url="https://localhost")
    answer = app.get("/", headers={"cookie": f"{BROWSER}={TOKEN}"})
    [(name, cookie)] = SimpleCookie(answer.headers["set-cookie"]).items()
    assert name == f"__Host-{BROWSER}"
    assert cookie["secure"]
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert cookie.value != TOKEN, "the planted one"
    both = {f"__Host-{BROWSER}": cookie.value, BROWSER: TOKEN}
    assert cookies.browser_hash(both) == hashlib.sha256(cookie.value.encode()).hexdigest()


# ------------------------------------------------------------------------------------------- links


@pytest.fixture
def services() -> Services:
    return fakes.services()


@pytest.fixture
def linked(services: Services) -> Iterator[TestClient]:
    with client(Middleware(BrowserCookie), Middleware(LinkExchange, services=services)) as app:
        app.follow_redirects = False
        yield app


def _way(answer: Any) -> dict[str, str]:
    """Where an exchanged link leads."""
    assert answer.status_code == 303
    assert answer.headers["cache-control"] == "no-store"
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def _browser(answer: Any) -> str:
    return cookies.browser_hash({BROWSER: SimpleCookie(answer.headers["set-cookie"])[BROWSER].value})


def test_an_edit_link_makes_the_browser_an_editor_and_leaves_the_address_bar(
    linked: TestClient, services: Services
) -> None:
    record = services.store.create_decision(Answers())
    answer = linked.get(f"/brief?decision={record.id}&edit={record.edit_key}&x=1")
    assert _way(answer) == {"decision": record.id, "x": "1"}
    assert answer.headers["location"].startswith("./brief?"), "a proxy may have changed everything before"
    kept = services.store.decision(record.id)
    assert kept is not None
    assert kept.editors == {_browser(answer)}
    assert record.edit_key not in str(answer.headers)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/?edit=x", "./?"),
        ("/brief?edit=x", "./brief?"),
        ("/base/?edit=x", "./?"),
        ("/base/trust?edit=x", "./trust?"),
        ("//evil.example/trust?edit=x", "./trust?"),
        ("/a%0d%0aset-cookie:%20b?edit=x", "./a%0D%0Aset-cookie%3A%20b?"),
        ("/javascript:alert(1)?edit=x", "./javascript%3Aalert%281%29?"),
    ],
)
def test_an_exchange_leads_to_the_same_page_and_nowhere_else(linked: TestClient, path: str, location: str) -> None:
    assert linked.get(f"http://localhost:8501{path}").headers["location"].startswith(location)


@pytest.mark.parametrize("wrong", ["", "guess", "é", "%00"])
def test_a_wrong_key_gives_no_right_and_says_so(linked: TestClient, services: Services, wrong: str) -> None:
    record = services.store.create_decision(Answers())
    assert _way(linked.get(f"/?decision={record.id}&edit={wrong}"))["notice"] == "edit-refused"
    assert _way(linked.get(f"/?decision=%00&edit={record.edit_key}"))["notice"] == "edit-refused"
    assert _way(linked.get(f"/?edit={record.edit_key}"))["notice"] == "edit-refused"
    kept = services.store.decision(record.id)
    assert kept is not None
    assert not kept.editors


def test_an_old_link_gives_no_right_once_there_is_a_new_one(linked: TestClient, services: Services) -> None:
    record = services.store.create_decision(Answers())
    linked.get(f"/?decision={record.id}&edit={record.edit_key}")
    changed = services.store.rotate_edit_key(record.id)
    assert not changed.editors
    assert _way(linked.get(f"/?decision={record.id}&edit={record.edit_key}"))["notice"] == "edit-refused"
    assert "notice" not in _way(linked.get(f"/?decision={record.id}&edit={changed.edit_key}"))


def test_the_operators_key_is_exchanged_for_a_proof_that_ends_with_it(linked: TestClient, services: Services) -> None:
    key = services.operator_key.read()
    answer = linked.get(f"/?operate={key}")
    assert _way(answer) == {}
    assert key not in str(answer.headers)
    proof = next(
        SimpleCookie(line)[OPERATOR].value
        for line in answer.headers.get_list("set-cookie")
        if line.startswith(f"{OPERATOR}=")
    )
    assert services.operator_key.proven(proof)
    assert not services.operator_key.proven(key)
    services.operator_key.rotate()
    assert not services.operator_key.proven(proof)
    assert _way(linked.get(f"/?operate={key}"))["notice"] == "operate-refused"


@pytest.mark.parametrize("wrong", ["", "guess", "é"])
def test_another_key_operates_nothing(linked: TestClient, wrong: str) -> None:
    answer = linked.get(f"/?operate={wrong}")
    assert _way(answer) == {"notice": "operate-refused"}
    assert OPERATOR not in answer.headers["set-cookie"]


# ------------------------------------------------------------------------------------------- packed assets


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
