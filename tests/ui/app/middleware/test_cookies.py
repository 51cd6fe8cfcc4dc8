"""The names by which browsers are known."""

from __future__ import annotations

import hashlib
from http.cookies import SimpleCookie

import pytest
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from tests.ui.app.middleware.client import TOKEN, client
from ui.app.middleware import BrowserCookie
from ui.session import cookies
from ui.session.cookies import BROWSER


def test_cookies_of_other_programs_on_this_host_hide_nothing() -> None:
    """Cookies know no ports: what runs beside Fulcrum on localhost sends along names that no RFC allows."""
    with client(Middleware(BrowserCookie)) as app:
        for others in ("a[b]=c", 'username="2|1:0|10:x"', "=;;", "{json: true}"):
            answer = app.get("/", headers={"cookie": f"{others}; {BROWSER}={TOKEN}"})
            assert SimpleCookie(answer.headers["set-cookie"])[BROWSER].value == TOKEN, others


def test_a_browser_gets_its_cookie_with_pages_only_and_keeps_its_name() -> None:
    with client(Middleware(BrowserCookie)) as app:
        assert "set-cookie" not in app.get("/static/index.js").headers
        first = SimpleCookie(app.get("/").headers["set-cookie"])[BROWSER]
        assert len(first.value) * 6 >= 128
        assert first["httponly"]
        assert first["samesite"].lower() == "lax"
        again = app.get("/")
        assert SimpleCookie(again.headers["set-cookie"])[BROWSER].value == first.value, "renewed, not replaced"
        assert again.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("planted", ["mine", "x" * 33, "ä" * 32, "a b" + "x" * 29, ""])
def test_a_name_that_was_not_made_here_is_replaced(planted: str) -> None:
    with client(Middleware(BrowserCookie)) as app:
        answer = app.get("/", headers={"cookie": f"{BROWSER}={planted}".encode()})
        assert SimpleCookie(answer.headers["set-cookie"])[BROWSER].value != planted
    assert cookies.browser_hash({BROWSER: planted}) == ""


def test_over_tls_no_neighbour_can_plant_a_name() -> None:
    app = TestClient(client(Middleware(BrowserCookie)).app, base_url="https://localhost")
    answer = app.get("/", headers={"cookie": f"{BROWSER}={TOKEN}"})
    [(name, cookie)] = SimpleCookie(answer.headers["set-cookie"]).items()
    assert name == f"__Host-{BROWSER}"
    assert cookie["secure"]
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert cookie.value != TOKEN, "the planted one"
    both = {f"__Host-{BROWSER}": cookie.value, BROWSER: TOKEN}
    assert cookies.browser_hash(both) == hashlib.sha256(cookie.value.encode()).hexdigest()
