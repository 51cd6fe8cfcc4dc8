"""What every page shares: the header, links, a decision that doesn't exist, who may edit."""

from __future__ import annotations

import pytest

from advisor.answers import Answers, Project
from advisor.ports import Services
from advisor.queue.kinds import CHECK, CheckRequest
from advisor.records import Requester
from tests import fakes
from tests.pages import LISTED, PAGES
from tests.stores import measure
from tests.ui.driving import open_page, texts

MARKUP = "<script>alert(1)</script> **bold** :smile: $x$ [l](javascript:alert(1))"

#: Where the last link of each page leads.
ONWARD = {
    "brief": "probes",
    "your-code": "probes",
    "probes": "recommendation",
    "own": "probes",
    "machines": "probes",
    "code": "recommendation",
    "routes": "recommendation",
    "browser": "recommendation",
    "recommendation": "evidence",
    "evidence": "recommendation",
    "trust": "probes",
}


@pytest.fixture
def services() -> Services:
    return fakes.services()


@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs_without_a_decision(monkeypatch: pytest.MonkeyPatch, services: Services, page: str) -> None:
    app = open_page(monkeypatch, services, page)
    assert tuple(link.value for link in app.get("page_link"))[: len(LISTED)] == LISTED
    assert "Nothing to share yet" in texts(app)
    assert services.store.decision("") is None, "looking around stores nothing"
    last = app.get("page_link")[-1].proto
    assert last.page == ONWARD[page], "each ends with a way on"
    assert last.label not in LISTED, "it is no link of the header"


@pytest.mark.parametrize("page", PAGES)
def test_an_unknown_id_says_so_and_offers_a_new_decision(
    monkeypatch: pytest.MonkeyPatch, services: Services, page: str
) -> None:
    app = open_page(monkeypatch, services, page, decision="no-such-id")
    assert app.title[0].value == "This decision doesn't exist"
    assert "no-such-id" in texts(app)
    app.button(key="new-decision").click().run()
    assert not app.exception
    assert app.title[0].value == "PyTorch or TensorFlow?"
    assert "decision" not in app.query_params


@pytest.mark.parametrize("page", PAGES)
def test_project_names_are_text_never_markup(monkeypatch: pytest.MonkeyPatch, services: Services, page: str) -> None:
    record = services.store.create_decision(Answers(project=Project(name=MARKUP)))
    app = open_page(monkeypatch, services, page, decision=record.id)
    assert MARKUP in [element.value for element in app.text]
    rendered = [*app.markdown, *app.caption, *app.title, *app.html]
    assert not [element.value for element in rendered if "alert(1)" in str(element.value)]


def test_a_visitor_gets_the_link_to_read_and_the_owner_both(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    record = services.store.create_decision(Answers())
    visitor = open_page(monkeypatch, services, "probes", decision=record.id)
    assert [code.value.partition("?")[2] for code in visitor.code] == [f"decision={record.id}"]
    assert record.edit_key not in texts(visitor)
    assert "You are reading a shared decision" in texts(visitor)
    owner = open_page(monkeypatch, services, "probes", decision=record.id, edit=record.edit_key)
    links = [code.value for code in owner.code if "?" in code.value]  # beside them stand commands to type
    assert [link.partition("?")[2] for link in links] == [
        f"decision={record.id}",
        f"decision={record.id}&edit={record.edit_key}",
    ]
    assert all("/probes?" in link for link in links), "the link opens the page it was copied from"


@pytest.mark.parametrize("wrong", ["", "guess", "é", "decision"])
def test_a_wrong_key_gives_no_right(monkeypatch: pytest.MonkeyPatch, services: Services, wrong: str) -> None:
    record = services.store.create_decision(Answers(), owner="0" * 64)
    app = open_page(monkeypatch, services, "brief", decision=record.id, edit=wrong)
    assert app.text_input(key="answer-project.name").disabled


def test_links_between_pages_carry_the_decision(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers())
    app = open_page(monkeypatch, services, "evidence", decision=record.id, edit=record.edit_key)
    links = app.get("page_link")
    assert len(links) > len(LISTED)
    for link in links:
        assert f"decision={record.id}" in link.proto.query_string
        assert record.edit_key not in link.proto.query_string, "what people copy by habit is safe to share"


@pytest.mark.parametrize("work", ["run", "check"])
def test_a_page_that_shows_work_under_way_ends_with_a_way_on_too(
    monkeypatch: pytest.MonkeyPatch, services: Services, work: str
) -> None:
    record = services.store.create_decision(Answers())
    if work == "run":
        measure(services.store, by=Requester(operator=True), for_=record.id)
    else:
        services.store.enqueue(CHECK, CheckRequest(), by=Requester(operator=True))
    app = open_page(monkeypatch, services, {"run": "probes", "check": "trust"}[work], decision=record.id)
    last = app.get("page_link")[-1].proto
    assert (last.page, last.label) == ("recommendation", "Meanwhile: the recommendation as it stands")
