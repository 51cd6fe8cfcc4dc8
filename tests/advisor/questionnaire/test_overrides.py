"""Facts that a team sets itself: what is taken and refused, what they replace, and that they are never silent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.__main__ import main
from advisor.answers import Answers, Confidence, Override
from advisor.decision.decide import decide
from advisor.decision.evidence import Assessment, assess
from advisor.knowledge import load
from advisor.knowledge.criteria import JudgementSpec
from advisor.output.report import to_json, to_markdown
from advisor.questionnaire import AnswersError, dump, examples, parse
from advisor.questionnaire.overrides import added, judged, removed, taken
from advisor.storage.rows import answers_json
from probes.schema import FRAMEWORKS, Framework
from tests.advisor.changed import OTHER, swapped, swapped_answers

KNOWLEDGE = load()
TODAY = date(2026, 11, 23)
SCANNER, RESEARCH, _ = (example.answers for example in examples())
JUDGED = sorted(judged(KNOWLEDGE))
LAW = settings(max_examples=20, deadline=None)


def override(
    criterion: str = "maintenance",
    framework: Framework = "tensorflow",
    level: int = 5,
    confidence: Confidence = "high",
    day: date = date(2026, 11, 20),
) -> Override:
    return Override(
        criterion=criterion,
        framework=framework,
        level=level,
        confidence=confidence,
        statement="We pay for TensorFlow support until 2029",
        author="Ada",
        date=day,
    )


def told(*overrides: Override, **content: Any) -> Answers:
    return Answers.model_validate({"schema": 1, **content, "overrides": overrides})


def row(answers: Answers, name: str = "maintenance") -> Assessment:
    return next(r for r in assess(answers, KNOWLEDGE) if r.id == name)


overrides_ = st.lists(
    st.builds(
        override,
        st.sampled_from(JUDGED), st.sampled_from(FRAMEWORKS), st.integers(1, 5),
        st.sampled_from(["high", "medium", "low"]), st.dates(date(2020, 1, 1), TODAY),
    ),
    max_size=5, unique_by=lambda o: o.key,
)  # fmt: skip


# ------------------------------------------------------------------------------------------------ the answers file


@LAW
@given(overrides_)
def test_what_is_written_reads_back(overrides: list[Override]) -> None:
    answers = told(*overrides)
    assert parse(dump(answers), today=TODAY) == answers
    assert Answers.model_validate_json(answers_json(answers)) == answers


def test_it_is_written_as_one_would_by_hand() -> None:
    answers = parse(
        """
schema: 1
overrides:
  - {criterion: governance, framework: pytorch, level: 4, confidence: low, statement: no, author: 007, date: 2026-11-20}
