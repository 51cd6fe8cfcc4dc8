"""What matters, in order: steps up and down, and the rest below."""

from __future__ import annotations

import streamlit as st

from advisor.model import Decision
from ui import components, priorities, state


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
        args=(now, ranked, key),
    )


def _place(now: state.Current, ranked: list[str], place: int, title: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"rank-{ranked[place]}"):
        st.markdown(f"**{place + 1}.** {components.escape(title)}", width="stretch")
        if not now.editable:
            return
        steps = (
            ("up", ":material/arrow_upward:", f"Move {title} up", place == 0, _moved(ranked, place, -1)),
            (
                "down",
                ":material/arrow_downward:",
                f"Move {title} down",
                place == len(ranked) - 1,
                _moved(ranked, place, 1),
            ),
            (
                "out",
                ":material/close:",
                f"Take {title} out of the ranking",
                False,
                ranked[:place] + ranked[place + 1 :],
            ),
        )
        for word, icon, help_, disabled, then in steps:
            st.button(
                icon,
                key=f"rank-{word}-{ranked[place]}",
                help=help_,
                type="tertiary",
                disabled=disabled,
                on_click=_save,
                args=(now, then),
            )


def _moved(ranked: list[str], place: int, by: int) -> list[str]:
    to = place + by
    if not 0 <= to < len(ranked):
        return ranked
    moved = list(ranked)
    moved[place], moved[to] = moved[to], moved[place]
    return moved


def _add(now: state.Current, ranked: list[str], key: str) -> None:
    chosen = st.session_state.get(key)
    if chosen and chosen not in priorities.stored().ranking:  # called once more when it leaves the page
        _save(now, [*ranked, chosen])


def _save(now: state.Current, ranking: list[str]) -> None:
    priorities.change(now, method="ranking", ranking=tuple(ranking))
