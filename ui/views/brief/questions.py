"""Questions as widgets: drawn from what the questionnaire says of them, saved at each change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, cast

import streamlit as st
from pydantic import ValidationError

from advisor import questionnaire
from advisor.answers import Answers, Latency, Target, TargetId
from advisor.knowledge.conditions import PATHS
from advisor.questionnaire import Question
from advisor.questionnaire.contradictions import contradictions
from advisor.questionnaire.errors import from_pydantic
from ui.kit import components, links
from ui.kit.fragments import apart
from ui.session import saving, state
from ui.views.brief import answer_paths, answers_file, known_names, preview

FEW: Final = 5  # up to so many options stand in one segmented control; more are pills
SKILLS: Final = {0: "none", 1: "has seen it", 2: "basic", 3: "solid", 4: "strong", 5: "expert"}
IMPORTANCE: Final = {1: "nice to have", 2: "useful", 3: "important", 4: "very important", 5: "essential"}
NOT_SAID: Final = "not said"
YES_NO: Final = {True: "Yes", False: "No"}
TARGETS: Final = "targets"
#: What a changed answer changes besides its own widget: names for ``st.rerun``.
FOLLOWS: Final = (*preview.PARTS, answers_file.DOWNLOAD)
SHOWN_ELSEWHERE: Final = ("project.name", "binds.notes")  # in the header too, and with what is known of the names


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


def _seed(now: state.Current, key: str, value: Any) -> None:
    """Give a widget the stored value when it is new, or when the answers changed elsewhere."""
    if now.fresh or key not in st.session_state:
        st.session_state[key] = value


def _save(now: state.Current, path: str, key: str, convert: Callable[[Any], Any] = lambda value: value) -> None:
    """The callback of most widgets."""
    value = convert(st.session_state[key])
    _change(now, path, key, lambda answers: answer_paths.write(answers, path, value))


def _change(now: state.Current, path: str, key: str, how: Callable[[Answers], Answers]) -> None:
    """Save a change. A value that the model refuses is dropped, and the widget goes back."""
    before = state.current().answers
    try:
        rest_holds = saving.change(now.services, how)
    except ValidationError as error:
        st.session_state.pop(key, None)
        st.toast(components.escape(f"The answer stays as it was: {from_pydantic(error)}."), icon=":material/error:")
        return
    if rest_holds and path not in SHOWN_ELSEWHERE and not _moves_questions(before):
        st.rerun(list(FOLLOWS))


def _moves_questions(before: Answers) -> bool:
    """Whether other questions are asked now than with the answers of ``before``, or other contradictions named."""
    after = state.current().answers
    return questionnaire.asked(before) != questionnaire.asked(after) or contradictions(before) != contradictions(after)


def _chosen(stored: Sequence[str], shown: Collection[str], chosen: Sequence[str]) -> list[str]:
    """What is stored with what this session added and took away; others may have added and taken away meanwhile."""
    kept = [value for value in stored if value in chosen or value not in shown]
    return [*kept, *(value for value in chosen if value not in stored and value not in shown)]


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


def _notes(now: state.Current, question: Question) -> None:
    key = f"answer-{question.id}"
    _seed(now, key, answer_paths.read(now.answers, question.id) or "")
    st.text_area(
        question.title,
        key=key,
        max_chars=300,
        height="content",
        label_visibility="collapsed",
        placeholder="TensorFlow Probability, Triton, a Coral board",
        disabled=not now.editable,
        on_change=_save,
        args=(now, question.id, key),
    )
    known_names.show(now)


def _several(now: state.Current, question: Question) -> None:
    key = f"answer-{question.id}"
    labels = question.options
    _seed(now, key, answer_paths.read(now.answers, question.id) or [])
    st.pills(
        question.title,
        list(labels),
        selection_mode="multi",
        format_func=lambda value: labels.get(value, value),
        key=key,
        label_visibility="collapsed",
        disabled=not now.editable,
        on_change=_save_several,
        args=(now, question.id, key),
    )


def _save_several(now: state.Current, path: str, key: str) -> None:
    shown, chosen = answer_paths.read(state.current().answers, path) or [], list(st.session_state[key])

    def choose(answers: Answers) -> Answers:
        return answer_paths.write(answers, path, _chosen(answer_paths.read(answers, path) or [], shown, chosen))

    _change(now, path, key, choose)


def _yes_no(now: state.Current, question: Question) -> None:
    key = f"answer-{question.id}"
    _seed(now, key, answer_paths.read(now.answers, question.id))
    st.segmented_control(
        question.title,
        list(YES_NO),
        format_func=YES_NO.__getitem__,
        key=key,
        label_visibility="collapsed",
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
        on_change=_save,
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
    labels = question.options
    _places(now, question, "answer-targets", [name for name in labels if name not in question.more])
    if question.more:
        chosen = any(target.id in question.more for target in now.answers.targets)
        with st.expander("More places", expanded=chosen):
            _places(now, question, "answer-targets-more", question.more)
    for target in now.answers.targets:
        with st.container(border=True, gap="xsmall", key=f"target-{target.id}"):
            _target(now, target, labels.get(target.id, target.id))


def _places(now: state.Current, question: Question, key: str, names: Sequence[str]) -> None:
    """Some of the targets to choose from."""
    _seed(now, key, [target.id for target in now.answers.targets if target.id in names])
    st.pills(
        question.title,
        names,
        selection_mode="multi",
        format_func=lambda value: question.options.get(value, value),
        key=key,
        label_visibility="collapsed",
        disabled=not now.editable,
        on_change=_save_targets,
        args=(now, key, names),
    )


def _save_targets(now: state.Current, key: str, names: Sequence[str]) -> None:
    chosen = list(st.session_state[key])
    before = state.current().answers
    shown = [target.id for target in before.targets if target.id in names]

    def choose(answers: Answers) -> Answers:
        known = {target.id: target for target in answers.targets}
        ids = cast("list[TargetId]", _chosen(list(known), shown, chosen))
        return answers.model_copy(update={"targets": tuple(known.get(i) or Target(id=i) for i in ids)})

    if saving.change(now.services, choose) and not _moves_questions(before):
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
    "notes": _notes,
    "several": _several,
    "yes-no": _yes_no,
    "choice": _choice,
    "number": _number,
    "scale": _scale,
    "targets": _targets,
}
