"""Bounds for what a visitor's socket may cost, and for what may be said through it."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Final

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

log = logging.getLogger("fulcrum.server")

MOST_SOCKETS: Final = 400
MOST_OF_AN_ADDRESS: Final = 100  # a team may share one, behind an office's router
MOST_BYTES: Final = 1_000_000  # of a message; the state of a page's widgets takes some kilobytes
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
_TRY_AGAIN_LATER: Final = 1013  # IANA's registry of close codes for RFC 6455
_TOO_BIG: Final = 1009  # RFC 6455, section 7.4.1
#: What a page needs. Streamlit knows more: it would clear every visitor's caches, or tell of the git repository.
ALLOWED: Final = frozenset(
    {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"}
)


class SocketGuard:
    """Limits how many sockets are open, and drops messages that touch other visitors or are none of their business.

    An address is the peer's, or what a proxy on this machine says of it; one that is this machine itself may stand for
    everybody behind a proxy that says nothing, so that only the limit of all counts there.
    """

    def __init__(self, app: ASGIApp, *, most: int = MOST_SOCKETS, most_of_an_address: int = MOST_OF_AN_ADDRESS) -> None:
        self._app, self._most, self._most_of_an_address = app, most, most_of_an_address
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses with «try again later»; the browser does so by itself."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        address = (scope.get("client") or ("",))[0]
        of_address = 0 if address in _LOOPBACK else self._open[address]
        if self._open.total() >= self._most or of_address >= self._most_of_an_address:
            counts = self._open.total(), self._open[address]
            log.warning("a socket of %s was refused: %d are open, %d of them its own", address, *counts)
            # Only a socket that was accepted can say why it is closed.
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": _TRY_AGAIN_LATER, "reason": "too many visitors"})
            return
        self._open[address] += 1
        try:
            await _Guarded(receive, send).run(self._app, scope)
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]


class _Guarded:
    """One socket: messages of a browser without those that no page of this app sends."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._closed = False

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Until either side ends it."""
        await app(scope, self._next, self._pass_on)

    async def _next(self) -> Message:
        while True:
            message = await self._receive()
            data = message.get("bytes") if message["type"] == "websocket.receive" else None
            if data is None:
                return message
            if len(data) > MOST_BYTES:
                log.warning("a message of %d bytes was refused; the socket is closed", len(data))
                self._closed = True
                await self._send({"type": "websocket.close", "code": _TOO_BIG})
                return {"type": "websocket.disconnect", "code": _TOO_BIG}
            kind = _kind(data)
            if kind is None or kind in ALLOWED:
                return message
            log.warning("a message was dropped: %s", kind)

    async def _pass_on(self, message: Message) -> None:
        if not self._closed:  # the app may still be sending
            await self._send(message)


def _kind(data: bytes) -> str | None:
    """Which message it is; None for what can't be read, which Streamlit answers by closing the socket."""
    try:
        return BackMsg.FromString(data).WhichOneof("type") or ""
    except DecodeError:
        return None
