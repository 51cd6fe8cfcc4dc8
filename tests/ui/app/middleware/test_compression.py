"""Assets are packed once and arrive whole."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest
from starlette.middleware import Middleware
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from tests.ui.app.middleware.client import SCRIPT, client
from ui.app.middleware import CompressedAssets


def test_scripts_are_packed_once_and_arrive_whole() -> None:
    served: list[str] = []
    with client(Middleware(CompressedAssets), served=served) as app:
        first, second = (app.get("/static/index.js") for _ in range(2))
    assert served == ["/static/index.js"]
    for answer in (first, second):
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
        assert answer.headers["cache-control"] == "public, immutable"
        assert "accept-encoding" in answer.headers["vary"].lower()
        assert answer.text == SCRIPT


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/static/index.js", {"accept-encoding": "identity"}),
        ("/static/index.js", {"range": "bytes=0-9"}),
        ("/static/picture.png", {}),
        ("/", {}),
    ],
)
def test_what_should_not_be_packed_is_passed_on(path: str, headers: dict[str, str]) -> None:
    with client(Middleware(CompressedAssets)) as app:
        answer = app.get(path, headers=headers)
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


def test_packing_is_really_gzip() -> None:
    with client(Middleware(CompressedAssets)) as app, app.stream("GET", "/static/index.js") as answer:
        raw = b"".join(answer.iter_raw())
    assert gzip.decompress(raw).decode() == SCRIPT


async def _streamed(scope: Scope, receive: Receive, send: Send) -> None:
    """As what serves assets may do: it stops in the middle when the browser has gone."""

    async def parts() -> AsyncIterator[str]:
        for start in range(0, len(SCRIPT), 1000):
            yield SCRIPT[start : start + 1000]
            await asyncio.sleep(0)

    await StreamingResponse(parts(), media_type="text/javascript")(scope, receive, send)


def test_a_browser_that_goes_in_the_middle_leaves_no_half_of_a_script_behind() -> None:
    """It did: whoever came next got the half, and no chart was drawn until the app was started again."""
    assets = CompressedAssets(_streamed)

    async def asked(receive: Receive) -> bytes:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"accept-encoding", b"gzip")]
        scope = {"type": "http", "method": "GET", "path": "/static/index.js", "headers": headers}
        await assets(scope, receive, send)
        return b"".join(message.get("body", b"") for message in sent)

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def both() -> list[bytes]:
        return [await asked(gone), await asked(gone)]

    for body in asyncio.run(both()):
        assert gzip.decompress(body).decode() == SCRIPT
