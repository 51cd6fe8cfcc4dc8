"""What strangers, readers, editors and operators may press, and what their browsers may claim to have pressed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, Literal

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from advisor.answers import Answers
from advisor.ports import Services
from advisor.queue.kinds import (
    CHECK,
    DESCRIBE,
    ENVIRONMENT,
    KINDS,
    KIT,
    MEASURE,
    ROUTES,
    SCAN,
    SERVING,
    CheckRequest,
    DescribeRequest,
    EnvironmentRequest,
    JobKind,
    ScanRequest,
)
from advisor.records import DecisionRecord, Requester, SweepPart
from probes.deploy.schema import RoutesRequest
from probes.in_browser.schema import KitRequest
from probes.schema import RunRequest
from probes.serving.schema import ServingRequest
from tests import own_models, team_code
from tests.fakes import FakeScanner
from tests.pages import PAGES
from tests.ui.driving import BROWSER, open_page
from ui.session import rights

Role = Literal["reader", "editor", "owner", "operator"]
OWNER: Final = "0" * 64
ANSWERS: Final = Answers.model_validate(
    {"stage": "prototype", "targets": [{"id": "server_rest_grpc"}], "priorities": {"ranking": ["deployment"]}}
)
#: Which right each button takes, by the beginning of its key. What isn't named here belongs to whoever looks: it
#: changes what one session shows, or downloads.
EDIT: Final = (
    "start-run", "cancel-run", "start-scan", "cancel-scan", "take-", "fate-",
    "resume", "start-routes", "use-known", "use-example-", "undo-", "reset", "rank-",
    "pair-", "voice-", "override", "measure-", "compare-", "begin-", "graphs-", "save-again", "conflict-other",
    "go-", "FormSubmitter:", "start-kit", "invite",
)  # fmt: skip
OWN: Final = ("rotate-link", "delete-decision")
OPERATE: Final = (
    "make-",
    "remove-",
    "unpoint-",
    "cancel-environment-",
    "start-serving",
    "start-check",
    "start-describe",
    "sweep-",
    "start-rehearse",
    "start-data",
    "start-rounding",
)
#: Who started a job may cancel it, and who operates the machine.
CANCEL: Final = (
    "cancel-routes",
    "cancel-serving",
    "cancel-check",
    "cancel-describe",
    "cancel-kit",
    "cancel-rehearse",
    "cancel-data",
    "cancel-rounding",
)
#: What a decision's page shows while nothing is under way, while everything is, and once its code was read.
CASES: Final = [
    *((page, work) for page in PAGES for work in ("idle", "busy")),
    ("your-code", "read"),
    ("brief", "read"),
]
LOOK: Final = ("download-", "export-", "new-decision", "all-", "none-", "show-", "more-", "conflict-leave", "filter")


@pytest.fixture
def services() -> Services:
    return own_models.services()


@pytest.fixture
def record(services: Services) -> DecisionRecord:
    return services.store.create_decision(ANSWERS, owner=OWNER)


def visit(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord, role: Role, page: str
) -> AppTest:
    query: dict[str, str] = {"decision": record.id}
    if role == "editor":
        query["edit"] = record.edit_key
    return open_page(
        monkeypatch,
        services,
        page,
        browser=OWNER if role == "owner" else BROWSER if role == "editor" else "9" * 64,
        operator=role == "operator",
        **query,
    )


def pressable(app: AppTest) -> Iterator[Any]:
    """Buttons that a click would do something with."""
    return (button for button in app.button if not button.disabled)


def right_of(key: str) -> str:
    for right, keys in (("edit", EDIT), ("own", OWN), ("operate", OPERATE), ("cancel", CANCEL), ("look", LOOK)):
        if key.startswith(keys):
            return right
    raise AssertionError(f"nobody has said which right the button {key!r} takes")


def busy(services: Services, record: DecisionRecord, by: str) -> None:
    """Every kind of work that a page shows, started by ``by``."""
    for kind, request in (
        (CHECK, CheckRequest()),
        (ROUTES, RoutesRequest()),
        (SERVING, ServingRequest()),
        (ENVIRONMENT, EnvironmentRequest("executorch")),
        (KIT, KitRequest()),
        (DESCRIBE, DescribeRequest(own_models.LISTED.name, own_models.LISTED.sha256)),
    ):
        services.store.enqueue(kind, request, by=Requester(browser=by, operator=True))
    services.store.begin_sweep(record.id, [SweepPart(RunRequest(), ("",))], Requester(browser=by, operator=True))


ALLOWED: Final[dict[Role, set[str]]] = {
    "reader": {"look"},
    "editor": {"look", "edit"},
    "owner": {"look", "edit", "own"},
    "operator": {"look", "operate", "cancel"},  # of a decision that isn't its own it is a reader
}


def work_of(services: Services, record: DecisionRecord) -> None:
    """Every kind of work that belongs to a decision."""
    for kind, request in ((MEASURE, RunRequest()), (SCAN, ScanRequest("archive", "0" * 32, "shop.zip"))):
        services.store.enqueue(kind, request, by=Requester(operator=True), decision_id=record.id)


def test_every_right_is_seen_somewhere(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    """Else the test of what each sees would hold of empty pages."""
    for role, allowed in ALLOWED.items():
        missing = allowed - {"cancel", "own"}  # nothing runs, and the popover of links is no page's own
        for page in PAGES:
            missing -= {right_of(str(one.key)) for one in pressable(visit(monkeypatch, services, record, role, page))}
            if not missing:
                break
        assert not missing, role


def test_who_started_a_job_may_cancel_it(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    job = services.store.enqueue(ROUTES, RoutesRequest(), by=Requester(browser=BROWSER))
    for role, may in (("reader", False), ("owner", False), ("editor", True), ("operator", True)):
        app = visit(monkeypatch, services, record, role, "routes")
        assert ("cancel-routes" in {button.key for button in app.button}) is may, role
    app.button(key="cancel-routes").click().run()
    assert services.store.latest(ROUTES).status == "cancelled"  # type: ignore[union-attr]
    assert services.store.latest(ROUTES).id == job.id  # type: ignore[union-attr]


# ------------------------------------------------------------------------------------------- forged messages


def state_of(services: Services, record: DecisionRecord) -> str:
    """Everything that a forged message could have changed."""
    kept = services.store.decision(record.id)
    jobs = [(name, _job(services, kind)) for name, kind in KINDS.items()]
    environments = [(offer.id, offer.state) for offer in services.deployment.runtimes()]
    own = [services.store.latest(kind, record.id) for kind in KINDS.values() if kind.of_decision]
    return json.dumps(
        [
            repr(kept),
            jobs,
            environments,
            [job and (job.id, job.status, job.cancel_requested) for job in own],
            uploads(services),
        ]
    )


def uploads(services: Services) -> list[str]:
    scanner = services.code
    assert isinstance(scanner, FakeScanner)
    return sorted(scanner.uploads)


def _job(services: Services, kind: JobKind[Any, Any]) -> list[Any]:
    job = services.store.latest(kind)
    return [job.id, job.status, job.cancel_requested] if job else []


def forged(app: AppTest, ids: list[str]) -> None:
    """A message of a browser that claims to have pressed buttons which its page doesn't have."""
    states = WidgetStates()
    states.CopyFrom(app._tree.get_widget_states())
    for id_ in ids:
        state = states.widgets.add()
        state.id, state.trigger_value = id_, True
    app._run(states)


