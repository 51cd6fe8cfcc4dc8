"""What the widgets of all questions share: stored values in, changes out, and options that few need behind a button."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, NoReturn

import streamlit as st
from pydantic import ValidationError

from advisor import questionnaire
from advisor.answers import Answers
from advisor.questionnaire import Question
from advisor.questionnaire.contradictions import contradictions
from advisor.questionnaire.errors import from_pydantic
from ui.kit import components
from ui.kit.fragments import redraw
from ui.session import saving, state
from ui.views.brief import answer_paths, answers_file, preview

#: What a changed answer changes besides its own widget: names for ``st.rerun``.
FOLLOWS: Final = (*preview.PARTS, answers_file.DOWNLOAD)
QUESTIONS: Final = "questions"  # all of them, as a name for ``st.rerun``
SHOWN_ELSEWHERE: Final = ("project.name", "binds.notes")  # in the header too, and with what is known of the names


def seed(now: state.Current, key: str, value: Any) -> None:
    """Give a widget the stored value when it is new, or when the answers changed elsewhere."""
    if now.fresh or key not in st.session_state:
        st.session_state[key] = value


def save(now: state.Current, path: str, key: str, convert: Callable[[Any], Any] = lambda value: value) -> None:
    """The callback of most widgets."""
    value = convert(st.session_state[key])
    change(now, path, key, lambda answers: answer_paths.write(answers, path, value))


def change(now: state.Current, path: str, key: str, how: Callable[[Answers], Answers]) -> None:
    """Save a change. A value that the model refuses is dropped, and the widget goes back."""
    before = state.current().answers
    try:
        rest_holds = saving.change(now.services, how)
    except ValidationError as error:
        st.session_state.pop(key, None)
        st.toast(components.escape(f"The answer stays as it was: {from_pydantic(error)}."), icon=":material/error:")
        return
    redraw_after(before, rest_holds=rest_holds and path not in SHOWN_ELSEWHERE)


def redraw_after(before: Answers, *, rest_holds: bool, own: Sequence[str] = ()) -> NoReturn:
    """For callbacks: draw what follows from a change of the answers ``before``, and its ``own`` parts of the page.

    What stands beside the questions goes first, also where the answer moves questions: it is what people look at, and
    two dozen questions take longer than all of it. Everything is drawn where the rest doesn't hold.
    """
    if not rest_holds:
        st.rerun()
    redraw((*FOLLOWS, QUESTIONS) if _moves_questions(before) else (*FOLLOWS, *own))


def _moves_questions(before: Answers) -> bool:
    """Whether other questions are asked now than with the answers of ``before``, or other contradictions named."""
    after = state.current().answers
    return questionnaire.asked(before) != questionnaire.asked(after) or contradictions(before) != contradictions(after)


def merged(stored: Sequence[str], shown: Collection[str], chosen: Sequence[str]) -> list[str]:
    """What is stored with what this session added and took away; others may have added and taken away meanwhile."""
    kept = [value for value in stored if value in chosen or value not in shown]
    return [*kept, *(value for value in chosen if value not in stored and value not in shown)]


def options(now: state.Current, question: Question) -> list[str]:
    """The options to choose from: those that few need only once somebody wants to see or has chosen one."""
    return [value for value in question.options if value not in question.more or _has_more(now, question)]


def _has_more(now: state.Current, question: Question) -> bool:
    wanted = bool(st.session_state.get(f"more-of-{question.id}"))
    return wanted or not set(question.more).isdisjoint(question.chosen(now.answers))


def several(
    now: state.Current,
    question: Question,
    key: str,
    chosen: Sequence[str],
    on_change: Callable[[], None],
    *,
    more_label: str = "More",
) -> None:
    """Options of which any number can be taken, and the button for those that few need."""
    seed(now, key, chosen)
    st.pills(
        question.title,
        options(now, question),
        selection_mode="multi",
        format_func=lambda value: question.options.get(value, value),
        key=key,
        label_visibility="collapsed",
        disabled=not now.editable,
        on_change=on_change,
    )
    more(now, question, more_label)


def more(now: state.Current, question: Question, label: str = "More") -> None:
    """What shows the options that few need."""
    if question.more and not _has_more(now, question):
        key = f"more-{question.id}"
        st.button(label, icon=":material/add:", type="tertiary", key=key, on_click=_show_more, args=(question.id,))


def _show_more(question_id: str) -> None:
    st.session_state[f"more-of-{question_id}"] = True
