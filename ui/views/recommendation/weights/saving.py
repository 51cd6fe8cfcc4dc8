"""Saving what the team says of its weights; what contradicts itself is refused with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

import streamlit as st

from advisor.answers import Answers, Priorities
from advisor.knowledge import criterion_ids, load
from advisor.questionnaire import AnswersError
from advisor.questionnaire.priorities import check
from ui.kit import components, paint_order
from ui.kit.fragments import redraw as redraw_parts
from ui.session import saving, state
from ui.views.recommendation.weights import scope

#: What changed weights change on the recommendation, by name: what is looked at first, and what is mostly charts.
FIRST: Final = ("verdict", "weights", "export")
THEN: Final = ("why", "criteria", "turning", "what-if", "export")
_EPOCH: Final = "fulcrum_weights_epoch"
_TAKEN_OVER: Final = "fulcrum_weights_taken_over"
_REFUSED: Final = "fulcrum_refused_priorities"


def stored() -> Priorities:
    """For callbacks: whose priorities are looked at, as they are stored now; a script run's are as old as its page."""
    answers = state.current().answers
    return scope.priorities(answers, scope.name(answers))


def change(now: state.Current, how: Callable[[Priorities], Mapping[str, Any]]) -> None:
    """Save what ``how`` changes of whose priorities are shown; what can't be meant is refused, and what was said stays.

    ``how`` gets them as they are stored at that moment: somebody else may have moved another weight meanwhile.
    """
    person = scope.name(state.current().answers)

    def with_changes(answers: Answers) -> Answers:
        own = scope.priorities(answers, person)
        wanted = own.model_copy(update=dict(how(own)))
        check(wanted, criterion_ids(load()))
        return scope.with_priorities(answers, wanted, person)

    st.session_state.pop(_REFUSED, None)
    try:
        rest_holds = saving.change(now.services, with_changes)
    except AnswersError as error:
        refuse(str(error))
    redraw(rest_holds)


def refuse(reason: str) -> NoReturn:
    """For callbacks: change nothing, and say why."""
    st.session_state[_REFUSED] = reason
    begin_anew()
    redraw_parts(["weights"])


def redraw(rest_holds: bool) -> NoReturn:
    """For callbacks: draw what follows from the weights anew, or everything if more has changed."""
    if rest_holds:
        paint_order.first(FIRST, then=THEN)
    st.rerun()


def epoch(now: state.Current) -> int:
    """Part of the keys of widgets that start from what is stored: another one when that changed behind their back.

    Setting such a widget's value instead goes wrong in a keyed rerun: the browser isn't told of it, and says the old
    value again.
    """
    if now.fresh and now.record is not None and st.session_state.get(_TAKEN_OVER) != now.record.version:
        st.session_state[_TAKEN_OVER] = now.record.version
        begin_anew()
    return int(st.session_state.get(_EPOCH, 0))


def begin_anew() -> None:
    """Let widgets start again from what is stored."""
    st.session_state[_EPOCH] = st.session_state.get(_EPOCH, 0) + 1


def refused() -> None:
    """Why the last change was not taken, once."""
    if reason := st.session_state.pop(_REFUSED, ""):
        st.error(components.escape(reason), title="Not saved")
