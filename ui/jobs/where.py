"""On which machine work is to be done, where there are several to choose from."""

from __future__ import annotations

import streamlit as st

from advisor.ports import Services
from ui.kit import components
from ui.session import rights


def where(services: Services, key: str) -> str:
    """The machine that is to do it: "" is this one. Others are for who operates them."""
    others = services.runner.fleet()
    able = [one.name for one in others or () if one.machine is not None and not one.why_not]
    if others == () or not rights.operates(services):
        return ""
    if others is None:
        st.caption(":material/hourglass_empty: Looking which other machines take part; reload the page in a moment.")
        return ""
    chosen = st.selectbox(
        "On which machine?",
        ["", *able],
        format_func=lambda name: name or "This machine",
        key=key,
        persist_state="session",
        help="Results of another machine stand beside those of this one, and are never mixed with them.",
    )
    for one in others:
        if one.why_not:
            st.caption(components.escape(f"{one.name}: {one.why_not}."))
    return chosen if chosen in able else ""
