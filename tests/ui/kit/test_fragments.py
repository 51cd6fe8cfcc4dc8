"""Parts of a page that a callback has drawn anew by their names."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from ui.kit.fragments import apart, redraw

    @apart(name="part")
    def part() -> None:
        st.session_state.parts = st.session_state.get("parts", 0) + 1

    st.session_state.pages = st.session_state.get("pages", 0) + 1
    part()
    st.button("Part", on_click=lambda: redraw(["part"]))
    st.button("Gone", on_click=lambda: redraw(["part", "on the page before"]))


@pytest.mark.parametrize(("button", "pages"), [("Part", 1), ("Gone", 2)])
def test_the_named_parts_are_drawn_alone_and_the_page_where_one_is_gone(button: str, pages: int) -> None:
    app = AppTest.from_function(page).run()
    next(found for found in app.button if found.label == button).click().run()
    assert not app.exception
    assert (app.session_state.pages, app.session_state.parts) == (pages, 2)
