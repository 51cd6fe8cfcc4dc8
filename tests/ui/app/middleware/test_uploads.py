"""What may be uploaded: small files as ever, a large one where a page asks for it, and no more than there is room."""

from __future__ import annotations

import asyncio

import pytest
from starlette.middleware import Middleware
from starlette.types import Message, Receive, Scope, Send

from tests.ui.app.middleware.client import client
from ui.app.middleware import UploadGuard, uploads
from ui.app.middleware.uploads import MOST_AT_ONCE, MOST_KEPT, SMALL
from ui.kit.uploads import ExpectedUploads

PATH = "/_stcore/upload_file/mine/file"
LARGE = b"x" * (SMALL + 1)


def asked() -> ExpectedUploads:
    found = ExpectedUploads()
    found.expect("mine")
    return found


@pytest.mark.parametrize("session", ["mine", "other"])
def test_small_files_are_taken_from_everybody(session: str) -> None:
    with client(Middleware(UploadGuard, kept=lambda: MOST_KEPT, asked=asked())) as app:
        assert app.put(f"/_stcore/upload_file/{session}/file", content=b"x" * 100).text == "100"


def test_a_large_one_is_taken_where_a_page_asks_for_it() -> None:
    with client(Middleware(UploadGuard, kept=lambda: 0, asked=asked())) as app:
        assert app.put(PATH, content=LARGE).text == str(len(LARGE))
        refused = app.put("/_stcore/upload_file/other/file", content=LARGE)
        assert (refused.status_code, refused.text) == (413, "This file is too large for this page.")


def test_a_page_that_asked_long_ago_asks_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = asked()
    assert expected.expects("mine")
    monkeypatch.setattr("ui.kit.uploads.PATIENCE", 0.0)
    assert not expected.expects("mine")


def test_where_memory_is_full_others_are_asked_to_wait() -> None:
    with client(Middleware(UploadGuard, kept=lambda: MOST_KEPT - len(LARGE) + 1, asked=asked())) as app:
        assert app.put(PATH, content=LARGE).status_code == 503


def test_one_that_states_no_size_counts_as_the_largest() -> None:
    with client(Middleware(UploadGuard, kept=lambda: MOST_KEPT - uploads.LARGEST + 1, asked=asked())) as app:
        assert app.put(PATH, content=iter([b"x"])).status_code == 503


def test_so_many_at_once_and_no_more() -> None:
    """What is under way counts until it has ended, however it ends."""
    held, statuses = asyncio.Event(), []

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        await held.wait()

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    async def all_of_it() -> None:
        guard = UploadGuard(waits, kept=lambda: 0, asked=asked())
        headers = [(b"content-length", str(len(LARGE)).encode())]
        scope = {"type": "http", "method": "PUT", "path": PATH, "headers": headers}
        under_way = [asyncio.create_task(guard(scope, nothing, sent)) for _ in range(MOST_AT_ONCE)]
        await asyncio.sleep(0)
        await guard(scope, nothing, sent)
        assert statuses == [503]
        held.set()
        await asyncio.gather(*under_way)
        await guard(scope, nothing, sent)
        assert statuses == [503]

    asyncio.run(all_of_it())
