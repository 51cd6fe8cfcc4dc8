"""Differences between two sets of answers: found answer by answer, and enough to turn one set into the other."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.answers import Answers, HardwareUse, Latency, Member, Project, Target, Team, Voice
from advisor.questionnaire.changes import differences, in_words, with_answer

NAMES = st.sampled_from(["Ann", "B. [x].y", "› and"])


def _once(entries: list[object], key: str) -> tuple[object, ...]:
    return tuple({getattr(entry, key): entry for entry in entries}.values())


ANSWERS = st.builds(
    Answers,
    project=st.builds(Project, name=st.sampled_from(["", "Shelf", "Other"]), domain=st.sampled_from([None, "vision"])),
    stage=st.sampled_from([None, "prototype", "scaling"]),
    targets=st.lists(
        st.builds(
            Target,
            id=st.sampled_from(["android", "browser", "ios"]),
            importance=st.integers(1, 5),
            latency_ms=st.sampled_from([None, Latency(target=5, limit=50)]),
        ),
        max_size=3,
    ).map(lambda found: _once(found, "id")),
    hardware=st.builds(HardwareUse, train=st.lists(st.sampled_from(["cpu", "nvidia", "tpu"]), unique=True).map(tuple)),
    team=st.builds(
        Team,
        size=st.sampled_from([None, 3]),
        skills=st.dictionaries(st.sampled_from(["pytorch", "tensorflow"]), st.integers(0, 5)),
        members=st.lists(st.builds(Member, name=NAMES, pytorch=st.sampled_from([None, 2])), max_size=2).map(
            lambda found: _once(found, "name")
        ),
    ),
    voices=st.lists(st.builds(Voice, name=NAMES), max_size=2).map(lambda found: _once(found, "name")),
)


def _in_any_order(answers: Answers) -> object:
    found = answers.model_dump(mode="json")
    for entries, key in ((found["targets"], "id"), (found["voices"], "name"), (found["team"]["members"], "name")):
        entries.sort(key=lambda entry, key=key: entry[key])
    found["hardware"]["train"].sort()
    return found


@given(ANSWERS)
def test_the_same_answers_do_not_differ(answers: Answers) -> None:
    assert differences(answers, answers) == ()


@given(ANSWERS, ANSWERS)
def test_differences_turn_one_into_the_other(before: Answers, after: Answers) -> None:
    # What belongs to an entry comes before the entry goes, and after it came.
    found = sorted(differences(before, after), key=lambda d: len(d.path) if d.after is not None else -len(d.path))
    kept = [d for d in found if not any(o.after is None and o.path == d.path[: len(o.path)] != d.path for o in found)]
    reached = reduce(lambda answers, d: with_answer(answers, d.path, d.after), kept, before)
    assert _in_any_order(reached) == _in_any_order(after)


@given(ANSWERS, ANSWERS)
def test_each_names_both_values(before: Answers, after: Answers) -> None:
    there, back = differences(before, after), differences(after, before)
    assert {(d.path, d.before, d.after) for d in map(_frozen, there)} == {
        (d.path, d.after, d.before) for d in map(_frozen, back)
    }


def _frozen(difference: object) -> object:
    return difference.__class__(difference.path, repr(difference.before), repr(difference.after))  # type: ignore[attr-defined, call-arg]


def test_an_answer_of_an_entry_that_is_gone_is_refused() -> None:
    with pytest.raises(LookupError, match="android isn't there any more"):
        with_answer(Answers(targets=(Target(id="ios"),)), ("targets", ("android",), "importance"), 5)


def test_paths_are_said_in_words() -> None:
    assert in_words(("targets", ("android",), "latency_ms", "limit")) == "targets › android › latency ms › limit"
