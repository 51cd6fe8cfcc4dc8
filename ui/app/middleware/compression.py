"""Streamlit's own scripts and styles, packed once and kept."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX: Final = "/static/"
MOST_BYTES: Final = 64 * 1024 * 1024  # of all that is kept


class CompressedAssets:
    """Starlette's packing, done once: to do it for every new browser would take the event loop 0.1 s each time.

    The assets' names hold a hash of their content, so that a path always means the same bytes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._packing = app, GZipMiddleware(app, minimum_size=1024, compresslevel=6)
        self._kept: dict[str, tuple[Message, bytes]] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers from what is kept; the first answer for a path goes out packed as well."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if "gzip" not in headers.get("accept-encoding", "") or {"range", "if-none-match", "if-modified-since"} & {
            *headers
        }:
            await self._app(scope, receive, send)
            return
        start, body = self._kept.get(scope["path"]) or await self._answer(scope)
        await send({**start, "headers": list(start["headers"])})  # who stands outside adds to them
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope) -> tuple[Message, bytes]:
        """Packed whole, though the browser that asked may be gone meanwhile: others get what is kept of it."""
        messages: list[Message] = []

        async def gather(message: Message) -> None:
            messages.append(message)

        await self._packing(scope, _Patient(), gather)
        start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
        headers = MutableHeaders(raw=start["headers"])
        headers["content-length"] = str(len(body))
        packed = start["status"] == 200 and "content-encoding" in headers
        if packed and scope["path"] not in self._kept and self._bytes + len(body) <= MOST_BYTES:
            self._kept[scope["path"]] = start, body
            self._bytes += len(body)
        return start, body


class _Patient:
    """A client that has asked, and neither says more nor goes: who answers streams until it ends."""

    def __init__(self) -> None:
        self._has_asked = False

    async def __call__(self) -> Message:
        if self._has_asked:
            await asyncio.Future()
        self._has_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}
