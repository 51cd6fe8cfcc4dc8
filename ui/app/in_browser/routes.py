"""Addresses below ``/in-browser/``: the measuring page, what it loads, and where it sends what it measured.

Nothing here is drawn by Streamlit, so that nothing is redrawn while something is measured, and only these answers ask
for cross-origin isolation, which threads in WebAssembly need (docs/adr/0053).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from advisor.ports import Services, StoreUnavailableError, VisitError
from advisor.records import BrowserVisit
from probes.in_browser import fetching, kit, messages, protocol
from probes.in_browser.judging import of_cell
from probes.in_browser.messages import RefusedMessageError
from ui.app.in_browser.page_plan import page_plan, told_figures, training_words

log = logging.getLogger("fulcrum.server")

PATH: Final = "/in-browser"
PAGE: Final = Path(__file__).with_name("page")
#: Isolation: a Worker and what it starts must ask for it as the page does.
_ISOLATED: Final = {"cross-origin-embedder-policy": "require-corp", "cross-origin-opener-policy": "same-origin"}
_FOR_EVER: Final = {**_ISOLATED, "cache-control": "public, max-age=31536000, immutable"}
_ASK_AGAIN: Final = {**_ISOLATED, "cache-control": "no-cache"}
_NEVER: Final = {**_ISOLATED, "cache-control": "no-store"}
_MEDIA_TYPES: Final = {
    ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".mjs": "text/javascript",
    ".wasm": "application/wasm", ".json": "application/json",
}  # fmt: skip
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_LARGEST_OPEN: Final = 1024


class _Opening(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    token: str = Field(max_length=64)


def routes(services: Services, base: str = "") -> list[BaseRoute]:
    """All of them, below ``base``, the path that a proxy gives the whole app."""
    visits = _Visits(services)
    inner = [
        Route("/", _page),
        Route("/code/{name:path}", _code),
        Route("/runtimes/{digest}/{runtime}/{name}", _runtime_file),
        Route("/kits/{folder}/{name:path}", _kit_file),
        Route("/open", visits.open, methods=["POST"]),
        Route("/plan", visits.plan),
        Route("/say", visits.say, methods=["POST"]),
    ]
    prefix = base.strip("/")
    return [Mount((f"/{prefix}" if prefix else "") + PATH, routes=inner)]


# ------------------------------------------------------------------------------------------- files


async def _page(_request: Request) -> Response:
    return FileResponse(PAGE / "index.html", media_type="text/html", headers=_ASK_AGAIN)


async def _code(request: Request) -> Response:
    return _file(PAGE, request.path_params["name"], request, _ASK_AGAIN)


async def _runtime_file(request: Request) -> Response:
    given = request.path_params
    if given["digest"] != fetching.digest() or not _NAME.fullmatch(f"{given['runtime']}/{given['name']}"):
        return _missing()
    return _file(fetching.home() / given["digest"] / given["runtime"], given["name"], request, _FOR_EVER)


async def _kit_file(request: Request) -> Response:
    folder = await asyncio.to_thread(kit.folder_of, request.path_params["folder"])
    return _missing() if folder is None else _file(folder, request.path_params["name"], request, _FOR_EVER)


def _file(folder: Path, name: str, request: Request, headers: dict[str, str]) -> Response:
    """A file of that folder or of one in it, packed where it lies there packed."""
    path = folder / name
    if not _NAME.fullmatch(name) or not path.is_file():
        return _missing()
    media_type = _MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    packed = path.with_name(f"{path.name}.gz")
    if packed.is_file() and "gzip" in request.headers.get("accept-encoding", ""):
        told = {**headers, "content-encoding": "gzip", "vary": "accept-encoding"}
        return FileResponse(packed, media_type=media_type, headers=told)
    return FileResponse(path, media_type=media_type, headers=headers)


def _missing() -> Response:
    return PlainTextResponse("There is no such file.", status_code=404, headers=_NEVER)


# ------------------------------------------------------------------------------------------- what a browser says


class _Visits:
    """The three requests of a measuring page. Every refusal is one sentence for people, below «reason»."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def open(self, request: Request) -> Response:
        """Use a link up. Answers with the key that this browser writes with from now on."""
        content = await _body(request, _LARGEST_OPEN)
        if isinstance(content, Response):
            return content
        try:
            token = _Opening.model_validate_json(content).token
        except ValidationError:
            return _refusal(400, "token: is missing; allowed: a JSON object with the token of a link")
        return await self._answered(lambda: {"key": self._services.store.open_visit(token)[1]})

    async def plan(self, request: Request) -> Response:
        """What this browser is to do, and how far it is."""

        def read() -> dict[str, object]:
            found = self._services.store.visit_of(_key(request))
            files = self._services.deployment.browser_files(found.visit.plan.kit)
            if files is None:
                raise VisitError("What this page needs is no longer on the server. Have it prepared again.")
            return page_plan(found.visit, files)

        return await self._answered(read)

    async def say(self, request: Request) -> Response:
        """One message of the protocol. Answers with what is known now of the cell that it was about."""
        content = await _body(request, messages.LARGEST)
        if isinstance(content, Response):
            return content

        def change() -> dict[str, object]:
            message = messages.read(content)
            kept = self._services.store.change_visit(
                _key(request), lambda visit, now: protocol.accepted(visit, message, now)
            )
            return _said(kept, getattr(message, "cell", None))

        return await self._answered(change)

    async def _answered(self, work: Callable[[], dict[str, object]]) -> Response:
        """On a thread: the store waits for others' writes."""
        try:
            return JSONResponse(await asyncio.to_thread(work), headers=_NEVER)
        except VisitError as error:
            return _refusal(403, str(error))
        except RefusedMessageError as error:
            log.warning("a browser's message was refused: %s", error)
            return _refusal(422, str(error))
        except StoreUnavailableError as error:
            return _refusal(503, f"This could not be saved, because {error}.")


def _said(kept: BrowserVisit, cell_id: str | None) -> dict[str, object]:
    """Of the cell that the message was about; of all that were chosen where it was about none."""
    told = kept.visit.chosen if cell_id is None else (cell_id,)
    cells = [cell for cell in kept.visit.plan.cells if cell.id in told]
    return {
        "state": kept.visit.state,
        "figures": {cell.id: told_figures(of_cell(kept.visit, cell)) for cell in cells},
        "training": training_words(kept.visit),
    }


def _key(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key or len(key) > 64:
        raise VisitError("This page has no right to send anything. Scan the code again, or ask for a new link.")
    return key


async def _body(request: Request, largest: int) -> bytes | Response:
    """What was sent, unless it is more than ``largest`` bytes: then no more of it is read."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return _refusal(415, "content-type: allowed: application/json")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > largest:
            return _refusal(413, f"message: more than {largest:,} bytes; allowed: at most {largest:,}")
        parts.append(part)
    return b"".join(parts)


def _refusal(status: int, reason: str) -> Response:
    return JSONResponse({"reason": reason}, status_code=status, headers=_NEVER)
