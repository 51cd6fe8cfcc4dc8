"""Bounds for what visitors upload: Streamlit keeps it in memory until its page has taken it, or is gone."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime.stats import CacheStat

from ui.kit import uploads
from ui.kit.uploads import ExpectedUploads, expected

log = logging.getLogger("fulcrum.server")

_PATH: Final = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/[^/]+$")
MB: Final = 2**20
SMALL: Final = 2 * MB  # answers files and lists of members, with what surrounds a file in a request
LARGEST: Final = 201 * MB  # an archive, with the same
MOST_KEPT: Final = 700 * MB  # of all visitors: three archives
MOST_AT_ONCE: Final = 2  # that are under way


def kept() -> int:
    """Bytes that Streamlit keeps now."""
    manager = uploads.kept()
    stats = (stat for of in (manager.get_stats() if manager else {}).values() for stat in of)
    return sum(stat.byte_length for stat in stats if isinstance(stat, CacheStat))


class UploadGuard:
    """Takes a large file only from a session whose page asks for one, two at a time, and as long as there is room."""

    def __init__(self, app: ASGIApp, *, kept: Callable[[], int] = kept, asked: ExpectedUploads = expected) -> None:
        self._app, self._kept, self._asked = app, kept, asked
        self._under_way: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses before the body is read."""
        found = _PATH.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        size = _size(scope) if found else 0
        if found is None or size <= SMALL:
            await self._app(scope, receive, send)
            return
        if refusal := self._refusal(found["session"], size):
            status, said = refusal
            log.warning("an upload of %d bytes was refused: %s", size, said)
            await PlainTextResponse(said, status_code=status)(scope, receive, send)
            return
        self._under_way.append(size)
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way.remove(size)

    def _refusal(self, session: str, size: int) -> tuple[int, str] | None:
        if size > LARGEST or not self._asked.expects(session):
            return 413, "This file is too large for this page."
        if len(self._under_way) >= MOST_AT_ONCE or self._kept() + sum(self._under_way) + size > MOST_KEPT:
            return 503, "Others are uploading now. Try again in a minute."
        return None


def _size(scope: Scope) -> int:
    """As the request states it, which the server holds it to; one that states none may be as large as any."""
    stated = Headers(scope=scope).get("content-length", "")
    return int(stated) if stated.isdecimal() else LARGEST
