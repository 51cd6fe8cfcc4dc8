"""What every page knows of a run: a cheap look for changes made elsewhere, and the banner of a run under way."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.navigation.page import Page

from advisor.ports import Services, StoreUnavailableError
from advisor.queue.kinds import MEASURE
from ui.jobs.card import doing
from ui.kit import links
from ui.kit.fragments import apart, name_of_part
from ui.kit.polling import HEADER, PageVersion, looks
from ui.kit.turns import turns
from ui.session import state, stored

LOOK_EVERY: Final = 2.0  # seconds between looks for changes made elsewhere


@apart(every=LOOK_EVERY)
def watch(services: Services, *, follow_answers: bool) -> None:
    """Redraw the page when the state of the run or, if it shows them, the answers changed in another browser.

    Two version numbers are read; a run's text only when it moved. Progress inside a run is not a reason to
    redraw the page: the live view follows that by itself. Who may edit sees changes at once, readers in their turn.
    """
    mine, tab = state.memory(), st.context.headers.get(HEADER, "")
    try:
        run = stored.glance(services.store, MEASURE, mine.decision_id)
        version = services.store.decision_version(mine.decision_id)
    except StoreUnavailableError:
        looks.forget(tab)  # this tab's looks are wanted until the page is what is stored again
        return
    if state.current().stale:
        st.rerun()
    shown = PageVersion(mine.answers_version, mine.run_status)
    found = PageVersion(shown.version if version is None else version, (run.id, run.status) if run else None)
    if state.current().edited_here:
        looks.forget(tab)
        if shown.run != found.run or (follow_answers and shown.version != found.version):
            st.rerun()
    elif looks.due(tab, name_of_part(), mine.decision_id, shown, found, follows_answers=follow_answers):
        turns.wait()
        st.rerun()


def banner(now: state.Current, probes_page: Page, *, shown_on_page: bool) -> None:
    """A line on every page while a run is under way, so that nobody loses sight of it."""
    if now.run is None or not now.run.active or shown_on_page:
        return
    with st.container(key="run-banner", border=True, horizontal=True, vertical_alignment="center"):
        _banner_line(now.services, now.run.subject)
        st.page_link(probes_page, label="Watch", icon=":material/monitoring:", query_params=links.query())


@apart(every=LOOK_EVERY)
def _banner_line(services: Services, decision_id: str) -> None:
    run = stored.glance(services.store, MEASURE, decision_id)
    if run is not None:
        st.progress(min(1.0, max(0.0, run.fraction)), text=doing(services, run))
