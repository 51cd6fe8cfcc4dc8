"""The parts behind the ports, built once a server."""

from __future__ import annotations

import streamlit as st

from advisor import wiring
from advisor.ports import Services


@st.cache_resource(show_spinner=False)
def get() -> Services:
    """Shared by all sessions: every part is safe to use from several threads. Raises ``wiring.SettingsError``."""
    return wiring.build()
