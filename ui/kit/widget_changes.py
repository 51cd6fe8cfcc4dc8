"""What a widget has said or shown: its callback may be called again with a value that is no news.

Streamlit calls a widget's callback once more when the widget leaves the page, with the value that it had; saving that
again would undo what made it leave. What counts is the value seen last, by this module's ``shows`` in a script run or
by ``is_news`` in a callback: of keys pressed faster than the page is drawn, each is news to the one before it, also if
the last one says what the page still shows.
"""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

_SEEN: Final = "fulcrum_seen_values"


def shows(key: str, value: object) -> None:
    """In a script run: the widget with this key shows ``value``, in the terms of its own values."""
    _seen()[key] = value


def is_news(key: str) -> bool:
    """For callbacks: whether the widget's value is another one than was seen last. Once for each value."""
    value = st.session_state[key]
    if _seen().get(key) == value:
        return False
    _seen()[key] = value
    return True


def _seen() -> dict[str, Any]:
    found: dict[str, Any] = st.session_state.setdefault(_SEEN, {})
    return found
