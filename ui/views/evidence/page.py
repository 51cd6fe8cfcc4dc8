"""Evidence: every fact with source, date and age; claims; routes; what nobody knows; what the team set itself."""

from __future__ import annotations

from typing import Final

import streamlit as st

from advisor.ports import Services
from ui.kit import components, links
from ui.kit.page import View
from ui.session import state
from ui.views.evidence import library, overrides

VIEW = View(title="Evidence", icon=":material/menu_book:", order=40, url_path="evidence")
_PART: Final = "evidence-part"
_TEAM: Final = "team"
_PARTS = {"facts": "Facts", "claims": "Claims", "routes": "Routes", "unknown": "Not found", _TEAM: "Set by your team"}


def render(services: Services) -> None:
    del services
    now = state.current()
    st.title("Evidence")
    components.lead(
        "What the recommendation knows, where it was seen and when. A fact without source and date is refused; "
        "one of low confidence says what is doubtful about it."
    )
    if criterion := links.wanted("evidence"):
        st.session_state[_PART] = _TEAM
        overrides.look_at(criterion)
        links.shown("evidence")
    part = components.pick("Part", _PARTS, key=_PART, labelled=False)
    if now.answers.overrides and part != _TEAM:
        number = len(now.answers.overrides)
        st.caption(f":material/edit_note: {number} fact{'s were' if number > 1 else ' was'} set by the team itself.")
    draw = {
        "facts": library.facts,
        "claims": library.claims,
        "routes": library.routes,
        "unknown": library.not_found,
        _TEAM: lambda: overrides.section(now),
    }
    draw[part]()
    links.onward("recommendation", "Back to the recommendation")
