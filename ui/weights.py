"""What matters, as sliders: each says which answer set it, and each move is saved and answered at once."""

from __future__ import annotations

from typing import Final

import streamlit as st

from advisor.model import Answers, CriterionRow, Decision, Priorities
from ui import components, state

MOST: Final = 6  # sliders in sight; the others are behind a click
_NAMES: Final = ((12.5, "hardly"), (37.5, "a little"), (62.5, "quite"), (87.5, "much"), (101, "most of all"))


def name(swing: float) -> str:
    """A swing from 0 to 100 in words."""
    return next(word for end, word in _NAMES if swing < end)


def sliders(now: state.Current, decision: Decision) -> None:
    """One slider a criterion, heaviest default first, and a way back to the defaults."""
    with st.container(key="weights"):
        st.markdown("## What matters to you")
        st.caption(
            "How much does it matter to go from the worst to the best on each line? The starting points come "
            "from your answers."
        )
        own = now.answers.priorities.swings
        rows = sorted(decision.criteria, key=lambda row: (-row.swing_default, row.criterion.title))
        for row in rows[:MOST]:
            _slider(now, row, changed=row.criterion.id in own)
        if rows[MOST:]:
            with st.expander(f"{len(rows) - MOST} more", key="more-weights"):
                for row in rows[MOST:]:
                    _slider(now, row, changed=row.criterion.id in own)
        if now.editable and own:
            st.button(
                "Back to the starting points", icon=":material/restart_alt:", on_click=_reset, args=(now,), key="reset"
            )


def _slider(now: state.Current, row: CriterionRow, *, changed: bool) -> None:
    key = f"swing-{row.criterion.id}"
    if now.fresh or key not in st.session_state or not changed:
        st.session_state[key] = round(row.swing)
    with st.container(gap="xxsmall"):
        st.slider(
            components.escape(row.criterion.title),
            min_value=0,
            max_value=100,
            step=5,
            key=key,
            format="%d",
            disabled=not now.editable,
            help=components.escape(f"{row.criterion.question} {row.criterion.why}"),
            on_change=_save,
            args=(now, row.criterion.id, key),
        )
        components.ends("hardly", "most of all")
        because = "; ".join(row.because) or "the same starting point for everybody"
        moved = f" Moved by you from {row.swing_default:.0f}." if changed else ""
        st.caption(components.escape(f"{name(row.swing)}: {because}.{moved}".replace("..", ".")))


def _save(now: state.Current, criterion: str, key: str) -> None:
    value = float(st.session_state[key])

    def with_swing(answers: Answers) -> Answers:
        swings = {**answers.priorities.swings, criterion: value}
        return answers.model_copy(update={"priorities": Priorities(ranking=answers.priorities.ranking, swings=swings)})

    state.change(now.services, with_swing)


def _reset(now: state.Current) -> None:
    def without(answers: Answers) -> Answers:
        return answers.model_copy(update={"priorities": Priorities(ranking=answers.priorities.ranking)})

    state.change(now.services, without)
