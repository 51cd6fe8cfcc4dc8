"""What would turn the answer: a weight, what is not known, or another answer to one question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import streamlit as st

from advisor import questionnaire
from advisor.decision import what_if as whatif
from advisor.decision.explain.words import points as points_of_100
from advisor.decision.what_if import Alternative, Sweep
from advisor.model.decision import Decision
from advisor.output.charts import sensitivity as charts
from advisor.wording.quantities import percent
from probes.schema import TITLES
from probes.system.sentences import listed
from ui.kit import components
from ui.kit.fragments import apart
from ui.session import decisions, state
from ui.session.versioned import versioned

TURNS: Final = 5  # turning points that are drawn
SensitivityView = Literal["weights", "unknowns", "sweep"]
_VIEWS: Final[dict[SensitivityView, str]] = {
    "weights": "Which weight",
    "unknowns": "What isn't known",
    "sweep": "One weight, all the way",
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
        else "No weight near yours changes the answer."
    )
    _views(now, decision)
    fixed = [flip.title for flip in decision.flips if flip.flips_at is None]
    with components.folded("All turning points in words", icon=":material/swap_horiz:", key="all-flips") as is_open:
        if not is_open:
            return
        for index in nearest:
            st.markdown(components.escape(decision.flips[index].sentence))
        if fixed:
            st.caption(components.escape(f"No weight near yours on these changes the answer: {', '.join(fixed)}."))


def _nearest(decision: Decision) -> list[int]:
    """Places of the flips that a weight turns; they come nearest first."""
    return [i for i, flip in enumerate(decision.flips) if flip.flips_at is not None]


def _views(now: state.Current, decision: Decision) -> None:
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
        _weights(now, decision)
    elif view == "unknowns":
        components.chart(
            decisions.figure(now, "tornado", lambda shade: charts.tornado(decision, shade)),
            key="tornado",
            alt="How far the difference of the totals reaches over what is possible on each criterion",
        )
        st.caption(
            "The line across is the difference now. Each bar shows where it would be over the 90 % range of that one "
            "criterion, all else as it is."
        )
    else:
        _sweep(now, decision)


def _weights(now: state.Current, decision: Decision) -> None:
    if not _nearest(decision):
        st.caption("There is nothing to draw: with weights anywhere near yours the same side leads.")
        return
    figure = decisions.figure(now, "flips", lambda shade: charts.flips(decision.flips, shade, most=TURNS))
    components.chart(figure, key="flips", alt="Weights now, and where the answer would turn")


def _sweep(now: state.Current, decision: Decision) -> None:
    rows = sorted(decision.criteria, key=lambda row: (-row.weight, row.criterion.title))
    titles = {row.criterion.id: row.criterion.title for row in rows}
    first = rows[0].criterion.id
    chosen = st.selectbox("Criterion", list(titles), format_func=titles.__getitem__, key="sweep-criterion") or first
    sweep = _swept((decisions.key(now), chosen), chosen, now)
    turns = (
        f"the answer turns at {percent(sweep.turns_at)}" if sweep.turns_at is not None else "the answer doesn't turn"
    )
    sentence = f"With all the weight from 0 to 100 % on «{sweep.title}», {turns}."
    figure = decisions.figure(now, ("sweep", chosen), lambda shade: charts.sweep(sweep, shade))
    components.chart(figure, key="sweep", alt=sentence)
    st.caption(components.escape(f"{sentence} The other weights keep their proportions."))


@apart(name="what-if")
def what_if() -> None:
    """One question turned round: the answer under each of its options. Until one is chosen it costs nothing."""
    now = state.current()
    decision = decisions.for_answers(now)
    st.markdown("## What if …")
    asked = {question.id: question for question in questionnaire.questions()}
    question = st.selectbox(
        "What if",
        whatif.turnable(now.answers),
        index=None,
        format_func=lambda path: f"… {asked[path].otherwise}?",
        placeholder="… something were different?",
        key="what-if",
        label_visibility="collapsed",
    )
    if question is None:
        return
    options = _alternatives((decisions.key(now), question), question, now)
    labels = asked[question].options
    titles = [labels[item.option] for item in options]
    components.chart(
        decisions.figure(now, ("what if", question), lambda shade: charts.alternatives(options, titles, shade)),
        key=f"what-if-{question}",
        alt="Probability of PyTorch under each answer to this question",
    )
    st.caption("Nothing is changed by looking. The band is where there is no clear winner.")
    st.markdown(components.escape(_summary(decision, options, titles)))
    with components.folded("What each would move", icon=":material/swap_vert:", key="moved") as is_open:
        if not is_open:
            return
        for item, label in zip(options, titles, strict=True):
            if item.moved and item.verdict.strength != "veto":
                moved = "; ".join(f"«{title}» {points_of_100(by)} for {TITLES[side]}" for title, side, by in item.moved)
                st.markdown(components.escape(f"{label}: {moved}."))


def _summary(decision: Decision, options: Sequence[Alternative], labels: Sequence[str]) -> str:
    """Which answers would change what is recommended."""
    now = decision.verdict.framework
    other = [label for item, label in zip(options, labels, strict=True) if item.verdict.framework != now]
    if not other:
        return "None of these answers would change what is recommended."
    if len(other) == len(options):
        return "Each of these answers would change what is recommended."
    return f"What is recommended would change with {listed([f'«{label}»' for label in other], 'or')}."


@versioned(most=256)
def _swept(criterion: str, now: state.Current) -> Sweep:
    return whatif.sweep(now.answers, decisions.known(now), now.measured, criterion)


@versioned(most=256)
def _alternatives(question: str, now: state.Current) -> tuple[Alternative, ...]:
    return whatif.alternatives(now.answers, decisions.known(now), now.measured, question)
