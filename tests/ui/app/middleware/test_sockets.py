"""What a visitor's socket may cost, and what may be said through it."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from starlette.middleware import Middleware
from starlette.websockets import WebSocketDisconnect
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.ui.app.middleware.client import LOCAL, client
from ui.app.middleware import SocketGuard
from ui.app.middleware.sockets import ALLOWED, MOST_BYTES


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
