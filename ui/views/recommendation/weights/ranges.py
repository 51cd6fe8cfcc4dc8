"""What matters, as ranges: between which shares of the whole decision a weight lies."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from advisor.answers import Priorities, ShareRange
from advisor.model.decision import Decision
from advisor.model.evidence import CriterionRow
from ui.kit import components, widget_changes
from ui.session import state
from ui.views.recommendation.weights import saving

_WIDTH: Final = (0.5, 1.5)  # of the present share: where a new range starts


def show(now: state.Current, decision: Decision) -> None:
    """A range for each criterion that was given one; the others share the rest."""
    rows = {row.criterion.id: row for row in sorted(decision.criteria, key=lambda row: -row.weight)}
    ranges = {name: bounds for name, bounds in now.answers.priorities.ranges.items() if name in rows}
    for name, bounds in ranges.items():
        _range(now, rows[name], bounds)
    if ranges:
        least = sum(bounds.low for bounds in ranges.values())
        st.caption(f"{least:.0f} % are taken at least; what is left is shared by the others, by their starting points.")
    else:
        st.caption("No range is given yet: everything has its starting point.")
    rest = [name for name in rows if name not in ranges]
    if now.editable and rest:
        key = f"range-next-{len(ranges)}"
        st.selectbox(
            "Give a range to",
            rest,
            index=None,
            format_func=lambda name: rows[name].criterion.title,
            placeholder="Choose a criterion",
            key=key,
            on_change=_add,
            args=(now, rows, key),
        )


def _range(now: state.Current, row: CriterionRow, bounds: ShareRange) -> None:
    name = row.criterion.id
    key = f"range-{name}-{saving.epoch(now)}"
    ends = (round(bounds.low), round(bounds.high))
    widget_changes.shows(key, ends)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.slider(
            components.escape(row.criterion.title),
            0,
            100,
            ends,
            key=key,
            format="%d %%",
            disabled=not now.editable,
            on_change=_move,
            args=(now, name, key),
        )
        if now.editable:
            st.button(
                ":material/close:",
                key=f"range-out-{name}",
                type="tertiary",
                help=f"Take the range of {row.criterion.title} away",
                on_click=_save,
                args=(now, name, None),
            )


def _add(now: state.Current, rows: dict[str, CriterionRow], key: str) -> None:
    chosen = st.session_state.get(key)
    if chosen and chosen not in saving.stored().ranges:  # called once more when it leaves the page
        low, high = (min(100, round(100 * part * rows[chosen].weight)) for part in _WIDTH)
        _save(now, chosen, ShareRange(low=low, high=max(high, low + 1)))


def _move(now: state.Current, name: str, key: str) -> None:
    if widget_changes.is_news(key):
        low, high = st.session_state[key]
        _save(now, name, ShareRange(low=low, high=high))


def _save(now: state.Current, name: str, bounds: ShareRange | None) -> None:
    """``None`` takes the range away."""

    def with_range(own: Priorities) -> dict[str, Any]:
        ranges = dict(own.ranges)
        if bounds is None:
            ranges.pop(name, None)
        else:
            ranges[name] = bounds
        return {"method": "ranges", "ranges": ranges}

    saving.change(now, with_range)
