"""Assets are packed once and arrive whole."""

from __future__ import annotations

import gzip

import pytest
from starlette.middleware import Middleware

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
