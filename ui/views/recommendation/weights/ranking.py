"""What matters, in order: steps up and down, and the rest below."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from advisor.model.decision import Decision
from ui.kit import components
from ui.session import state
from ui.views.recommendation.weights import saving


def show(now: state.Current, decision: Decision) -> None:
    """The ranking with its steps, and the criteria that could still be ranked."""
    titles = {row.criterion.id: row.criterion.title for row in decision.criteria}
    ranked = [name for name in now.answers.priorities.ranking if name in titles]
    if not ranked:
        st.caption("Nothing is ranked yet: everything has its starting point. Name what matters most first.")
    for place, name in enumerate(ranked):
        _place(now, ranked, place, titles[name])
    rest = sorted((row for row in decision.criteria if row.criterion.id not in ranked), key=lambda row: -row.weight)
    if not (now.editable and rest):
        return
    key = f"rank-next-{len(ranked)}"
    st.selectbox(
        "What comes next?" if ranked else "What matters most?",
        [row.criterion.id for row in rest],
        index=None,
        format_func=titles.__getitem__,
        placeholder="Choose a criterion",
        key=key,
        on_change=_add,
        args=(now, key),
    )


def _place(now: state.Current, ranked: list[str], place: int, title: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"rank-{ranked[place]}"):
        st.markdown(f"**{place + 1}.** {components.escape(title)}", width="stretch")
        if not now.editable:
            return
        name, last = ranked[place], len(ranked) - 1
        steps: tuple[tuple[str, str, str, bool, Callable[[list[str]], list[str]]], ...] = (
            ("up", "arrow_upward", f"Move {title} up", place == 0, partial(_moved, name=name, by=-1)),
            ("down", "arrow_downward", f"Move {title} down", place == last, partial(_moved, name=name, by=1)),
            ("out", "close", f"Take {title} out of the ranking", False, partial(_without, name=name)),
        )
        for word, icon, help_, disabled, how in steps:
            st.button(
                f":material/{icon}:",
                key=f"rank-{word}-{ranked[place]}",
                help=help_,
                type="tertiary",
                disabled=disabled,
                on_click=_save,
                args=(now, how),
            )


def _moved(ranked: list[str], *, name: str, by: int) -> list[str]:
    """``name`` a step further; the same where it is gone, or stands at the end already."""
    place = ranked.index(name) if name in ranked else -1
    to = place + by
    if place < 0 or not 0 <= to < len(ranked):
        return ranked
    moved = list(ranked)
    moved[place], moved[to] = moved[to], moved[place]
    return moved


def _without(ranked: list[str], *, name: str) -> list[str]:
    return [other for other in ranked if other != name]


def _add(now: state.Current, key: str) -> None:
    chosen = st.session_state.get(key)
    if chosen and chosen not in saving.stored().ranking:  # called once more when it leaves the page
        _save(now, lambda ranked: [*_without(ranked, name=chosen), chosen])


def _save(now: state.Current, how: Callable[[list[str]], list[str]]) -> None:
    saving.change(now, lambda own: {"method": "ranking", "ranking": tuple(how(list(own.ranking)))})
