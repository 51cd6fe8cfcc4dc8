"""How busy the machine is, before and during a run: an icon, a word, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from advisor.ports import Services
from probes.results import Load
from probes.system.sentences import sentence, upper_first
from ui.kit import components
from ui.kit.fragments import apart

EVERY: Final = 3.0  # seconds between looks

_WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "looking": (":material/hourglass_empty:", "Looking how busy this machine is …", ""),
    "quiet": (
        ":material/check_circle:",
        "This machine is quiet.",
        "A good moment to measure: differences show soonest.",
    ),
    "busy": (":material/pace:", "This machine is busy.", "Measuring works; verdicts take longer."),
    "contended": (
        ":material/warning:",
        "This machine is contended.",
        "Rounds are marked, and times of steps decide only where wall time and CPU time agree.",
    ),
}


@apart(every=EVERY, name="gauge")
def gauge(services: Services) -> None:
    """Beside the start button; looks again by itself."""
    line(services)


def line(services: Services) -> None:
    """The level in a sentence; why, and what to do, where there is something to do."""
    load = services.runner.load()
    level = load.level if load else "looking"
    icon, word, meaning = _WORDS[level]
    with st.container(key=f"gauge-{level}", gap=None):
        st.markdown(f"{icon} **{word}** {meaning}")
        if load and (said := _why(load)):
            st.caption(said)


def _why(load: Load) -> str:
    sentences = [sentence(upper_first("; ".join(load.reasons)))] if load.reasons else []
    return components.escape(" ".join((*sentences, *load.advice)))