@pytest.mark.parametrize(("page", "work"), CASES)
def test_each_sees_the_buttons_of_its_rights_and_nobody_presses_others(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord, page: str, work: str
) -> None:
    if work == "busy":
        busy(services, record, by="somebody")
        work_of(services, record)
    if work == "read":
        team_code.read(services, record)
    privileged: list[str] = []
    roles: tuple[Role, ...] = ("editor", "owner", "operator", "reader")
    for role in roles:
        app = visit(monkeypatch, services, record, role, page)
        rights_of = {str(one.proto.id): right_of(str(one.key)) for one in pressable(app)}
        extra = {"edit"} if role == "operator" and work == "busy" and page in ("probes", "your-code") else set()
        assert set(rights_of.values()) <= ALLOWED[role] | extra, (role, page)  # an operator cancels any
        privileged += [id_ for id_, right in rights_of.items() if right != "look"]
    before = state_of(services, record)
    forged(app, privileged)  # the reader's, who was the last to open it
    assert state_of(services, record) == before


def changed(app: AppTest) -> WidgetStates:
    """The message of a browser in which every field of the page was given another value. Ids are the same for all."""
    for text in (*app.text_input, *app.text_area):
        text.set_value("forged")
    for number in (*app.number_input, *app.slider):
        number.set_value(number.min if number.value != number.min else number.max)
    for box in (*app.checkbox, *app.toggle):
        box.set_value(not box.value)
    for choice in (*app.selectbox, *app.select_slider):
        choice.set_value(next(option for option in choice.options if option != choice.value))
    for pills in app.button_group:
        other = next(option for option in pills.options if option != pills.value)
        pills.set_value([other] if isinstance(pills.value, list) else other)
    return app._tree.get_widget_states()


@pytest.mark.parametrize("page", PAGES)
def test_no_field_that_a_reader_claims_to_have_changed_changes_anything(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord, page: str
) -> None:
    states = changed(visit(monkeypatch, services, record, "editor", page))
    before = state_of(services, record)
    reader = visit(monkeypatch, services, record, "reader", page)
    reader._run(states)
    assert state_of(services, record) == before


def test_an_editors_fields_do_change_something(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    """Else the test above would hold of messages that say nothing."""
    for page in ("brief", "recommendation"):
        before = state_of(services, record)
        editor = visit(monkeypatch, services, record, "editor", page)
        editor._run(changed(editor))
        assert not editor.exception
        assert json.loads(state_of(services, record))[1:] == json.loads(before)[1:]
        assert state_of(services, record) != before, page


def test_a_right_that_went_after_the_button_was_drawn_is_gone(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    services.deployment.create_runtime("executorch", tell=lambda *_: None, cancelled=lambda: False)
    app = visit(monkeypatch, services, record, "operator", "routes")
    button = app.button(key="remove-executorch")
    monkeypatch.setattr(rights, "operates", lambda _: False)
    button.click().run()
    assert {offer.id: offer.state for offer in services.deployment.runtimes()}["executorch"] == "ready"
