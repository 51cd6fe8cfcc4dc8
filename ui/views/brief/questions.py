"""Questions as widgets: drawn from what the questionnaire says of them, saved at each change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st
from pydantic import ValidationError

from advisor.answers import Answers, Latency, Target, TargetId
from advisor.questionnaire import Question
from advisor.questionnaire.errors import from_pydantic
from ui.kit import components, links
from ui.kit.fragments import apart
from ui.session import saving, state
from ui.views.brief import answer_paths, answers_file, preview

FEW: Final = 5  # up to so many options stand in one segmented control; more are pills
SKILLS: Final = {0: "none", 1: "has seen it", 2: "basic", 3: "solid", 4: "strong", 5: "expert"}
IMPORTANCE: Final = {1: "nice to have", 2: "useful", 3: "important", 4: "very important", 5: "essential"}
NOT_SAID: Final = "not said"
TARGETS: Final = "targets"
#: What a changed answer changes besides its own widget: names for ``st.rerun``.
FOLLOWS: Final = (*preview.PARTS, answers_file.DOWNLOAD)
SHOWN_ELSEWHERE: Final = ("project.name",)  # in the header too


def ask(now: state.Current, question: Question) -> None:
    """One question with its reason and its widget."""
    wanted = links.wanted("brief")
    with st.container(key=f"ask-{question.id}", gap="xxsmall"):
        pointer = ":material/arrow_right_alt: " if wanted == question.id else ""
        st.markdown(f"{pointer}**{components.escape(question.title)}**")
        st.caption(components.escape(question.why))
        _WIDGETS[question.kind](now, question)


def _seed(now: state.Current, key: str, value: Any) -> None:
    """Give a widget the stored value when it is new, or when the answers changed elsewhere."""
    if now.fresh or key not in st.session_state:
        st.session_state[key] = value


def _save(now: state.Current, path: str, key: str, convert: Callable[[Any], Any] = lambda value: value) -> None:
    """The callback of most widgets. A value that the model refuses is dropped, and the widget goes back."""
    value = convert(st.session_state[key])
    try:
        rest_holds = saving.change(now.services, lambda answers: answer_paths.write(answers, path, value))
    except ValidationError as error:
        st.session_state.pop(key, None)
        st.toast(components.escape(f"The answer stays as it was: {from_pydantic(error)}."), icon=":material/error:")
        return
    if rest_holds and path not in SHOWN_ELSEWHERE:
        st.rerun(list(FOLLOWS))


def _text(now: state.Current, question: Question) -> None:
    key = f"answer-{question.id}"
    _seed(now, key, answer_paths.read(now.answers, question.id) or "")
    st.text_input(
        question.title,
        key=key,
        max_chars=120,
        label_visibility="collapsed",
        placeholder="Give it a name" if question.id == "project.name" else "",
        disabled=not now.editable,
        on_change=_save,
        args=(now, question.id, key),
    )


def _choice(now: state.Current, question: Question) -> None:
    key = f"answer-{question.id}"
    labels = question.options
    _seed(now, key, answer_paths.read(now.answers, question.id))
    widget = st.segmented_control if len(labels) <= FEW else st.pills
    widget(
        question.title,
        list(labels),
        format_func=lambda value: labels.get(value, value),
        key=key,
        label_visibility="collapsed",
        disabled=not now.editable,
        on_change=_save,
        args=(now, question.id, key),
    )


def _number(now: state.Current, question: Question) -> None:
    key = f"answer-{question.id}"
    _seed(now, key, answer_paths.read(now.answers, question.id))
    st.number_input(
        question.title,
        min_value=question.low,
        max_value=question.high,
        step=1,
        key=key,
        label_visibility="collapsed",
        placeholder=NOT_SAID,
        disabled=not now.editable,
        width=220,
        on_change=_save,
        args=(now, question.id, key),
    )


def _scale(now: state.Current, question: Question) -> None:
    """0 to 5 with named steps; the left end is «not said», which is not the same as none."""
    key = f"answer-{question.id}"
    stored = answer_paths.read(now.answers, question.id)
    words = {SKILLS[step]: step for step in SKILLS}
    _seed(now, key, NOT_SAID if stored is None else SKILLS[stored])
    st.select_slider(
        question.title,
        [NOT_SAID, *words],
        key=key,
        label_visibility="collapsed",
        disabled=not now.editable,
        on_change=_save,
        args=(now, question.id, key, words.get),
    )
    components.ends(NOT_SAID, SKILLS[5])


@apart(name=TARGETS)
def _targets(now: state.Current, question: Question) -> None:
    """Which targets, and for each how much it matters and how quick it must be."""
    now = state.current()  # a redraw alone gets the arguments of the last full run
    key = "answer-targets"
    labels = question.options
    _seed(now, key, [target.id for target in now.answers.targets])
    st.pills(
        question.title,
        list(labels),
        selection_mode="multi",
        format_func=lambda value: labels.get(value, value),
        key=key,
        label_visibility="collapsed",
        disabled=not now.editable,
        on_change=_save_targets,
        args=(now, key),
    )
    for target in now.answers.targets:
        with st.container(border=True, gap="xsmall", key=f"target-{target.id}"):
            _target(now, target, labels.get(target.id, target.id))


def _save_targets(now: state.Current, key: str) -> None:
    chosen: list[TargetId] = list(st.session_state[key])
    shown = {target.id for target in state.current().answers.targets}

    def choose(answers: Answers) -> Answers:
        """What this one added and took away, of what is chosen by now."""
        known = {target.id for target in answers.targets}
        kept = [target for target in answers.targets if target.id in chosen or target.id not in shown]
        added = [Target(id=target_id) for target_id in chosen if target_id not in known and target_id not in shown]
        return answers.model_copy(update={"targets": (*kept, *added)})

    if saving.change(now.services, choose):
        st.rerun([TARGETS, *FOLLOWS])


def _target(now: state.Current, target: Target, label: str) -> None:
    importance, latency = f"importance-{target.id}", f"latency-{target.id}"
    st.markdown(f"**{components.escape(label)}**")
    _seed(now, importance, IMPORTANCE[target.importance])
    st.select_slider(
        f"How much {label} matters",
        list(IMPORTANCE.values()),
        key=importance,
        label_visibility="collapsed",
        disabled=not now.editable,
        on_change=_save_importance,
        args=(now, target.id, importance),
    )
    components.ends(IMPORTANCE[1], IMPORTANCE[5])
    _seed(now, latency, target.latency_ms is not None)
    common: dict[str, Any] = {"disabled": not now.editable, "on_change": _save_latency, "args": (now, target.id)}
    if st.toggle("A prediction has to be quick there", key=latency, **common):
        left, right = st.columns(2)
        goal, limit = f"latency-target-{target.id}", f"latency-limit-{target.id}"
        _seed(now, goal, target.latency_ms.target if target.latency_ms else 20.0)
        _seed(now, limit, target.latency_ms.limit if target.latency_ms else 100.0)
        common |= {"min_value": 0.1, "max_value": 1e6, "step": 5.0, "format": "%g"}
        left.number_input("Good at, ms", key=goal, **common)
        right.number_input("Useless beyond, ms", key=limit, **common)


def _save_importance(now: state.Current, target_id: TargetId, key: str) -> None:
    importance = {word: step for step, word in IMPORTANCE.items()}[st.session_state[key]]
    _change_target(now, target_id, importance=importance)


def _save_latency(now: state.Current, target_id: TargetId) -> None:
    latency = None
    if st.session_state[f"latency-{target_id}"]:
        goal = float(st.session_state.get(f"latency-target-{target_id}", 20.0))
        limit = float(st.session_state.get(f"latency-limit-{target_id}", 100.0))
        if limit <= goal:
            st.toast("The limit has to be above the goal; it was moved up.", icon=":material/info:")
            limit = goal * 2
            st.session_state[f"latency-limit-{target_id}"] = limit
        latency = Latency(target=goal, limit=limit)
    _change_target(now, target_id, latency_ms=latency)


def _change_target(now: state.Current, target_id: TargetId, **changes: Any) -> None:
    """Change this of a target; what else was said of it meanwhile stays."""

    def replace(answers: Answers) -> Answers:
        targets = tuple(t.model_copy(update=changes) if t.id == target_id else t for t in answers.targets)
        return answers.model_copy(update={"targets": targets})

    if saving.change(now.services, replace):
        st.rerun([TARGETS, *FOLLOWS])


_WIDGETS: Final[dict[str, Callable[[state.Current, Question], None]]] = {
    "text": _text,
    "choice": _choice,
    "number": _number,
    "scale": _scale,
    "targets": _targets,
}
