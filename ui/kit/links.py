"""Links between pages, which don't import each other: by their names, with the decision kept in the address bar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import streamlit as st
from streamlit.navigation.page import Page

_PAGES: Final = "fulcrum_pages"
_WANTED: Final = "fulcrum_wanted"


def remember_pages(pages: Mapping[str, Page]) -> None:
    """The pages there are, by ``url_path``."""
    st.session_state[_PAGES] = pages


def page(url_path: str) -> Page:
    """The page of that name, for ``st.page_link``."""
    found: Page = st.session_state[_PAGES][url_path]
    return found


def query() -> dict[str, str]:
    """The query parameters that links inside the app carry on."""
    return {name: st.query_params[name] for name in ("decision",) if name in st.query_params}


def link(url_path: str, label: str, icon: str | None = None) -> None:
    st.page_link(page(url_path), label=label, icon=icon, query_params=query())


def onward(url_path: str, label: str) -> None:
    """The calm way on at a page's end, so that nobody has to guess what comes next."""
    with st.container(key="onward"):
        link(url_path, label, ":material/arrow_forward:")


def go(url_path: str, *, wanted: str) -> None:
    """Open another page, which is to show ``wanted`` of its own things: a probe, a question, a criterion."""
    st.session_state[_WANTED] = (url_path, wanted)
    st.switch_page(page(url_path), query_params=query())


def wanted(url_path: str) -> str:
    """For the page of that name: what it was opened for, "" if for nothing in particular. Stands until ``shown``."""
    where, what = st.session_state.get(_WANTED, ("", ""))
    return what if where == url_path else ""


def shown(url_path: str) -> None:
    """The page has shown it, or whoever wanted it got it."""
    if wanted(url_path):
        del st.session_state[_WANTED]


def base_url() -> str:
    """Scheme, host and base path of this app as the browser sees it, without a page."""
    url = urlsplit(st.context.url or "http://localhost:8501/")
    return f"{url.scheme}://{url.netloc}"
