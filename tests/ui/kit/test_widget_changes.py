"""What a widget's callback takes for news."""

from __future__ import annotations

import pytest
import streamlit as st

from ui.kit import widget_changes

KEY = "slider"


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    values: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", values)
    return values


def said(value: object) -> bool:
    st.session_state[KEY] = value
    return widget_changes.is_news(KEY)


def test_a_widget_that_leaves_the_page_says_nothing_new() -> None:
    widget_changes.shows(KEY, 75)
    assert not said(75)
    assert said(80)
    assert not said(80)


def test_keys_that_are_faster_than_the_page_count_up_to_the_last() -> None:
    """Home, End, Home: the page still showed what Home had set when the last Home came, and it was lost."""
    widget_changes.shows(KEY, 75)
    assert said(0)
    widget_changes.shows(KEY, 0)  # drawn in between
    assert said(100)
    assert said(0)


def test_widgets_are_kept_apart_and_what_is_drawn_anew_counts() -> None:
    widget_changes.shows("other", 5)
    widget_changes.shows(KEY, 75)
    assert said(5)
    widget_changes.shows(KEY, 75)
    assert said(5)
