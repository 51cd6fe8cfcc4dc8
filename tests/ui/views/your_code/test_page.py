"""Your code: handing it over, what is shown while it is read and afterwards, and what every end leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from advisor.answers import Answers
from advisor.ports import CodeScan, Services
from advisor.queue.kinds import SCAN, ScanRequest
from tests import fakes, team_code
from tests.stores import the
from tests.ui.driving import open_page, texts

PAGE = "your-code"


def opened(
    monkeypatch: pytest.MonkeyPatch, finds: CodeScan | str | None = None, answers: Answers | None = None
) -> tuple[AppTest, Services]:
    """The page of a decision whose code was read, for its editor."""
    services = fakes.services(scanner=fakes.FakeScanner(finds or team_code.scan()))
    record = services.store.create_decision(answers or Answers())
    team_code.read(services, record)
    return open_page(monkeypatch, services, PAGE, decision=record.id, edit=record.edit_key), services


def test_a_newcomer_learns_what_it_does_and_that_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    said = texts(open_page(monkeypatch, fakes.services(), PAGE))
    assert "Your code is read and never run" in said
    assert "deleted as soon as it was read" in said
    assert "What you will see here" in said


def test_an_archive_is_kept_queued_and_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    scanner = fakes.FakeScanner()
    services = fakes.services(scanner=scanner)
    app = open_page(monkeypatch, services, PAGE)
    content = team_code.zipped()
    app.file_uploader(key="code-archive-0").upload("shop.zip", content).run()
    app.button(key="start-scan").click().run()
    job = the(services.store.latest(SCAN))
    assert (job.request.source, job.request.title) == ("archive", "shop.zip")
    assert scanner.uploads == {job.request.place: content}
    assert "## Waiting to start" in texts(app)
    assert the(services.store.decision(job.subject)).owner == ""


def test_a_list_of_packages_is_enough_for_the_support_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, without an executor: it needs no quiet machine, and waits behind no measurement."""
    services = fakes.services()
    app = open_page(monkeypatch, services, PAGE)
    app.segmented_control(key="code-way").set_value("packages").run()
    app.text_area(key="code-packages").set_value("tensorflow==1.15.0\nnumpy==1.16.4\nrequests==2.22.0\n").run()
    app.button(key="start-scan").click().run()
    assert the(services.store.latest(SCAN)).status == "done"
    assert services.store.queue() == ()
    said = texts(app)
    assert "A list of 3 packages" in said
    assert "Until when it can stay" in said
    assert "What stands in the way" not in said


def test_a_list_that_is_none_is_refused_with_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    services = fakes.services()
    app = open_page(monkeypatch, services, PAGE)
    app.segmented_control(key="code-way").set_value("packages").run()
    app.text_area(key="code-packages").set_value("hello there").run()
    app.button(key="start-scan").click().run()
    assert services.store.latest(SCAN) is None
    assert "The list pins no package" in texts(app)


def test_nothing_is_asked_for_where_nothing_was_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    services = fakes.services()
    app = open_page(monkeypatch, services, PAGE)
    app.segmented_control(key="code-way").set_value("packages").run()
    app.button(key="start-scan").click().run()
    assert services.store.latest(SCAN) is None
    assert "Nothing was handed over yet" in texts(app)


