"""Questions as widgets: drawn from what the questionnaire says of them, saved at each change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from advisor.answers import Answers
from advisor.knowledge.conditions import PATHS
from advisor.questionnaire import Question
from advisor.questionnaire.contradictions import contradictions
from ui.kit import components, links
from ui.session import state
from ui.views.brief import answer_paths, known_names, targets, widgets

FEW: Final = 5  # up to so many options stand in one segmented control; more are pills
SKILLS: Final = {0: "none", 1: "has seen it", 2: "basic", 3: "solid", 4: "strong", 5: "expert"}
NOT_SAID: Final = "not said"
YES_NO: Final = {True: "Yes", False: "No"}


def ask(now: state.Current, question: Question) -> None:
    """One question with its reason and its widget."""
    wanted = links.wanted("brief")
    with st.container(key=f"ask-{question.id}", gap="xxsmall"):
        pointer = ":material/arrow_right_alt: " if wanted == question.id else ""
        st.markdown(f"{pointer}**{components.escape(question.title)}**")
        st.caption(components.escape(question.why))
        _WIDGETS[question.kind](now, question)
        for found in contradictions(now.answers):
            if question.id in found.at:
                st.warning(components.escape(f"{found.say} {found.resolve}"), icon=":material/sync_problem:")


def _text(now: state.Current, question: Question) -> None:
    key = f"answer-{question.id}"
    widgets.seed(now, key, answer_paths.read(now.answers, question.id) or "")
    st.text_input(
        question.title,
        key=key,
        max_chars=120,
        label_visibility="collapsed",
        placeholder="Give it a name" if question.id == "project.name" else "",
        disabled=not now.editable,
        on_change=widgets.save,
        args=(now, question.id, key),
    )


def _notes(now: state.Current, question: Question) -> None:
    key = f"answer-{question.id}"
    widgets.seed(now, key, answer_paths.read(now.answers, question.id) or "")
    st.text_area(
        question.title,
        key=key,
        max_chars=300,
        height="content",
        label_visibility="collapsed",
        placeholder="TensorFlow Probability, Triton, a Coral board",
        disabled=not now.editable,
        on_change=widgets.save,
        args=(now, question.id, key),
    )
    known_names.show(now)


def _several(now: state.Current, question: Question) -> None:
    key = f"answer-{question.id}"
    chosen = answer_paths.read(now.answers, question.id) or []
    widgets.several(now, question, key, chosen, lambda: _save_several(now, question.id, key))


def _save_several(now: state.Current, path: str, key: str) -> None:
    shown, chosen = answer_paths.read(state.current().answers, path) or [], list(st.session_state[key])

    def choose(answers: Answers) -> Answers:
        return answer_paths.write(answers, path, widgets.merged(answer_paths.read(answers, path) or [], shown, chosen))

    widgets.change(now, path, key, choose)


def _yes_no(now: state.Current, question: Question) -> None:
    key = f"answer-{question.id}"
    widgets.seed(now, key, answer_paths.read(now.answers, question.id))
    st.segmented_control(
        question.title,
        list(YES_NO),
        format_func=YES_NO.__getitem__,
        key=key,
        label_visibility="collapsed",
        disabled=not now.editable,
        on_change=widgets.save,
        args=(now, question.id, key),
    )


def _choice(now: state.Current, question: Question) -> None:
    key = f"answer-{question.id}"
    labels = question.options
    widgets.seed(now, key, answer_paths.read(now.answers, question.id))
    widget = st.segmented_control if len(labels) <= FEW else st.pills
    widget(
        question.title,
        widgets.options(now, question),
        format_func=lambda value: labels.get(value, value),
        key=key,
        label_visibility="collapsed",
        disabled=not now.editable,
        on_change=widgets.save,
        args=(now, question.id, key),
    )
    widgets.more(now, question)


def _number(now: state.Current, question: Question) -> None:
    key = f"answer-{question.id}"
    widgets.seed(now, key, answer_paths.read(now.answers, question.id))
    kind: Callable[[int | None], float | None] = _whole if PATHS[question.id].whole else _decimal
    st.number_input(
        question.title,
        min_value=kind(question.low),
        max_value=kind(question.high),
        step=kind(1),
        format=None if PATHS[question.id].whole else "%g",
        key=key,
        label_visibility="collapsed",
        placeholder=NOT_SAID,
        disabled=not now.editable,
        width=220,
        on_change=widgets.save,
        args=(now, question.id, key),
    )


def _whole(bound: int | None) -> int | None:
    return bound


def _decimal(bound: int | None) -> float | None:
    return None if bound is None else float(bound)


def _scale(now: state.Current, question: Question) -> None:
    """0 to 5 with named steps; the left end is «not said», which is not the same as none."""
    key = f"answer-{question.id}"
    stored = answer_paths.read(now.answers, question.id)
    words = {SKILLS[step]: step for step in SKILLS}
    widgets.seed(now, key, NOT_SAID if stored is None else SKILLS[stored])
    st.select_slider(
        question.title,
        [NOT_SAID, *words],
        key=key,
        label_visibility="collapsed",
        disabled=not now.editable,
        on_change=widgets.save,
        args=(now, question.id, key, words.get),
    )
    components.ends(NOT_SAID, SKILLS[5])


_WIDGETS: Final[dict[str, Callable[[state.Current, Question], None]]] = {
    "text": _text,
    "notes": _notes,
    "several": _several,
    "yes-no": _yes_no,
    "choice": _choice,
    "number": _number,
    "scale": _scale,
    "targets": targets.ask,
}
