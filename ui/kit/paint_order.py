"""A page in two goes: what is looked at first is on the screen before the browser turns to the rest.

A browser draws three charts in a third of a second and paints nothing meanwhile, not even what it got before them. So
the first go ends with an invisible element that says when the browser has painted, and only that asks for the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NoReturn

import streamlit as st

from ui.kit.fragments import redraw

_OWED: Final = "fulcrum_owed"
_GOES: Final = "fulcrum_goes"
#: ``data`` counts the goes. A frame's callback runs before it is painted, a timer set there after it.
_SAYS_WHEN: Final = st.components.v2.component(
    "fulcrum-painted",
    js="""
    export default ({data, parentElement, setTriggerValue}) => {
        if (data && parentElement.painted !== data) {
            parentElement.painted = data;
            requestAnimationFrame(() => setTimeout(() => setTriggerValue("painted", data)));
        }
    }
    """,
)


def first(names: Sequence[str], *, then: Sequence[str]) -> NoReturn:
    """For callbacks: draw the parts ``names`` anew, one of which must have a ``signal``, and ``then`` the others."""
    st.session_state[_OWED] = tuple(then)
    st.session_state[_GOES] = st.session_state.get(_GOES, 0) + 1
    redraw(names)


def signal() -> None:
    """Where the browser says that it has painted what is owed first."""
    owed = _OWED in st.session_state
    with st.container(key="painted"):
        _SAYS_WHEN(key="signal", data=st.session_state[_GOES] if owed else None, on_painted_change=_rest)


def _rest() -> None:
    if owed := st.session_state.pop(_OWED, None):
        redraw(owed)
