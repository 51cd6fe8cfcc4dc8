"""Links that give a right are exchanged at the first visit."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from advisor.answers import Answers
from advisor.ports import Services
from tests import fakes
from tests.stores import the
from tests.ui.app.middleware.client import client
from ui.app.middleware import BrowserCookie, LinkExchange
from ui.session import cookies
from ui.session.cookies import BROWSER, OPERATOR


@pytest.fixture
def services() -> Services:
    return fakes.services()


@pytest.fixture
def linked(services: Services) -> Iterator[TestClient]:
    with client(Middleware(BrowserCookie), Middleware(LinkExchange, services=services)) as app:
        app.follow_redirects = False
        yield app


def _way(answer: Any) -> dict[str, str]:
    """Where an exchanged link leads."""
    assert answer.status_code == 303
    assert answer.headers["cache-control"] == "no-store"
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def _browser(answer: Any) -> str:
    return cookies.browser_hash({BROWSER: SimpleCookie(answer.headers["set-cookie"])[BROWSER].value})


def test_an_edit_link_makes_the_browser_an_editor_and_leaves_the_address_bar(
    linked: TestClient, services: Services
) -> None:
    record = services.store.create_decision(Answers())
    answer = linked.get(f"/brief?decision={record.id}&edit={record.edit_key}&x=1")
    assert _way(answer) == {"decision": record.id, "x": "1"}
    assert answer.headers["location"].startswith("./brief?"), "a proxy may have changed everything before"
    kept = the(services.store.decision(record.id))
    assert kept.editors == {_browser(answer)}
    assert record.edit_key not in str(answer.headers)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/?edit=x", "./?"),
        ("/brief?edit=x", "./brief?"),
        ("/base/?edit=x", "./?"),
        ("/base/trust?edit=x", "./trust?"),
        ("//evil.example/trust?edit=x", "./trust?"),
        ("/a%0d%0aset-cookie:%20b?edit=x", "./a%0D%0Aset-cookie%3A%20b?"),
        ("/javascript:alert(1)?edit=x", "./javascript%3Aalert%281%29?"),
    ],
)
def test_an_exchange_leads_to_the_same_page_and_nowhere_else(linked: TestClient, path: str, location: str) -> None:
    assert linked.get(f"http://localhost:8501{path}").headers["location"].startswith(location)


@pytest.mark.parametrize("wrong", ["", "guess", "é", "%00"])
def test_a_wrong_key_gives_no_right_and_says_so(linked: TestClient, services: Services, wrong: str) -> None:
    record = services.store.create_decision(Answers())
    assert _way(linked.get(f"/?decision={record.id}&edit={wrong}"))["notice"] == "edit-refused"
    assert _way(linked.get(f"/?decision=%00&edit={record.edit_key}"))["notice"] == "edit-refused"
    assert _way(linked.get(f"/?edit={record.edit_key}"))["notice"] == "edit-refused"
    kept = the(services.store.decision(record.id))
    assert not kept.editors


def test_an_old_link_gives_no_right_once_there_is_a_new_one(linked: TestClient, services: Services) -> None:
    record = services.store.create_decision(Answers())
    linked.get(f"/?decision={record.id}&edit={record.edit_key}")
    changed = services.store.rotate_edit_key(record.id)
    assert not changed.editors
    assert _way(linked.get(f"/?decision={record.id}&edit={record.edit_key}"))["notice"] == "edit-refused"
    assert "notice" not in _way(linked.get(f"/?decision={record.id}&edit={changed.edit_key}"))


def test_the_operators_key_is_exchanged_for_a_proof_that_ends_with_it(linked: TestClient, services: Services) -> None:
    key = services.operator_key.read()
    answer = linked.get(f"/?operate={key}")
    assert _way(answer) == {}
    assert key not in str(answer.headers)
    proof = next(
        SimpleCookie(line)[OPERATOR].value
        for line in answer.headers.get_list("set-cookie")
        if line.startswith(f"{OPERATOR}=")
    )
    assert services.operator_key.proven(proof)
    assert not services.operator_key.proven(key)
    services.operator_key.rotate()
    assert not services.operator_key.proven(proof)
    assert _way(linked.get(f"/?operate={key}"))["notice"] == "operate-refused"


@pytest.mark.parametrize("wrong", ["", "guess", "é"])
def test_another_key_operates_nothing(linked: TestClient, wrong: str) -> None:
    answer = linked.get(f"/?operate={wrong}")
    assert _way(answer) == {"notice": "operate-refused"}
    assert OPERATOR not in answer.headers["set-cookie"]
