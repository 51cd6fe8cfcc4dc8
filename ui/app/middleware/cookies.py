"""Gives browsers their cookies; what these say is read in ``ui.session.cookies``."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.session.cookies import BROWSER, HOST_ONLY, TOKEN

_SECONDS: Final = 390 * 24 * 3600  # Chromium keeps none for more than 400 days


def header(name: str, content: str, *, secure: bool) -> str:
    """A Set-Cookie header; empty ``content`` takes the cookie away."""
    answer = Response()
    answer.set_cookie(
        HOST_ONLY + name if secure else name,
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
        token = cookies.get((HOST_ONLY if secure else "") + BROWSER, "")
        token = token if TOKEN.fullmatch(token) else secrets.token_urlsafe(24)
        scope["state"] = {**scope.get("state", {}), BROWSER: hashlib.sha256(token.encode()).hexdigest()}

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", header(BROWSER, token, secure=secure))
                    headers["cache-control"] = "no-store"  # a page that a cache keeps would carry the cookie along
            await send(message)

        await self._app(scope, receive, with_cookie)
