"""The first page answers under its own name too: Streamlit serves it at ``/`` alone, and calls ``/brief`` not found."""

from __future__ import annotations

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui import views


class FirstPage:
    """Leads the first page's name to where it is served, with the query."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Relative, as a proxy may have changed host, scheme and base path on the way."""
        if scope["type"] == "http" and scope["path"].rpartition("/")[2] == views.pages()[0].VIEW.url_path:
            query = scope["query_string"].decode("latin-1")
            await RedirectResponse(f"./?{query}" if query else "./", status_code=303)(scope, receive, send)
            return
        await self._app(scope, receive, send)
