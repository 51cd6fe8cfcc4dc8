"""Whose weights a session looks at and changes: everybody's together, or one person's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import streamlit as st

from advisor.answers import Answers, Priorities, Voice
from ui.session import state

TOGETHER: Final = ""
_WHOSE: Final = "fulcrum_whose_weights"


def name(answers: Answers) -> str:
    """The person's name, or ``TOGETHER``."""
    chosen: str = st.session_state.get(_WHOSE, TOGETHER)
    return chosen if chosen in names(answers) else TOGETHER


def names(answers: Answers) -> list[str]:
    """Everybody who has weights of her or his own."""
    return [voice.name for voice in answers.voices]


def look_at(person: str) -> None:
    """From now on this one's."""
    st.session_state[_WHOSE] = person


def alone(now: state.Current) -> state.Current:
    """The same, as if the person that was chosen were the only one who is asked."""
    chosen = next((voice for voice in now.answers.voices if voice.name == name(now.answers)), None)
    if chosen is None or now.record is None:
        return now
    own = now.answers.model_copy(update={"priorities": chosen.priorities, "voices": ()})
    return replace(now, record=replace(now.record, answers=own))


def with_priorities(answers: Answers, wanted: Priorities, person: str) -> Answers:
    """The answers, with these priorities for ``person``, whom somebody else may have taken out meanwhile."""
    if person == TOGETHER:
        return answers.model_copy(update={"priorities": wanted})
    own = Voice(name=person, priorities=wanted)
    if person not in names(answers):
        return answers.model_copy(update={"voices": (*answers.voices, own)})
    return answers.model_copy(update={"voices": tuple(own if v.name == person else v for v in answers.voices)})


def priorities(answers: Answers, person: str) -> Priorities:
    """Those of ``person``; of somebody who was taken out meanwhile none are left."""
    if person == TOGETHER:
        return answers.priorities
    return next((voice.priorities for voice in answers.voices if voice.name == person), Priorities())
