"""Recommendation: the answer, what it rests on, what would turn it, and what to find out next."""

from __future__ import annotations

import streamlit as st

from advisor.model import Decision
from advisor.ports import Services
from ui import answer, components, deciding, explanation, state, turning, weights
from ui.view import View

VIEW = View(
    title="Recommendation",
    icon=":material/balance:",
    order=30,
    url_path="recommendation",
)


def render(services: Services) -> None:
    """Draw the page."""
    del services
    now = state.current()
    decision = deciding.for_answers(now)
    if now.answers.project.name:
        with st.container(key="project-title"):
            st.text(now.answers.project.name)
    else:
        st.title("Recommendation")
    if now.record is None:
        _nothing_answered()
    answer.show(decision)
    main, side = st.columns([7, 4], gap="large")
    with main:
        explanation.reasons(decision)
        answer.next_steps(decision, editable=now.editable)
        explanation.contributions(decision)
    with side:
        weights.show(now, decision)
    explanation.criteria(decision)
    turning.points(now, decision)
    turning.what_if(now)
    explanation.requirements(decision)
    explanation.routes(decision)
    _export(now, decision)
    components.onward("evidence", "Next: look up what it rests on")


def _nothing_answered() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info("No question is answered yet, so this rests on dated facts alone.", icon=":material/info:")
        components.link("brief", "Answer a few questions", ":material/edit_note:")


def _export(now: state.Current, decision: Decision) -> None:
    st.markdown("## Take it with you")
    name = now.record.id[:8] if now.record else "draft"
    with st.container(horizontal=True):
        st.download_button(
            "Markdown",
            data=lambda: answer.markdown(decision, now.answers),
            file_name=f"fulcrum-{name}.md",
            mime="text/markdown",
            icon=":material/description:",
            on_click="ignore",
            key="export-markdown",
        )
        st.download_button(
            "JSON",
            data=lambda: answer.json(decision),
            file_name=f"fulcrum-{name}.json",
            mime="application/json",
            icon=":material/data_object:",
            on_click="ignore",
            key="export-json",
        )
