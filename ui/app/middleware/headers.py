"""What browsers should know of every answer."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Final

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE_SCRIPT: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def content_security_policy(index: bytes) -> str:
    """Everything from this app and nothing from elsewhere, for a page ``index`` (HTML) with its own inline scripts.

    ``style-src 'unsafe-inline'``: Streamlit and Plotly write style attributes. ``blob:``: components come as such.
    ``'wasm-unsafe-eval'``: Graphviz is WebAssembly; it allows no text to be run as a script.
    """
    scripts = "".join(
        f" 'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(index)
    )
    return (
        f"default-src 'self'; script-src 'self' 'wasm-unsafe-eval' blob:{scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "frame-ancestors 'none'; object-src 'none'; base-uri 'self'; form-action 'self'"
    )


class SecurityHeaders:
    """Adds them to every HTTP answer, refusals included."""

    HEADERS: Final = (
        ("x-content-type-options", "nosniff"),
        # A decision's id is a capability: it must not travel to the sites that evidence links to.
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    )

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        index = Path(streamlit.__file__).parent / "static" / "index.html"
        self._headers = (*self.HEADERS, ("content-security-policy", content_security_policy(index.read_bytes())))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What an answer says of itself stays."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        private = scope["path"].startswith("/media/")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers:
                    headers.setdefault(name, value)
                if private:  # downloads of one visitor: no shared cache may keep them
                    headers["cache-control"] = "no-store"
            await send(message)

        await self._app(scope, receive, with_headers)
