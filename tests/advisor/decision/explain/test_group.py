"""People who weigh for themselves: each counts alike, and who differs is named with what it hangs on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.knowledge import load
from advisor.model.decision import Decision, Group
from advisor.output.report import to_json, to_markdown
from advisor.questionnaire import AnswersError, dump, examples, parse

KNOWLEDGE = load()
SCANNER = examples()[0].answers
CODE = {"method": "swings", "swings": {"migration": 100}}
SPEED = {"method": "swings", "swings": {"migration": 0, "skills": 20}}


def told(*voices: tuple[str, dict[str, Any]], **more: Any) -> Answers:
    people = [{"name": name, "priorities": priorities} for name, priorities in voices]
    return Answers.model_validate({**SCANNER.model_dump(by_alias=True), "voices": people, **more})


def group(decision: Decision) -> Group:
    assert decision.group is not None
    return decision.group


def p(decision: Decision) -> float:
    return decision.verdict.probability["pytorch"]


def test_without_people_of_their_own_weights_there_is_no_group() -> None:
    assert decide(SCANNER, KNOWLEDGE, samples=500).group is None


@pytest.mark.parametrize("priorities", [{}, CODE, {"ranking": ["skills", "exit"]}])
def test_one_person_alone_is_that_persons_decision(priorities: dict[str, Any]) -> None:
    alone = SCANNER.model_copy(update={"priorities": told(("Ana", priorities)).voices[0].priorities})
    found = decide(told(("Ana", priorities)), KNOWLEDGE, samples=2_000)
    assert p(found) == p(decide(alone, KNOWLEDGE, samples=2_000))
    assert group(found).sentence == "Only Ana has given weights so far."


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=6), st.permutations(range(6)))
def test_everybody_counts_alike_in_whatever_order(swings: list[float], order: list[int]) -> None:
    people = [(f"P{i}", {"method": "swings", "swings": {"migration": s}}) for i, s in enumerate(swings)]
    shuffled = [people[i] for i in order if i < len(people)]
    one, other = (decide(told(*those), KNOWLEDGE, samples=6_000) for those in (people, shuffled))
    shares = [voice.probability["pytorch"] for voice in group(one).voices]
    assert p(one) == pytest.approx(sum(shares) / len(shares), abs=1e-3)  # draws may not divide evenly
    assert p(one) == pytest.approx(p(other), abs=0.05)


def test_whoever_differs_is_named_with_what_it_hangs_on() -> None:
    found = group(decide(told(("Ana", CODE), ("Ben", SPEED), ("Cem", CODE)), KNOWLEDGE, samples=6_000))
    assert found.sentence == "Ben comes out for PyTorch, Ana and Cem for TensorFlow."
    assert [voice.sentence for voice in found.voices if voice.name != "Ben"] == ["", ""]
    ben = found.voices[1]
    assert ben.sentence.startswith("Ben comes out for PyTorch, with a chance of ")
    assert "«Existing code» weighs 0 % for Ben" in ben.sentence
    assert ben.standard_error == pytest.approx(
        (ben.probability["pytorch"] * ben.probability["tensorflow"] / 2_000) ** 0.5
    )


def test_whoever_agrees_is_counted() -> None:
    found = group(decide(told(("Ana", CODE), ("Ben", {})), KNOWLEDGE, samples=2_000))
    assert found.sentence.startswith("Both come out for TensorFlow: Ben with a chance of about ")


def test_common_weights_count_no_longer_once_somebody_has_own_ones() -> None:
    common = decide(told(("Ana", {}), priorities=SPEED), KNOWLEDGE, samples=2_000)
    assert p(common) == p(decide(SCANNER, KNOWLEDGE, samples=2_000))


def test_a_requirement_decides_over_everybodys_head() -> None:
    answers = told(("Ana", CODE), ("Ben", SPEED), targets=[{"id": "llm_serving"}])
    decision = decide(answers, KNOWLEDGE, samples=500)
    assert decision.verdict.strength == "veto"
    assert decision.group is None


def test_the_group_is_passed_on() -> None:
    answers = told(("Ana", CODE), ("Ben <b>", SPEED))
    assert parse(dump(answers)) == answers
    decision = decide(answers, KNOWLEDGE, samples=500)
    assert [voice["name"] for voice in json.loads(to_json(decision))["group"]["voices"]] == ["Ana", "Ben <b>"]
    text = to_markdown(decision, answers)
    assert "## Everybody by themselves" in text
    assert "Ben \\<b\\>" in text
    assert "<b>" not in text.replace("\\<b\\>", "")


@pytest.mark.parametrize(
    ("voices", "path", "said"),
    [
        ("[{name: Ana}, {name: Ana}]", "voices", "named twice: Ana"),
        ("[{name: ''}]", "voices[0].name", "text of 1 to 80 characters"),
        ("[{priorities: {}}]", "voices[0].name", ""),
        ("[{name: Ana}, {name: Ben, priorities: {swings: {speed: 3}}}]", "voices[1].priorities.swings.speed", "skills"),
        ("[{name: Ana, priorities: {ranges: {skills: {low: 60, high: 70}, exit: {low: 50, high: 60}}}}]",
         "voices[0].priorities.ranges", "110 %"),
        ("[{name: Ana, weight: 2}]", "voices[0].weight", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named(voices: str, path: str, said: str) -> None:
    with pytest.raises(AnswersError) as caught:
        parse(f"schema: 1\nvoices: {voices}\n")
    assert str(caught.value).startswith(path)
    assert said in str(caught.value)
