"""Where the model must run: which places, and for each how much it matters and how quick it must be."""

from __future__ import annotations

from typing import Any, Final, cast

import streamlit as st

from advisor.answers import Answers, Latency, Target, TargetId
from advisor.questionnaire import Question
from ui.kit import components
from ui.kit.fragments import apart
from ui.session import saving, state
from ui.views.brief import widgets

IMPORTANCE: Final = {1: "nice to have", 2: "useful", 3: "important", 4: "very important", 5: "essential"}
#: The part of the page as a name for ``st.rerun``.
TARGETS: Final = "targets"


@apart(name=TARGETS)
def ask(now: state.Current, question: Question) -> None:
    """Which targets, and for each how much it matters and how quick it must be."""
    now = state.current()  # a redraw alone gets the arguments of the last full run
    key = "answer-targets"
    chosen = [target.id for target in now.answers.targets]
    widgets.several(now, question, key, chosen, lambda: _save_targets(now, key), more_label="More places")
    for target in now.answers.targets:
        with st.container(border=True, gap="xsmall", key=f"target-{target.id}"):
            _target(now, target, question.options.get(target.id, target.id))


def _save_targets(now: state.Current, key: str) -> None:
    chosen = list(st.session_state[key])
    before = state.current().answers
    shown = [target.id for target in before.targets]

    def choose(answers: Answers) -> Answers:
        known = {target.id: target for target in answers.targets}
        ids = cast("list[TargetId]", widgets.merged(list(known), shown, chosen))
        return answers.model_copy(update={"targets": tuple(known.get(i) or Target(id=i) for i in ids)})

    widgets.redraw_after(before, rest_holds=saving.change(now.services, choose), own=[TARGETS])


def _target(now: state.Current, target: Target, label: str) -> None:
    importance, latency = f"importance-{target.id}", f"latency-{target.id}"
    st.markdown(f"**{components.escape(label)}**")
    widgets.seed(now, importance, IMPORTANCE[target.importance])
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
    widgets.seed(now, latency, target.latency_ms is not None)
    common: dict[str, Any] = {"disabled": not now.editable, "on_change": _save_latency, "args": (now, target.id)}
    if st.toggle("A prediction has to be quick there", key=latency, **common):
        left, right = st.columns(2)
        goal, limit = f"latency-target-{target.id}", f"latency-limit-{target.id}"
        widgets.seed(now, goal, target.latency_ms.target if target.latency_ms else 20.0)
        widgets.seed(now, limit, target.latency_ms.limit if target.latency_ms else 100.0)
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

    before = state.current().answers
    widgets.redraw_after(before, rest_holds=saving.change(now.services, replace), own=[TARGETS])