@pytest.mark.parametrize(
    ("allowed", "operator", "offered"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_a_folder_is_named_by_operators_where_nobody_else_reaches_the_pages(
    monkeypatch: pytest.MonkeyPatch, allowed: bool, operator: bool, offered: bool
) -> None:
    services = fakes.services(scanner=fakes.FakeScanner(opens_folders=allowed))
    app = open_page(monkeypatch, services, PAGE, operator=operator)
    assert ("A folder of this machine" in app.segmented_control(key="code-way").options) is offered
    if offered:
        app.segmented_control(key="code-way").set_value("folder").run()
        app.text_input(key="code-folder").set_value("/srv/project").run()
        app.button(key="start-scan").click().run()
        assert the(services.store.latest(SCAN)).request == ScanRequest("folder", "/srv/project", "/srv/project")


def test_what_is_under_way_can_be_cancelled_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    scanner = fakes.FakeScanner()
    services = fakes.services(scanner=scanner)
    app = open_page(monkeypatch, services, PAGE)
    app.file_uploader(key="code-archive-0").upload("shop.zip", b"zip").run()
    app.button(key="start-scan").click().run()
    app.button(key="cancel-scan").click().run()
    app.run()
    assert "The scan was cancelled" in texts(app)
    assert scanner.uploads == {}
    assert [button.key for button in app.button if button.key == "start-scan"]


def test_what_can_be_said_of_the_code_stands_there_blind_spots_first(monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = opened(monkeypatch)
    said = texts(app)
    parts = ["What was not seen", "What stands in the way", "Where the frameworks are", "Until when it can stay"]
    assert sorted(said.index(part) for part in parts) == [said.index(part) for part in parts]
    assert "shop\\.zip: TensorFlow" in said
    assert "3 source files with 14 lines" in said
    assert "Names that are only known when it runs" in said


def test_what_has_to_change_comes_first_with_its_places_and_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = opened(monkeypatch)
    assert app.segmented_control(key="code-severity").value == "must"
    labels = [one.label.replace("\\", "") for one in app.expander]
    assert labels.index("A Session: 2 places") < labels.index("SavedModel: 1 place"), "today's versions before a move"
    app.session_state["code-rule-tf1-session"] = True
    app.run()
    listed = "\n".join(str(one.value) for one in app.code)
    assert "train.py:6\n    with tf.Session() as session:" in listed
    assert "tests/test_train.py:3\n    tf.Session()" in listed


def test_filters_narrow_and_say_when_nothing_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = opened(monkeypatch)
    app.selectbox(key="code-concern").set_value("move").run()
    assert not any("contrib" in one.label for one in app.expander)
    app.selectbox(key="code-area").set_value("tests").run()
    assert any("Session" in one.label for one in app.expander)
    app.text_input(key="code-words").set_value("nowhere").run()
    assert "Nothing fits" in texts(app)


def test_code_without_findings_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    report = the(team_code.scan().report)
    bare = replace(team_code.scan(), report=replace(report, findings=(), blind_spots=()), lines=(), locks=())
    said = texts(opened(monkeypatch, bare)[0])
    assert "Nothing was left out" in said
    assert "No rule found anything" in said
    assert "Hand over what `pip freeze` prints" in said


def test_what_cannot_be_read_says_why_and_what_came_before_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    _, services = opened(monkeypatch)
    scanner = services.code
    assert isinstance(scanner, fakes.FakeScanner)
    scanner.finds = "'shop.zip' is neither a folder nor a zip or tar archive"
    record = the(services.store.decision(the(services.store.latest(SCAN)).subject))
    team_code.read(services, record)
    said = texts(open_page(monkeypatch, services, PAGE, decision=record.id)).replace("\\", "")
    assert "neither a folder nor a zip or tar archive" in said
    assert "What stands in the way" in said


def test_who_only_reads_hands_nothing_over(monkeypatch: pytest.MonkeyPatch) -> None:
    services = fakes.services()
    record = services.store.create_decision(Answers())
    app = open_page(monkeypatch, services, PAGE, decision=record.id)
    assert "Who has the link to edit can do it here" in texts(app)
    assert not app.get("file_uploader")
    team_code.read(services, record)
    app = open_page(monkeypatch, services, PAGE, decision=record.id)
    assert "What stands in the way" in texts(app)
    assert not [button for button in app.button if button.key == "start-scan"]


def test_a_python_that_nobody_says_is_supposed_and_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = opened(monkeypatch)
    assert "Nobody says which Python it runs on. 3.7 is the newest with which most of it installs." in texts(app)
    box = next(one for one in app.selectbox if one.label == "Python")
    box.set_value("3.11").run()
    said = texts(app).replace("\\", "")
    assert "doesn't install on this machine" in said
    assert "What stops it first: tensorflow 1.15.0 has no wheel for Python 3.11" in said


def test_the_brief_says_on_which_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers.model_validate({"constraints": {"python": ["3.12", "3.10"], "os": ["windows"]}})
    app, _ = opened(monkeypatch, answers=answers)
    assert "no wheel for Python 3.10 on Windows" in texts(app).replace("\\", "")


# ------------------------------------------------------------------------------------ what it costs, and what it says


def test_each_way_costs_a_range_with_its_parts_and_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = opened(monkeypatch)
    said = texts(app).replace("\\", "")
    assert "## What each way costs" in said
    assert "finished migrations of other teams" in said, "how such estimates did"
    assert "The plan" in said
    assert app.selectbox(key="code-way-parts").value == "pytorch"
    parts = next(one.value for one in app.table if "P50" in one.value.columns)
    assert list(parts["Part"])[-1] == "All"
    assert (parts["P10"] <= parts["P50"]).all()
    assert (parts["P50"] <= parts["P90"]).all()


def test_what_every_figure_is_multiplied_by_is_there_to_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = opened(monkeypatch)
    assert not [one for one in app.table if "Because" in one.value.columns]
    app.session_state["code-judgements"] = True
    app.run()
    assert not app.exception
    reasons = next(one.value for one in app.table if "Because" in one.value.columns)
    assert next(iter(reasons["What"])) == "Many of a kind"
    assert all(reasons["Because"])


def test_what_is_given_up_costs_nothing_and_is_stored_with_the_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    app, services = opened(monkeypatch)
    assert "Drop is proposed: no program that can be started uses it" in texts(app).replace("\\", "")
    before = next(one.value for one in app.table if "P50" in one.value.columns)
    app.button_group(key="fate-training_loop-").set_value("drop").run()
    assert not app.exception
    record = the(services.store.decision(the(services.store.latest(SCAN)).subject))
    assert record.answers.code_parts == {"training_loop": "drop"}
    after = next(one.value for one in app.table if "P50" in one.value.columns)
    assert list(after["P50"])[-1] < list(before["P50"])[-1]
    assert "Training loop, given up" in list(after["Part"])


def test_answers_are_taken_over_by_a_click_and_never_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers.model_validate({"code": {"framework": "pytorch"}})
    app, services = opened(monkeypatch, answers=answers)
    said = texts(app).replace("\\", "")
    assert "Which code exists already? **TensorFlow 1**" in said
    assert "The brief says: PyTorch." in said
    decision_id = the(services.store.latest(SCAN)).subject
    assert the(services.store.decision(decision_id)).answers.code.framework == "pytorch"
    app.button(key="take-code-framework").click().run()
    assert the(services.store.decision(decision_id)).answers.code.framework == "tensorflow1"
    assert "Which code exists already?" not in texts(app)


def test_who_only_reads_sees_proposals_without_buttons(monkeypatch: pytest.MonkeyPatch) -> None:
    _, services = opened(monkeypatch)
    app = open_page(monkeypatch, services, PAGE, decision=the(services.store.latest(SCAN)).subject)
    assert "What the code answers" in texts(app)
    assert not [one for one in app.button if str(one.key).startswith("take-")]
    assert not [one for one in app.button_group if str(one.key).startswith("fate-")]


def test_the_brief_and_the_recommendation_go_by_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    _, services = opened(monkeypatch, answers=Answers.model_validate({"code": {"framework": "tensorflow1"}}))
    decision_id = the(services.store.latest(SCAN)).subject
    brief = texts(open_page(monkeypatch, services, "brief", decision=decision_id)).replace("\\", "")
    assert "Your code was read on" in brief
    assert "the number of lines below no longer counts" in brief
    said = texts(open_page(monkeypatch, services, "evidence", decision=decision_id))
    assert said
    recommendation = open_page(monkeypatch, services, "recommendation", decision=decision_id)
    recommendation.session_state["criteria-as-table"] = True
    recommendation.run()
    whole = texts(recommendation).replace("\\", "") + str([one.value for one in recommendation.dataframe])
    assert "By a scan of the code" in whole