""",
        today=TODAY,
    )
    (found,) = answers.overrides
    assert (found.statement, found.author, found.date) == ("no", "007", date(2026, 11, 20))
    assert (found.level, found.confidence) == (4, "low")


def test_answers_stored_before_there_were_overrides_still_load() -> None:
    before = '{"schema": 1, "stage": "prototype", "targets": [{"id": "ios", "importance": 5, "latency_ms": null}]}'
    assert Answers.model_validate_json(before).overrides == ()


GOOD = "{criterion: governance, framework: pytorch, level: 4, statement: We pay, author: Jo, date: 2026-11-20}"


@pytest.mark.parametrize(
    ("good", "bad", "path", "says"),
    [
        ("governance", "colour", "criterion", "'colour' is not allowed; allowed: platforms, "),
        ("governance", "memory", "criterion", "'memory' is not judged from facts; allowed: platforms, "),
        ("governance", "deployment.ios", "criterion", "is not allowed"),
        ("governance", f"{'x' * 61}", "criterion", "has 61 characters; allowed: printable text of 1 to 60"),
        ("pytorch", "jax", "framework", "'jax' is not allowed; allowed: pytorch, tensorflow"),
        ("level: 4", "level: 0", "level", "0 is not allowed; allowed: whole numbers from 1 to 5"),
        ("level: 4", "level: 6", "level", "6 is not allowed"),
        ("level: 4", "level: 3.5", "level", "3.5 is not allowed"),
        ("level: 4", "level: '4'", "level", "'4' is not allowed"),
        ("level: 4, ", "", "level", "missing; allowed: whole numbers from 1 to 5"),
        ("We pay", "''", "statement", "allowed: printable text of 1 to 500 characters"),
        ("We pay", "'  '", "statement", "allowed: printable text of 1 to 500 characters"),
        ("We pay", "x" * 501, "statement", "allowed: printable text of 1 to 500 characters"),
        ("statement: We pay, ", "", "statement", "missing"),
        ("author: Jo", "author: ''", "author", "allowed: printable text of 1 to 120 characters"),
        ("2026-11-20", "2026-11-25", "date", "2026-11-25 is still to come; allowed: days up to 2026-11-24"),
        ("2026-11-20", "2026-02-30", "date", "allowed: a day, as 2026-11-23"),
        ("2026-11-20", "1700000000", "date", "allowed: a day, as 2026-11-23"),
        ("author: Jo", "author: Jo, confidence: sure", "confidence", "'sure' is not allowed; allowed: high, medium"),
        ("author: Jo", "author: Jo, mood: good", "mood", "unknown key; allowed: criterion, framework"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named(good: str, bad: str, path: str, says: str) -> None:
    with pytest.raises(AnswersError) as caught:
        parse(f"schema: 1\noverrides: [{GOOD.replace(good, bad)}]", today=TODAY)
    assert caught.value.path == f"overrides[0].{path}"
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_level_is_set_once() -> None:
    with pytest.raises(AnswersError, match=r"overrides: .*set twice: overrides\.governance\.pytorch"):
        parse(f"schema: 1\noverrides: [{GOOD}, {GOOD}]", today=TODAY)


def test_without_a_day_none_is_too_late() -> None:
    """What is stored was checked when it came; a file is held against the day on which it is read."""
    assert parse(f"schema: 1\noverrides: [{GOOD.replace('2026', '2999')}]").overrides


def test_the_command_line_holds_it_against_its_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(dump(told(override())), encoding="utf-8")
    assert main(["decide", str(file), "--on", "2026-11-23"]) == 0
    assert json.loads(capsys.readouterr().out)["overrides"][0]["author"] == "Ada"
    assert main(["decide", str(file), "--on", "2026-11-01"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.endswith("overrides[0].date: 2026-11-20 is still to come; allowed: days up to 2026-11-02\n")


def test_a_form_sets_replaces_and_removes() -> None:
    first = taken(override().model_dump(), KNOWLEDGE, TODAY)
    answers = added(added(Answers(), first), override("security"))
    again = override(level=2)
    assert added(answers, again).overrides == (again, override("security"))
    assert removed(answers, first.key).overrides == (override("security"),)
    with pytest.raises(AnswersError, match="level"):
        taken({**first.model_dump(), "level": None}, KNOWLEDGE, TODAY)
    with pytest.raises(AnswersError, match="not judged"):
        taken({**first.model_dump(), "criterion": "skills"}, KNOWLEDGE, TODAY)


# ------------------------------------------------------------------------------------------------ what it replaces


def test_it_replaces_the_level_of_its_side_and_leaves_the_other() -> None:
    before, after = row(Answers()).values.cells(), row(told(override(day=KNOWLEDGE.today))).values.cells()
    assert after["pytorch"] == before["pytorch"]
    assert (after["tensorflow"].low, after["tensorflow"].likely, after["tensorflow"].high) == (0.875, 1, 1)


def test_it_shows_author_and_day_as_evidence_of_its_own_kind() -> None:
    found = row(told(override()))
    first = found.evidence[0]
    assert (first.kind, first.id, first.date) == ("team", "overrides.maintenance.tensorflow", "2026-11-20")
    assert "Ada" in first.text
    assert "We pay for TensorFlow support until 2029" in first.text
    value = next(spec.value for spec in KNOWLEDGE.criteria if spec.id == "maintenance")
    assert isinstance(value, JudgementSpec)
    assert f"TensorFlow 5 of 5, «{value.anchors[4]}»" in first.text
    judged_ = next(item for item in found.evidence if item.kind == "judgement")
    assert "PyTorch" in judged_.text
    assert "TensorFlow" not in judged_.text.partition("«")[0], "its own level is no longer judged"
    assert "Your team sets TensorFlow to 5 of 5: We pay" in found.summary


def test_both_sides_set_leave_nothing_to_the_facts() -> None:
    found = row(told(override(), override(framework="pytorch", level=1)))
    assert {item.kind for item in found.evidence} == {"team"}
    assert found.status == "answered"
    assert found.open_questions == ()


def test_a_case_that_no_answer_decides_stays_open_on_the_other_side() -> None:
    one = row(told(override("hardware")), "hardware")
    assert one.status == "unknown"
    assert one.values.cells()["pytorch"].reason
    assert one.open_questions == ("hardware.train",)
    both = row(told(override("hardware"), override("hardware", "pytorch")), "hardware")
    assert both.status == "answered"
    assert not both.open_questions


def test_it_ages_too() -> None:
    young, old = (row(told(override(day=KNOWLEDGE.today - timedelta(days=days)))) for days in (0, 800))
    assert old.values.cells()["tensorflow"].low < young.values.cells()["tensorflow"].low
    assert not young.evidence[0].stale
    assert old.evidence[0].stale
    assert "stale: 26.3 months old, half-life 12" in old.evidence[0].text


@LAW
@given(st.sampled_from(JUDGED), st.sampled_from(FRAMEWORKS), st.integers(1, 4))
def test_a_better_level_never_lowers_its_sides_probability(criterion: str, side: Framework, level: int) -> None:
    low, high = (
        decide(told(override(criterion, side, at)), KNOWLEDGE, samples=500).verdict.probability[side]
        for at in (level, level + 1)
    )
    assert low <= high


@LAW
@given(overrides_)
def test_swapping_the_frameworks_swaps_what_was_set(overrides: list[Override]) -> None:
    answers = told(*overrides, stage="scaling", team={"skills": {"pytorch": 1, "tensorflow": 4}})
    turned = swapped_answers(answers).model_copy(
        update={"overrides": tuple(o.model_copy(update={"framework": OTHER[o.framework]}) for o in overrides)}
    )
    rows = assess(answers, KNOWLEDGE)
    assert rows
    for one, other in zip(rows, assess(turned, swapped(KNOWLEDGE)), strict=True):
        assert one.values.mean() == pytest.approx(tuple(reversed(other.values.mean()))), one.id


# ------------------------------------------------------------------------------------------------ never silent


def test_the_answer_says_what_the_team_set() -> None:
    decision = decide(told(override(), override("security", "pytorch", 4)), KNOWLEDGE)
    (said,) = decision.assumptions
    assert said.startswith("2 facts were set by your team and not by dated sources: TensorFlow on «")
    assert "(5 of 5, Ada, 2026-11-20)" in said
    assert said in decision.verdict.advice
    assert decide(Answers(), KNOWLEDGE).assumptions == ()


def test_many_are_counted_and_some_named() -> None:
    (said,) = decide(told(*(override(name) for name in JUDGED if name != "hardware")), KNOWLEDGE).assumptions
    assert said.startswith(f"{len(JUDGED) - 1} facts were set by your team")
    assert f"and {len(JUDGED) - 4} more." in said


def test_what_replaces_nothing_is_said_and_not_counted() -> None:
    """On TPUs the way there decides, not a judgement; and a criterion may have gone since the answers were stored."""
    gone = override().model_copy(update={"criterion": "colour"})
    decision = decide(told(override("hardware"), gone, hardware={"train": "tpu"}), KNOWLEDGE)
    assert any(said.startswith("2 facts that your team set don't count, because") for said in decision.assumptions)
    assert any("«colour»" in said for said in decision.assumptions)
    plain = decide(told(hardware={"train": "tpu"}), KNOWLEDGE)
    assert decision.verdict.probability == plain.verdict.probability


def test_a_veto_says_it_too() -> None:
    decision = decide(told(override(), targets=[{"id": "llm_serving"}]), KNOWLEDGE)
    assert decision.verdict.strength == "veto"
    assert "1 fact was set by your team" in decision.verdict.advice
    no_way = replace(KNOWLEDGE, routes={target: dict.fromkeys(FRAMEWORKS, ()) for target in KNOWLEDGE.routes})
    nobody = decide(told(override(), targets=[{"id": "ios"}]), no_way)
    assert nobody.verdict.framework is None
    assert "1 fact was set by your team" in nobody.verdict.advice


def test_reports_carry_it() -> None:
    answers = told(override("research", "tensorflow", 4).model_copy(update={"statement": "<b>We</b> *wrote* it"}))
    decision = decide(answers, KNOWLEDGE)
    content = json.loads(to_json(decision))
    assert content["overrides"] == [answers.overrides[0].model_dump(mode="json")]
    assert content["day"] == KNOWLEDGE.today.isoformat()
    kinds = {item["kind"] for line in content["criteria"] if line["id"] == "research" for item in line["evidence"]}
    assert "team" in kinds
    text = to_markdown(decision, answers)
    assert "## Set by the team for this decision" in text
    assert "4 of 5, high confidence. \\<b\\>We\\</b\\> \\*wrote\\* it (Ada, 2026-11-20)." in text
    assert "Set by the team" not in to_markdown(decide(SCANNER, KNOWLEDGE), SCANNER)


def test_it_can_turn_the_answer_by_degrees() -> None:
    """A PyTorch lead shrinks with each level that the team gives TensorFlow."""
    leads = []
    for level in (1, 3, 5):
        own = [override(name, "tensorflow", level) for name in ("maintenance", "ecosystem", "research")]
        answers = RESEARCH.model_copy(update={"overrides": tuple(own)})
        leads.append(decide(answers, KNOWLEDGE).verdict.probability["pytorch"])
    assert leads == sorted(leads, reverse=True)
    assert leads[0] - leads[-1] > 0.02
