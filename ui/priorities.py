"""Saving what the team says of its weights; what contradicts itself is refused with its reason."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from advisor.knowledge import criterion_ids, load
from advisor.model import Answers
from advisor.questionnaire import AnswersError
from advisor.questionnaire.priorities import check
from ui import components, state

#: What changed weights change on the recommendation, first what is looked at first: names for ``st.rerun``.
FOLLOWS: Final = ("verdict", "weights", "why", "criteria", "turning", "what-if", "export")
_REFUSED: Final = "fulcrum_refused_priorities"


def change(now: state.Current, **changes: Any) -> None:
    """Save ``changes`` of the priorities; if they can't be meant, keep what was said and remember why."""
    wanted = now.answers.priorities.model_copy(update=changes)
    try:
        check(wanted, criterion_ids(load()))
    except AnswersError as error:
        st.session_state[_REFUSED] = str(error)
        st.rerun(["weights"])
    st.session_state.pop(_REFUSED, None)

    def with_changes(answers: Answers) -> Answers:
        return answers.model_copy(update={"priorities": answers.priorities.model_copy(update=changes)})

    redraw(state.change(now.services, with_changes))


def redraw(rest_holds: bool) -> None:
    """For callbacks: draw what follows from the weights anew, or everything if more has changed."""
    st.rerun(list(FOLLOWS) if rest_holds else "app")


def refused() -> None:
    """Why the last change was not taken, once."""
    if reason := st.session_state.pop(_REFUSED, ""):
        st.error(components.escape(reason), title="Not saved")
