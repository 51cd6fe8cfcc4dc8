"""The first page answers under its own name too."""

from __future__ import annotations

import pytest
from starlette.middleware import Middleware

from tests.pages import PAGES
from tests.ui.app.middleware.client import client
from ui.app.middleware import FirstPage


@pytest.mark.parametrize("base", ["", "/fulcrum"])
@pytest.mark.parametrize("query", ["", "?decision=a%20b&notice=x"])
def test_the_first_pages_name_leads_to_where_it_is_served(base: str, query: str) -> None:
    with client(Middleware(FirstPage)) as app:
        answer = app.get(f"{base}/{PAGES[0]}{query}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"./{query}")
    assert str(answer.next_request and answer.next_request.url) == f"http://localhost:8501{base}/{query}"


@pytest.mark.parametrize("path", ["/", "/static/briefly.js"])
def test_nothing_else_is_led_anywhere(path: str) -> None:
    with client(Middleware(FirstPage)) as app:
        assert app.get(path, follow_redirects=False).status_code == 200
