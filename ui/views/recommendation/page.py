"""Recommendation: the answer, what it rests on, what would turn it, and what to find out next."""

from __future__ import annotations

import streamlit as st

from advisor.ports import Services
from ui.kit import components, links, paint_order
from ui.kit.fragments import apart
from ui.kit.page import View
from ui.session import decisions, state
from ui.views.recommendation import explanation, options, sensitivity, verdict
from ui.views.recommendation.weights import panel

VIEW = View(title="Recommendation", icon=":material/balance:", order=30, url_path="recommendation")


def render(services: Services) -> None:
    del services
    now = state.current()
    decision = decisions.for_answers(now)
    if now.answers.project.name:
        with st.container(key="project-title"):
            st.text(now.answers.project.name)
    else:
        st.title("Recommendation")
    if now.record is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info("No question is answered yet, so this rests on dated facts alone.", icon=":material/info:")
            links.link("brief", "Answer a few questions", ":material/edit_note:")
    _verdict()
    _options()
    main, side = st.columns([7, 4], gap="large")
    with main:
        _why()
    with side:
        _weights()
    explanation.criteria()
    sensitivity.points()
    sensitivity.what_if()
    explanation.requirements(decision)
    explanation.routes(decision)
    _export()
    links.onward("evidence", "Next: look up what it rests on")


@apart(name="verdict")
def _verdict() -> None:
    verdict.show(decisions.decision())
    paint_order.signal()


@apart(name="options")
def _options() -> None:
    options.show(decisions.decision())


@apart(name="why")
def _why() -> None:
    now, decision = state.current(), decisions.decision()
    explanation.reasons(decision)
    verdict.next_steps(decision, editable=now.editable)
    explanation.contributions(decision)


@apart(name="weights")
def _weights() -> None:
    panel.show(state.current(), decisions.decision())


@apart(name="export")
def _export() -> None:
    now, decision = state.current(), decisions.decision()
    st.markdown("## Take it with you")
    name = now.record.id[:8] if now.record else "draft"
    with st.container(horizontal=True):
        components.download(
            "Markdown",
            f"fulcrum-{name}.md",
            lambda: verdict.markdown(now, decision),
            key="export-markdown",
            icon=":material/description:",
        )
        components.download(
            "JSON",
            f"fulcrum-{name}.json",
            lambda: verdict.json(decision),
            key="export-json",
            icon=":material/data_object:",
        )
