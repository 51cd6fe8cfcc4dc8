"""The cookies by which a browser is known, and who operates this machine (docs/adr/0004, 0017)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BROWSER: Final = "fulcrum_browser"
OPERATOR: Final = "fulcrum_operator"
#: Browsers take a cookie of such a name only over TLS and from this very host, so that no neighbour can plant one.
_HOST_ONLY: Final = "__Host-"
_SECONDS: Final = 390 * 24 * 3600  # Chromium keeps none for more than 400 days
_TOKEN: Final = re.compile(r"[\w-]{32}", re.ASCII)


def value(cookies: Mapping[str, str], name: str) -> str:
    """A cookie's value, "" if there is none. The one that nobody else could have set counts, where there are two."""
    return cookies.get(_HOST_ONLY + name) or cookies.get(name, "")


def browser_hash(cookies: Mapping[str, str]) -> str:
    """SHA-256 of the browser's token, "" when it has none that was made here."""
    token = value(cookies, BROWSER)
    return hashlib.sha256(token.encode()).hexdigest() if _TOKEN.fullmatch(token) else ""


def header(name: str, content: str, *, secure: bool) -> str:
    """A Set-Cookie header; empty ``content`` takes the cookie away."""
    answer = Response()
    answer.set_cookie(
        _HOST_ONLY + name if secure else name,
        content,
        max_age=_SECONDS if content else 0,
        path="/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return answer.headers["set-cookie"]


def is_secure(scope: Scope) -> bool:
    """Whether the browser asked over TLS, as far as this server was told."""
    return scope.get("scheme") == "https"


class BrowserCookie:
    """Gives each browser an unguessable name, so that whoever made a decision can go on editing it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sets the cookie with each page, so that it lasts as long as the browser comes back."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        secure = is_secure(scope)
        cookies = HTTPConnection(scope).cookies
        token = cookies.get((_HOST_ONLY if secure else "") + BROWSER, "")
        token = token if _TOKEN.fullmatch(token) else secrets.token_urlsafe(24)
        scope["state"] = {**scope.get("state", {}), BROWSER: hashlib.sha256(token.encode()).hexdigest()}

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", header(BROWSER, token, secure=secure))
                    headers["cache-control"] = "no-store"  # a page that a cache keeps would carry the cookie along
            await send(message)

        await self._app(scope, receive, with_cookie)
