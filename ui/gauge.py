"""How busy the machine is, before and during a run: an icon, a word, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from advisor.ports import Services
from probes.schema import Load
from ui import components
from ui.repeating import apart

EVERY: Final = 3.0  # seconds between looks

_WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "quiet": (":material/check_circle:", "This machine is quiet", "Intervals will be as narrow as they can be here."),
    "busy": (":material/pace:", "This machine is busy", "A run will take longer to decide."),
    "contended": (
        ":material/warning:",
        "This machine is contended",
        "Rounds will be marked, and count only where wall time and CPU time agree.",
    ),
}


@apart(every=EVERY)
def gauge(services: Services) -> None:
    """A line of two sentences; why, and what to do, where there is something to do."""
    load = services.runner.load()
    icon, word, meaning = _WORDS[load.level]
    with st.container(key=f"gauge-{load.level}", gap="xxsmall"):
        st.markdown(f"{icon} **{word}.** {meaning}")
        if said := _why(load):
            st.caption(said)


def _why(load: Load) -> str:
    reasons = "; ".join(load.reasons)
    sentences = [f"{reasons[0].upper()}{reasons[1:]}."] if reasons else []
    return components.escape(" ".join((*sentences, *load.advice)))
