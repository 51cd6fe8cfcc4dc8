"""What would turn the answer: a weight, what is not known, or another answer to one question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import plotly.graph_objects as go
import streamlit as st

from advisor import questionnaire
from advisor.decision import what_if as whatif
from advisor.decision.explain.words import listed
from advisor.decision.explain.words import points as points_of_100
from advisor.decision.what_if import Alternative, Sweep
from advisor.model import Decision
from advisor.output.charts import sensitivity as charts
from advisor.output.charts.palette import Theme
from advisor.wording.quantities import percent
from probes.schema import TITLES
from ui.kit import components, theme
from ui.kit.fragments import apart
from ui.session import decisions, state

TURNS: Final = 5  # turning points that are drawn
SensitivityView = Literal["weights", "unknowns", "sweep"]
_VIEWS: Final[dict[SensitivityView, str]] = {
    "weights": "Which weight",
    "unknowns": "What isn't known",
    "sweep": "One weight, all the way",
}
_QUESTIONS: Final = {
    "stage": "the project were at another stage",
    "targets": "it had to run somewhere else",
    "project.domain": "it worked on something else",
    "hardware.train": "you trained on other hardware",
    "hardware.serve": "you served on other hardware",
    "code.framework": "there were other code",
    "code.plan": "you had other plans for the code",
}


@apart(name="turning")
def points() -> None:
    """The nearest turning point in a sentence, and three ways to look at it, of which only one is drawn."""
    now, decision = state.current(), decisions.decision()
    st.markdown("## What would turn it")
    if decision.verdict.strength == "veto":
        st.markdown("A hard requirement decides, so no weight turns it: only another answer to that requirement does.")
        return
    nearest = _nearest(decision)
    st.markdown(
        components.escape(decision.flips[nearest[0]].sentence)
        if nearest
        else "No weight on any single criterion changes the answer."
    )
    _views(now, decision)
    fixed = [flip.title for flip in decision.flips if flip.flips_at is None]
    with components.folded("All turning points in words", icon=":material/swap_horiz:", key="all-flips") as is_open:
        if not is_open:
            return
        for index in nearest:
            st.markdown(components.escape(decision.flips[index].sentence))
        if fixed:
            st.caption(components.escape(f"No weight on these changes the answer: {', '.join(fixed)}."))


def _nearest(decision: Decision) -> list[int]:
    able = [(i, flip) for i, flip in enumerate(decision.flips) if flip.flips_at is not None]
    return [i for i, _ in sorted(able, key=lambda item: abs((item[1].flips_at or 0) - item[1].weight))]


def _views(now: state.Current, decision: Decision) -> None:
    shade = theme.current()
    view: SensitivityView = (
        st.segmented_control(
            "Look at",
            get_args(SensitivityView),
            default="weights",
            format_func=_VIEWS.__getitem__,
            required=True,
            key="turning-view",
            label_visibility="collapsed",
        )
        or "weights"
    )
    if view == "weights":
        _weights(decisions.key(now), decision, shade)
    elif view == "unknowns":
        components.chart(
            _figure("tornado", shade, decisions.key(now), decision),
            key="tornado",
            alt="How far the difference of the totals reaches over what is possible on each criterion",
        )
        st.caption(
            "The line across is the difference now. Each bar shows where it would be over the 90 % range of that one "
            "criterion, all else as it is."
        )
    else:
        _sweep(now, decision, shade)


def _weights(key: decisions.Key, decision: Decision, shade: Theme) -> None:
    if not _nearest(decision):
        st.caption("There is nothing to draw: whatever weighs most, the same side leads.")
        return
    figure = _figure("flips", shade, key, decision)
    components.chart(figure, key="flips", alt="Weights now, and where the answer would turn")


def _sweep(now: state.Current, decision: Decision, shade: Theme) -> None:
    rows = sorted(decision.criteria, key=lambda row: (-row.weight, row.criterion.title))
    titles = {row.criterion.id: row.criterion.title for row in rows}
    key, first = decisions.key(now), rows[0].criterion.id
    chosen = st.selectbox("Criterion", list(titles), format_func=titles.__getitem__, key="sweep-criterion") or first
    found = _swept(key, chosen, now)
    turns = (
        f"the answer turns at {percent(found.turns_at)}" if found.turns_at is not None else "the answer doesn't turn"
    )
    said = f"With all the weight from 0 to 100 % on «{found.title}», {turns}."
    components.chart(_sweep_figure(key, shade, chosen, found), key="sweep", alt=said)
    st.caption(components.escape(f"{said} The other weights keep their proportions."))


@apart(name="what-if")
def what_if() -> None:
    """One question turned round: the answer under each of its options. Until one is chosen it costs nothing."""
    now = state.current()
    decision = decisions.for_answers(now)
    st.markdown("## What if …")
    question = st.selectbox(
        "What if",
        whatif.QUESTIONS,
        index=None,
        format_func=lambda path: f"… {_QUESTIONS[path]}?",
        placeholder="… something were different?",
        key="what-if",
        label_visibility="collapsed",
    )
    if question is None:
        return
    found = _alternatives(decisions.key(now), question, now)
    labels = next(asked for asked in questionnaire.questions() if asked.id == question).options
    said = [labels[item.option] for item in found]
    components.chart(
        _alternatives_figure(decisions.key(now), theme.current(), question, found, said),
        key=f"what-if-{question}",
        alt="Probability of PyTorch under each answer to this question",
    )
    st.caption("Nothing is changed by looking. The band is where there is no clear winner.")
    st.markdown(components.escape(_summary(decision, found, said)))
    with components.folded("What each would move", icon=":material/swap_vert:", key="moved") as is_open:
        if not is_open:
            return
        for item, label in zip(found, said, strict=True):
            if item.moved and item.verdict.strength != "veto":
                moved = "; ".join(f"«{title}» {points_of_100(by)} for {TITLES[side]}" for title, side, by in item.moved)
                st.markdown(components.escape(f"{label}: {moved}."))


def _summary(decision: Decision, found: Sequence[Alternative], labels: Sequence[str]) -> str:
    """Which answers would change what is recommended."""
    now = decision.verdict.framework
    other = [label for item, label in zip(found, labels, strict=True) if item.verdict.framework != now]
    if not other:
        return "None of these answers would change what is recommended."
    if len(other) == len(found):
        return "Each of these answers would change what is recommended."
    return f"What is recommended would change with {listed([f'«{label}»' for label in other], 'or')}."


@st.cache_resource(max_entries=256, show_spinner=False)
def _figure(kind: Literal["flips", "tornado"], shade: Theme, key: decisions.Key, _of: Decision) -> go.Figure:
    """Drawn once for a decision, a kind and a theme."""
    del key  # part of the cache's key only
    return charts.flips(_of.flips, shade, most=TURNS) if kind == "flips" else charts.tornado(_of, shade)


@st.cache_resource(max_entries=256, show_spinner=False)
def _swept(key: decisions.Key, criterion: str, _now: state.Current) -> Sweep:
    del key
    return whatif.sweep(_now.answers, decisions.known(_now), _now.measured, criterion)


@st.cache_resource(max_entries=256, show_spinner=False)
def _alternatives(key: decisions.Key, question: str, _now: state.Current) -> tuple[Alternative, ...]:
    del key
    return whatif.alternatives(_now.answers, decisions.known(_now), _now.measured, question)


@st.cache_resource(max_entries=256, show_spinner=False)
def _sweep_figure(key: decisions.Key, shade: Theme, criterion: str, _of: Sweep) -> go.Figure:
    del key, criterion
    return charts.sweep(_of, shade)


@st.cache_resource(max_entries=256, show_spinner=False)
def _alternatives_figure(
    key: decisions.Key, shade: Theme, question: str, _of: Sequence[Alternative], _said: Sequence[str]
) -> go.Figure:
    del key, question
    return charts.alternatives(_of, _said, shade)
