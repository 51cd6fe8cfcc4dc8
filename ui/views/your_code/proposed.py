"""What the code says of the brief's questions: beside what is answered, taken over by a click and never by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError

from advisor import questionnaire
from advisor.effort.proposals import Proposal, proposals
from advisor.scan.report import ScanReport
from ui.kit import components
from ui.session import decisions, saving, state


def show(now: state.Current, report: ScanReport) -> None:
    """A line an answer; nothing where the brief says it all."""
    found = proposals(report, now.answers)
    st.markdown("## What the code answers")
    if not found:
        st.markdown(":material/check_circle: The brief says what the code shows.")
        return
    st.caption("Nothing is put into the brief by itself.")
    for one in found:
        _line(now, one)


def _line(now: state.Current, one: Proposal) -> None:
    asked = {question.id: question for question in questionnaire.questions()}
    path = ".".join(step for step in one.path if isinstance(step, str))
    titles = decisions.known(now).target_titles if path == "targets" else asked[path].options
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        with st.container(width=520, gap=None):
            value = one.path[-1][0] if isinstance(one.path[-1], tuple) else one.value
            st.markdown(f"{components.escape(asked[path].title)} **{components.escape(_said(titles, value))}**")
            before = "" if one.said is None else f" The brief says: {_said(titles, one.said)}."
            st.caption(components.escape(f"{one.where}.{before}"))
        if now.editable:
            st.button("Take it over", key=f"take-{one.key}", on_click=_take, args=(now, one))


def _said(titles: Mapping[Any, str], value: Any) -> str:
    return titles.get(value, f"{value:,}" if isinstance(value, int) else str(value))


def _take(now: state.Current, one: Proposal) -> None:
    """Of what is stored at that moment; somebody may have said something else since the page was drawn."""
    try:
        saving.change(now.services, one.taken)
    except (ValidationError, LookupError):
        st.toast("The brief has changed meanwhile, and this doesn't fit any more.", icon=":material/error:")
    state.memory().answers_version = 0  # the brief's widgets take it over
