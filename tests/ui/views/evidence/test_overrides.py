"""Evidence, «Set by your team»: the form, what it refuses, and that only the owner may use it."""

from __future__ import annotations

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from advisor import knowledge
from advisor.answers import Answers, Override
from advisor.knowledge.criteria import JudgementSpec
from advisor.ports import Services
from advisor.questionnaire import dump
from advisor.records import DecisionRecord
from tests import fakes
from tests.stores import the
from tests.ui.driving import open_page, texts
from ui.kit import components
from ui.views.brief import answer_paths

OWN = Override(
    criterion="maintenance", framework="tensorflow", level=5, statement="We pay *support*", author="Ada <b>",
    date=date(2026, 11, 20),
)  # fmt: skip


@pytest.fixture
def services() -> Services:
    return fakes.services()


def opened(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord, *, edit: bool = True
) -> AppTest:
    query = {"decision": record.id} | ({"edit": record.edit_key} if edit else {})
    app = open_page(monkeypatch, services, "evidence", **query)
    return app.segmented_control(key="evidence-part").set_value("team").run()


def stored(services: Services, record: DecisionRecord) -> tuple[Override, ...]:
    found = the(services.store.decision(record.id))
    return found.answers.overrides


def fill(app: AppTest, *, statement: str = "Two of us taught it", author: str = "Grace", level: int | None = 4) -> None:
    app.selectbox(key="own-criterion").select("hiring")
    app.segmented_control(key="own-framework").set_value("tensorflow")
    app.run()
    if level is not None:
        app.radio(key="own-level").set_value(level)
    app.text_area(key="own-statement").set_value(statement)
    app.text_input(key="own-author").set_value(author)
    app.button(key="own-set").click().run()
    assert not app.exception


def test_a_fact_is_set_shown_and_stored(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers())
    app = opened(monkeypatch, services, record)
    fill(app)
    (found,) = stored(services, record)
    assert (found.criterion, found.framework, found.level) == ("hiring", "tensorflow", 4)
    assert (found.statement, found.author, found.date) == ("Two of us taught it", "Grace", date(2026, 11, 23))
    assert found.confidence == "medium"
    said = texts(app)
    assert "**Two of us taught it**" in said
    assert "Grace, 23 November 2026" in said
    assert app.text_area(key="own-statement").value == ""
    assert app.text_input(key="own-author").value == "Grace"
    assert not app.error


def test_levels_are_shown_in_the_criterions_own_words(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = opened(monkeypatch, services, services.store.create_decision(Answers()))
    for name in ("governance", "exit"):
        app.selectbox(key="own-criterion").select(name).run()
        value = next(spec.value for spec in knowledge.load().criteria if spec.id == name)
        assert isinstance(value, JudgementSpec)
        expected = [f"{5 - i}: {components.escape(value.anchors[4 - i])}" for i in range(5)]
        assert app.radio(key="own-level").options == expected


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"statement": "  "}, "«What you know»: ' ' has 0 characters; allowed: printable text of 1 to 500 characters"),
        ({"author": ""}, "«Who says so»: '' has 0 characters"),
        ({"author": "A\x1bda"}, "«Who says so»: 'A\\x1bda' holds U+001B (ESCAPE)"),
        ({"level": None}, "«How it stands»: nothing is not allowed; allowed: whole numbers from 1 to 5"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, services: Services, wrong: dict[str, str | None], says: str
) -> None:
    record = services.store.create_decision(Answers())
    app = opened(monkeypatch, services, record)
    fill(app, **wrong)  # type: ignore[arg-type]
    assert stored(services, record) == ()
    assert components.escape(says) in app.error[0].value
    if "statement" not in wrong:
        assert app.text_area(key="own-statement").value == "Two of us taught it"
    app.run()
    assert not app.error, "said once"


def test_the_same_side_is_replaced_and_removed(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers(overrides=(OWN,)))
    app = opened(monkeypatch, services, record)
    fill(app)
    fill(app, level=2)
    assert [own.level for own in stored(services, record)] == [5, 2]
    app.button(key=f"remove-{OWN.key}").click().run()
    assert [own.level for own in stored(services, record)] == [2]
    assert "We pay" not in texts(app)


def test_a_reader_sees_everything_and_changes_nothing(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers(overrides=(OWN,)))
    app = opened(monkeypatch, services, record, edit=False)
    assert components.escape("We pay *support*") in texts(app)
    assert components.escape("Ada <b>") in texts(app)
    keys = {button.key for button in app.button}
    assert "own-set" not in keys
    assert f"remove-{OWN.key}" not in keys


def test_the_first_fact_makes_a_decision(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "evidence")
    app.segmented_control(key="evidence-part").set_value("team").run()
    fill(app)
    record = the(services.store.decision(app.query_params["decision"]))
    assert [own.author for own in record.answers.overrides] == ["Grace"]


def test_what_is_old_or_replaces_nothing_says_so(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    old = OWN.model_copy(update={"date": date(2024, 11, 20)})
    idle = OWN.model_copy(update={"criterion": "hardware"})
    gone = OWN.model_copy(update={"criterion": "colour"})
    answers = Answers.model_validate({"schema": 1, "hardware": {"train": "tpu"}, "overrides": (old, idle, gone)})
    said = texts(opened(monkeypatch, services, services.store.create_decision(answers)))
    assert components.escape("stale: 24.1 months old, half-life 12") in said
    assert said.count("replaces nothing here") == 2
    assert components.escape("«colour»: 5 of 5") in said


def test_other_parts_say_that_the_team_set_something(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers(overrides=(OWN,)))
    assert "1 fact was set by the team itself" in texts(
        open_page(monkeypatch, services, "evidence", decision=record.id)
    )


def test_the_recommendation_names_it_in_answer_and_evidence(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    record = services.store.create_decision(Answers(overrides=(OWN, replace_author(OWN))))
    app = open_page(monkeypatch, services, "recommendation", decision=record.id)
    assert "2 facts were set by your team and not by dated sources" in texts(app)
    app.session_state["all-criteria"] = app.session_state[f"criterion-{OWN.criterion}"] = True
    app.run()
    assert components.escape("Set by your team (Ada <b>): We pay *support*.") in texts(app)


def replace_author(own: Override) -> Override:
    return own.model_copy(update={"framework": "pytorch", "author": "Grace"})


def test_an_answers_file_brings_it_along_and_not_from_the_future(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services)
    late = dump(Answers(overrides=(OWN.model_copy(update={"date": date(2026, 12, 24)}),)))
    app.file_uploader(key="answers-file").upload("answers.yaml", late.encode()).run()
    assert components.escape("overrides[0].date: 2026-12-24 is still to come") in app.error[0].value
    app.file_uploader(key="answers-file").upload("answers.yaml", dump(Answers(overrides=(OWN,))).encode()).run()
    record = the(services.store.decision(app.query_params["decision"]))
    assert record.answers.overrides == (OWN,)


def test_other_answers_leave_it_alone() -> None:
    changed = answer_paths.write(Answers(overrides=(OWN,)), "stage", "scaling")
    assert (changed.stage, changed.overrides) == ("scaling", (OWN,))
