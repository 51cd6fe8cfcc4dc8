"""Plain ASGI middleware: who may ask, what every answer carries, whose browser it is, and assets packed once."""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "fulcrum_browser"
COOKIE_SECONDS = 2 * 365 * 24 * 3600


class HostCheck:
    """Answers only under names that are this machine's: a page of a stranger's domain that is rebound to this
    address (DNS rebinding) can't talk to the app. Addresses are always allowed, for the network URL that
    Streamlit prints."""

    def __init__(self, app: ASGIApp, allowed: Iterable[str] = ()) -> None:
        self._app = app
        own = socket.gethostname().lower()
        self._names = {"localhost", "*.localhost", own, f"{own}.local", *allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses HTTP requests and websockets alike."""
        if scope["type"] in ("http", "websocket"):
            host = _host_name(Headers(scope=scope).get("host", ""))
            if not self._allows(host) and host != await asyncio.to_thread(_full_name):
                await self._refuse(host, scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _allows(self, host: str) -> bool:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return any(fnmatch(host, name) for name in self._names)
        return True

    @staticmethod
    async def _refuse(host: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        text = f"Fulcrum doesn't answer to the host name {host[:100]!r}. To allow it, set FULCRUM_ALLOWED_HOSTS."
        await PlainTextResponse(text, status_code=400)(scope, receive, send)


@cache
def _full_name() -> str:
    """This machine's name with its domain. Asked for only when needed: a slow name service can take seconds."""
    return socket.getfqdn().lower()


def _host_name(header: str) -> str:
    """Without the port: ``[::1]:8501`` is ``::1``."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()


class SecurityHeaders:
    """What browsers should know of every answer."""

    HEADERS = (
        ("x-content-type-options", "nosniff"),
        # A decision's id is a capability: it must not travel to the sites that evidence links to.
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ("content-security-policy", "frame-ancestors 'self'; object-src 'none'; base-uri 'self'"),
    )

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds them to HTTP answers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.HEADERS:
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class BrowserCookie:
    """Gives each browser an unguessable name, so that whoever made a decision can go on editing it (docs/adr/0004)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sets the cookie with the first page of a browser that has none."""
        if scope["type"] != "http" or scope["method"] != "GET" or HTTPConnection(scope).cookies.get(COOKIE):
            await self._app(scope, receive, send)
            return

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    response = Response()
                    response.set_cookie(
                        COOKIE,
                        secrets.token_urlsafe(24),
                        max_age=COOKIE_SECONDS,
                        httponly=True,
                        samesite="lax",
                        secure=scope.get("scheme") == "https",
                    )
                    headers.append("set-cookie", response.headers["set-cookie"])
            await send(message)

        await self._app(scope, receive, with_cookie)


@dataclass(frozen=True, slots=True)
class _Packed:
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class CompressedAssets:
    """Packs Streamlit's own scripts and styles once and keeps them; the first load shrinks from 2.8 to 1.1 MB.

    Their names hold a hash of their content, so that a path always means the same bytes.
    """

    PREFIX = "/static/"
    TYPES = ("text/", "application/javascript", "application/json", "image/svg+xml", "application/wasm")
    LEAST_BYTES = 1024
    MOST_BYTES = 64 * 1024 * 1024  # of all that is kept

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._packed: dict[str, _Packed] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers from what is kept; the first answer for a path goes out packed as well."""
        if not self._concerned(scope):
            await self._app(scope, receive, send)
            return
        if packed := self._packed.get(scope["path"]):
            await _send(packed, send)
            return
        await self._app(scope, receive, _Packer(self, scope["path"], send))

    def keep(self, path: str, packed: _Packed) -> None:
        """Remember, as long as there is room."""
        if self._bytes + len(packed.body) <= self.MOST_BYTES and path not in self._packed:
            self._packed[path] = packed
            self._bytes += len(packed.body)

    def wants(self, status: int, headers: Headers) -> bool:
        """Whether an answer is worth packing."""
        return (
            status == 200
            and "content-encoding" not in headers
            and headers.get("content-type", "").startswith(self.TYPES)
            and int(headers.get("content-length", self.LEAST_BYTES)) >= self.LEAST_BYTES
        )

    def _concerned(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(self.PREFIX):
            return False
        headers = Headers(scope=scope)
        conditional = "range" in headers or "if-none-match" in headers or "if-modified-since" in headers
        return "gzip" in headers.get("accept-encoding", "") and not conditional


class _Packer:
    """Collects an answer that is worth packing, and passes every other on as it comes."""

    def __init__(self, assets: CompressedAssets, path: str, send: Send) -> None:
        self._assets, self._path, self._send = assets, path, send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if self._assets.wants(message["status"], Headers(raw=message["headers"])):
                self._start = message
                return
        elif self._start is not None and message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)
            return
        await self._send(message)

    async def _finish(self, start: Message) -> None:
        body = await asyncio.to_thread(gzip.compress, bytes(self._body), 6)
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["content-length"] = str(len(body))
        headers["content-encoding"] = "gzip"
        headers.add_vary_header("accept-encoding")
        packed = _Packed(tuple(headers.raw), body)
        self._assets.keep(self._path, packed)
        await _send(packed, self._send)


async def _send(packed: _Packed, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": list(packed.headers)})
    await send({"type": "http.response.body", "body": packed.body})
