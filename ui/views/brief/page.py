"""Brief: what the team knows of its project, and beside it the recommendation as it stands."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from advisor import questionnaire
from advisor.ports import Services
from ui.kit import components, links
from ui.kit.fragments import apart
from ui.kit.page import View
from ui.session import state
from ui.views.brief import answers_file, preview, questions, read_code, team_csv, widgets

VIEW = View(title="Brief", icon=":material/edit_note:", order=10, url_path="brief")


def render(services: Services) -> None:
    del services
    now = state.current()
    st.title("PyTorch or TensorFlow?")
    components.lead(
        "For this project, on your machines, with your people and your code. Answer what you know and leave out what "
        "you don't: an open answer counts as unknown, never as zero."
    )
    if now.editable:
        answers_file.start_from(now)
    left, beside = st.columns([7, 4], gap="large")
    with left:
        _questions()
        answers_file.download(now)
    with beside:
        preview.panel()
    if now.measured is None and now.editable:
        links.onward("probes", "Next: measure both on this machine")
    else:
        links.onward("recommendation", "Next: read the recommendation")
    preview.strip()
    links.shown("brief")


@apart(name=widgets.QUESTIONS)
def _questions() -> None:
    now = state.current()
    for group, members in groupby(questionnaire.asked(now.answers), key=lambda question: question.group):
        st.markdown(f"## {components.escape(group)}")
        for question in members:
            questions.ask(now, question)
        if group == team_csv.GROUP:
            team_csv.panel(now)
        if group == read_code.GROUP:
            read_code.line(now)
