"""«As it stands»: the recommendation beside the questions, redrawn with each answer."""

from __future__ import annotations

from typing import Final

import streamlit as st

from advisor import questionnaire
from advisor.model.decision import Decision
from probes.schema import Framework
from ui.kit import components, links
from ui.kit.fragments import apart
from ui.session import decisions, state

_SHOWN = 4
#: Panel and strip as names for ``st.rerun``.
PARTS: Final = ("standing-panel", "standing-strip")


@apart(name=PARTS[0])
def panel() -> None:
    """Headline, probability, what matters most, what to answer next."""
    now = state.current()
    decision = decisions.for_answers(now)
    verdict = decision.verdict
    with st.container(key="as-it-stands", border=True, gap="small"):
        st.markdown("**As it stands**")
        st.markdown(f"### {components.escape(verdict.headline)}")
        if verdict.strength != "veto":
            components.odds(verdict.probability)
        _settled(decision)
        _matters(decision)
        _open(decision)
        measured = (
            "Measured on " + components.escape(decision.machine) if decision.machine else "Nothing is measured yet."
        )
        st.caption(f":material/speed: {measured}")
        with st.container(horizontal=True):
            links.link("recommendation", "See why", ":material/balance:")
            if not decision.machine and now.editable:
                links.link("probes", "Measure here", ":material/speed:")


def _settled(decision: Decision) -> None:
    """That nobody has to answer on, and what could still matter to those who want to."""
    settled = decision.settled
    if settled is None:
        return
    st.markdown(f":material/task_alt: **Settled.** {components.escape(settled.because)} You may stop answering here.")
    titles = {question.id: question.title for question in questionnaire.questions()}
    open_ones = [titles[path] for path in settled.could_decide]
    if open_ones:
        st.caption(components.escape(f"Only these could bring in another hard requirement: {' '.join(open_ones)}"))


def _matters(decision: Decision) -> None:
    ranked = sorted(decision.criteria, key=lambda row: -abs(row.contribution))[:_SHOWN]
    ranked = [row for row in ranked if abs(row.contribution) >= 0.0005]
    if not ranked:
        return
    st.markdown("What matters most")
    lines = []
    for row in ranked:
        side: Framework = "pytorch" if row.contribution > 0 else "tensorflow"
        points = f"{abs(row.contribution) * 100:.1f} points"
        lines.append(f"{components.glyph(side)} {components.escape(row.criterion.title)} · {points}")
    st.markdown("  \n".join(lines))


def _open(decision: Decision) -> None:
    """The open question whose answer would do most, and what else is open."""
    if decision.settled is not None:
        return
    titles = {question.id: question.title for question in questionnaire.questions()}
    useful = next((step.id for step in decision.next_steps if step.kind == "question" and step.id in titles), "")
    if useful:
        st.markdown(f":material/arrow_right_alt: Most useful to answer next: **{components.escape(titles[useful])}**")
    names = [titles[path].rstrip("?").strip() for path in decision.unknowns if path in titles and path != useful]
    if names:
        rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
        st.caption(components.escape(f"{'Also open' if useful else 'Not answered'}: {', '.join(names[:3])}{rest}."))


@apart(name=PARTS[1])
def strip() -> None:
    """On a phone the panel is far below the questions: its gist stays at the bottom edge."""
    now = state.current()
    decision = decisions.for_answers(now)
    with st.container(key="standing-strip"):
        if decision.verdict.strength == "veto":
            st.markdown(components.escape(decision.verdict.headline))
        else:
            components.odds(decision.verdict.probability)
