"""Brief: questions, examples, autosave, files, read-only visitors, changes from elsewhere."""

from __future__ import annotations

import pytest

from advisor import questionnaire
from advisor.answers import Answers, Project, Target
from advisor.ports import Services
from tests import fakes
from tests.stores import the
from tests.ui.driving import open_page, texts
from ui.kit import components
from ui.kit.fragments import redraw
from ui.views.brief import answer_paths, preview, widgets


@pytest.fixture
def services() -> Services:
    return fakes.services()


def test_every_question_is_asked_with_its_reason(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    said = texts(open_page(monkeypatch, services))
    first = questionnaire.asked(Answers())
    for question in questionnaire.questions():
        assert (f"**{components.escape(question.title)}**" in said) == (question in first)
        assert (components.escape(question.why) in said) or question not in first
    assert "As it stands" in said


def test_a_question_opens_with_the_answer_that_makes_it_matter_and_keeps_its_answer_in_sight(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services)
    app.button_group(key="answer-stage").set_value("prototype").run()
    assert "answer-constraints.wsl" not in {str(group.key) for group in app.button_group}
    app.button_group(key="answer-constraints.os").set_value(["windows", "linux"]).run()
    app.button_group(key="answer-constraints.wsl").set_value(
        False
    ).run().run()  # a change that opens nothing redraws parts of the page alone
    stored = the(services.store.decision(app.query_params["decision"])).answers.constraints
    assert (set(stored.os), stored.wsl) == ({"windows", "linux"}, False)
    app.button_group(key="answer-constraints.os").set_value(["linux"]).run().run()
    assert app.button_group(key="answer-constraints.wsl").value is False
    app.button_group(key="answer-constraints.wsl").set_value(None).run()
    assert "answer-constraints.wsl" not in {str(group.key) for group in app.button_group}


@pytest.mark.parametrize("systems", [["linux"], ["windows", "linux"]], ids=["moves nothing", "opens a question"])
def test_what_follows_from_an_answer_is_drawn_before_the_questions(
    monkeypatch: pytest.MonkeyPatch, services: Services, systems: list[str]
) -> None:
    record = services.store.create_decision(answer_paths.write(Answers(), "stage", "prototype"))
    app, drawn = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key), list[str]()
    monkeypatch.setattr(widgets, "redraw", lambda names: (drawn.extend(names), redraw(names)))
    app.button_group(key="answer-constraints.os").set_value(systems).run()
    assert tuple(drawn[: len(preview.PARTS)]) == preview.PARTS
    assert ("questions" in drawn) == ("windows" in systems)
    assert ("answer-constraints.wsl" in {str(group.key) for group in app.button_group}) == ("windows" in systems)


