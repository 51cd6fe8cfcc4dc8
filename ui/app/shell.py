"""The script that every visitor's session runs: finds the pages, draws what they share, runs the one asked for."""

from __future__ import annotations

import functools

import streamlit as st
from streamlit.navigation.page import Page

from ui import views
from ui.app import services
from ui.app.middleware import link_exchange
from ui.jobs import requests
from ui.jobs.banner import banner, watch
from ui.kit import components, links, theme
from ui.kit.turns import turns
from ui.session import saving, sharing, state


def _header(pages: list[Page], now: state.Current, here: Page) -> None:
    with st.container(key="header", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(components.MARK, width="content")
        with st.container(horizontal=True, gap=None, width="content", key="header-pages"):
            for page in pages:
                st.page_link(page, query_params=links.query())
        with st.container(key="header-project"):
            if now.record and now.record.answers.project.name:
                st.text(now.record.answers.project.name)
        sharing.share(now, here.url_path)


def _missing(now: state.Current, first: Page) -> None:
    st.title("This decision doesn't exist")
    components.lead(
        "The link may be cut off, or it belongs to another installation. Nothing was lost here: "
        "decisions stay where they were made."
    )
    st.text(f"Asked for: {now.missing[:80]}")
    if st.button("Start a new decision", type="primary", icon=":material/add:", key="new-decision"):
        state.forget()
        st.switch_page(first)


def main() -> None:
    st.set_page_config(page_title="Fulcrum", page_icon="⚖️", layout="wide", initial_sidebar_state="collapsed")
    theme.install()
    parts = services.get()
    now = state.open_decision(parts)
    pages: dict[str, Page] = {}
    for module in views.pages():
        view = module.VIEW
        run = functools.partial(module.render, parts)
        pages[view.url_path] = st.Page(run, title=view.title, icon=view.icon, url_path=view.url_path, default=not pages)
    chosen = st.navigation(list(pages.values()), position="hidden")
    st.set_page_config(page_title=f"{chosen.title} · Fulcrum")
    links.remember_pages(pages)
    _header([pages[module.VIEW.url_path] for module in views.pages() if module.VIEW.listed], now, chosen)
    if text := link_exchange.NOTICES.get(st.query_params.get(link_exchange.NOTICE, "")):
        st.warning(text, icon=":material/key_off:")
    if now.missing:
        _missing(now, next(iter(pages.values())))
        return
    if now.record is not None:
        view = next(module.VIEW for module in views.pages() if module.VIEW.title == chosen.title)
        if not (view.follows_run and now.run and now.run.active):
            watch(parts, follow_answers=view.shows_answers)
        banner(now, pages["probes"], shown_on_page=view.follows_run)
        if not now.editable:
            st.caption(
                ":material/visibility: You are reading a shared decision. It updates by itself; only who has its link "
                "to edit can change it."
            )
        saving.overwritten(parts, now)
    saving.notices(now)
    requests.refused()
    with turns.editing() if now.edited_here else turns.reading():
        chosen.run()


main()
