"""What people tick of the probes, kept apart from the boxes: what is folded away or filtered out stays ticked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

_KEPT: Final = "fulcrum_ticks"


@dataclass(slots=True)
class Ticks:
    """What this browser's session said of probes. The budget decides about all that nobody has spoken of."""

    said: dict[str, bool] = field(default_factory=dict)
    wanted: str = ""  # the wish that was taken up last

    def set(self, probes: Collection[str], ticked: bool) -> None:
        self.said |= dict.fromkeys(probes, ticked)

    def forget(self, probes: Collection[str]) -> None:
        for probe in probes:
            self.said.pop(probe, None)

    def chosen(self, by_budget: Mapping[str, bool]) -> list[str]:
        """The probes that are ticked, in the order of ``by_budget``, which says what the budget takes."""
        return [name for name, ticked in by_budget.items() if self.said.get(name, ticked)]


def kept() -> Ticks:
    """This session's."""
    ticks: Ticks = st.session_state.setdefault(_KEPT, Ticks())
    return ticks


def box(label: str, *, key: str, ticked: bool, say: Callable[[bool], None]) -> None:
    """A checkbox that shows ``ticked``, whatever it showed before, and says what a click makes of it."""
    if st.session_state.get(key) != ticked:
        st.session_state[key] = ticked
    st.checkbox(label, key=key, on_change=lambda: say(bool(st.session_state[key])))