def test_answers_that_contradict_each_other_are_named_at_both_questions_until_one_goes(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    record = services.store.create_decision(answer_paths.write(Answers(), "hardware.train", ["apple"]))
    app = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    told = "Apple GPUs are used under macOS alone"
    assert told not in texts(app)
    app.button_group(key="answer-constraints.os").set_value(["linux"]).run()
    assert texts(app).count(told) == 2
    app.button_group(key="answer-constraints.os").set_value(["linux", "macos"]).run()
    assert told not in texts(app)


def test_below_ones_own_words_stands_what_is_known_of_each_name(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    record = services.store.create_decision(Answers(stage="scaling"))
    app = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    app.text_area(key="answer-binds.notes").set_value("TFP and Zorblax are given").run()
    said = texts(app)
    assert "**TFP**" in said
    assert "TensorFlow Probability" in said
    assert components.escape("Nothing is known here of «Zorblax».") in said


def test_a_settled_brief_says_so_at_once(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    answers = Answers.model_validate({"hardware": {"train": ["nvidia"]}, "constraints": {"os": ["windows"]}})
    record = services.store.create_decision(answers)
    app = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    assert "You may stop answering here" not in texts(app)
    app.button_group(key="answer-constraints.wsl").set_value(False).run()
    assert "You may stop answering here" in texts(app)


def test_what_few_need_stands_behind_a_button_until_it_is_chosen(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    record = services.store.create_decision(Answers(stage="prototype"))
    app = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    for question in (question for question in questionnaire.asked(Answers()) if question.more):
        app.run()
        before = app.button_group(key=f"answer-{question.id}").options
        assert len(before) == len(question.options) - len(question.more)
        app.button(key=f"more-{question.id}").click().run()
        assert len(app.button_group(key=f"answer-{question.id}").options) == len(question.options)
    app.run()
    app.button_group(key="answer-targets").set_value(["tpu"]).run()
    app.run()
    app.button_group(key="answer-code.framework").set_value("both").run()
    other = open_page(monkeypatch, services, decision=record.id)
    assert other.button_group(key="answer-targets").value == ["tpu"]
    assert other.button_group(key="answer-code.framework").value == "both"
    stored = the(services.store.decision(record.id)).answers
    assert ([target.id for target in stored.targets], stored.code.framework) == (["tpu"], "both")


def test_choices_of_two_people_at_once_are_kept_both(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers(stage="prototype"))
    one = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    other = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    one.button_group(key="answer-hardware.train").set_value(["nvidia"]).run()
    other.button_group(key="answer-hardware.train").set_value(["tpu"]).run()
    stored = the(services.store.decision(record.id))
    assert set(stored.answers.hardware.train) == {"nvidia", "tpu"}


def test_numbers_with_decimals_and_words_of_ones_own_are_kept(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    record = services.store.create_decision(Answers(stage="scaling"))
    app = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    app.number_input(key="answer-project.data_gb").set_value(0.5).run().run()
    app.number_input(key="answer-project.parameters").set_value(1_200_000_000).run().run()
    app.text_area(key="answer-binds.notes").set_value("Triton").run()
    stored = the(services.store.decision(record.id)).answers
    assert (stored.project.data_gb, stored.project.parameters, stored.binds.notes) == (0.5, 1_200_000_000, "Triton")


def test_the_first_answer_makes_the_decision_and_the_next_ones_change_it(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services)
    assert "decision" not in app.query_params
    app.text_input(key="answer-project.name").set_value("Shelf scanner").run()
    decision_id = app.query_params["decision"]
    app.button_group(key="answer-stage").set_value("prototype").run()
    assert app.query_params["decision"] == decision_id
    stored = the(services.store.decision(decision_id))
    assert stored.answers == Answers(project=Project(name="Shelf scanner"), stage="prototype")


@pytest.mark.parametrize("example", questionnaire.examples(), ids=lambda example: example.id)
def test_an_example_fills_everything_and_can_be_undone(
    monkeypatch: pytest.MonkeyPatch, services: Services, example: questionnaire.Example
) -> None:
    record = services.store.create_decision(Answers(project=Project(name="Mine")))
    app = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    app.button(key=f"use-example-{example.id}").click().run()
    assert not app.exception
    stored = the(services.store.decision(record.id))
    assert stored.answers == example.answers
    assert app.text_input(key="answer-project.name").value == example.answers.project.name
    app.button(key="undo").click().run()
    assert app.text_input(key="answer-project.name").value == "Mine"


def test_a_name_that_cannot_be_shown_is_refused_with_its_character(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    record = services.store.create_decision(Answers(project=Project(name="Mine")))
    app = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    app.text_input(key="answer-project.name").set_value("exe\u202egnp").run()
    assert "holds U+202E (RIGHT-TO-LEFT OVERRIDE); allowed" in app.toast[0].value.replace("\\", "")
    assert app.text_input(key="answer-project.name").value == "Mine"


def test_an_answer_moves_the_recommendation(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services)
    before = [html.value for html in app.html if "f-odds" in str(html.value)]
    app.select_slider(key="answer-team.skills.tensorflow").set_value("expert").run()
    app.select_slider(key="answer-team.skills.pytorch").set_value("none").run()
    after = [html.value for html in app.html if "f-odds" in str(html.value)]
    assert before != after


def test_targets_take_importance_and_latency(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services)
    app.button_group(key="answer-targets").set_value(["android"]).run()
    app.select_slider(key="importance-android").set_value("essential").run()
    app.toggle(key="latency-android").set_value(True).run()
    app.number_input(key="latency-target-android").set_value(30.0).run()
    stored = the(services.store.decision(app.query_params["decision"]))
    assert stored.answers.targets == (
        Target.model_validate({"id": "android", "importance": 5, "latency_ms": {"target": 30, "limit": 100}}),
    )


def test_an_answer_can_be_taken_back(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(answer_paths.write(Answers(), "team.skills.pytorch", 3))
    app = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    assert app.select_slider(key="answer-team.skills.pytorch").value == "solid"
    app.select_slider(key="answer-team.skills.pytorch").set_value("not said").run()
    stored = the(services.store.decision(record.id))
    assert stored.answers == Answers()


def test_visitors_read_and_cannot_change(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers(project=Project(name="Mine")))
    app = open_page(monkeypatch, services, decision=record.id)
    widgets = [*app.text_input, *app.select_slider, *app.number_input, *app.button_group, *app.toggle]
    assert widgets
    assert all(widget.disabled for widget in widgets)
    assert not [button for button in app.button if str(button.key).startswith("use-example")]


def test_changes_from_elsewhere_reach_the_widgets(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers(project=Project(name="Before")))
    app = open_page(monkeypatch, services, decision=record.id)
    assert app.text_input(key="answer-project.name").value == "Before"
    services.store.change_answers(record.id, lambda _: Answers(project=Project(name="After")))
    app.run()
    assert app.text_input(key="answer-project.name").value == "After"


def test_two_owners_do_not_undo_each_other(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers())
    one = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    other = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    one.text_input(key="answer-project.name").set_value("Named by one").run()
    other.button_group(key="answer-stage").set_value("scaling").run()
    stored = the(services.store.decision(record.id))
    assert (stored.answers.project.name, stored.answers.stage) == ("Named by one", "scaling")
    assert other.text_input(key="answer-project.name").value == "Named by one"


def test_an_answers_file_is_taken_over(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    example = questionnaire.examples()[0]
    app = open_page(monkeypatch, services)
    app.file_uploader(key="answers-file").upload("answers.yaml", questionnaire.dump(example.answers).encode()).run()
    stored = the(services.store.decision(app.query_params["decision"]))
    assert stored.answers == example.answers


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"schema: 1\nteam: {skills: {pytorch: 9}}", "team"),
        (b"schema: 1\nnonsense: true", "nonsense"),
        (b"schema: 1\ntargets: [{id: moon}]", "moon"),
        (b"", "empty"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"#" * 200_000, "200,000 bytes"),
    ],
    ids=["skill of 9", "unknown key", "unknown target", "empty", "not text", "too large"],
)
def test_a_bad_file_is_refused_with_its_reason_and_nothing_is_stored(
    monkeypatch: pytest.MonkeyPatch, services: Services, content: bytes, said: str
) -> None:
    app = open_page(monkeypatch, services)
    app.file_uploader(key="answers-file").upload("answers.yaml", content).run()
    assert not app.exception
    assert len(app.error) == 1
    assert said in app.error[0].value.replace("\\", "")
    assert "decision" not in app.query_params


def test_the_teams_skills_come_from_a_csv_file(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers(stage="prototype"))
    app = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    app.file_uploader(key="members-file").upload("team.csv", b"name,pytorch,tensorflow\nAda,4,2\nGrace,1,\n").run()
    assert not app.exception
    stored = the(services.store.decision(record.id))
    assert [(m.name, m.pytorch, m.tensorflow) for m in stored.answers.team.members] == [
        ("Ada", 4, 2),
        ("Grace", 1, None),
    ]
    assert "medians of 2 members" in texts(app)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"name,pytorch\nAda,9\n", "pytorch"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"", "the columns name"),
        (b"who,what\nAda,3\n", "name"),
    ],
)
def test_a_csv_file_that_cannot_be_meant_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, services: Services, content: bytes, why: str
) -> None:
    record = services.store.create_decision(Answers(stage="prototype"))
    app = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key)
    app.file_uploader(key="members-file").upload("team.csv", content).run()
    assert why in "\n".join(str(error.value) for error in app.error)
    kept = the(services.store.decision(record.id))
    assert kept.answers == record.answers
