"""What matters, said in one of four ways; sliders say which answer set them, and each move is answered at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, get_args

import streamlit as st

from advisor.answers import Method, Priorities
from advisor.model.decision import Decision
from advisor.model.evidence import CriterionRow
from ui.kit import components, widget_changes
from ui.session import decisions, saving, state
from ui.views.recommendation.weights import pairs, people, ranges, ranking, scope
from ui.views.recommendation.weights import saving as priorities

_TITLES: Final[Mapping[Method, str]] = {
    "swings": "Sliders", "ranking": "In order", "ranges": "Ranges", "pairs": "In pairs",
}  # fmt: skip
_HOW: Final[Mapping[Method, str]] = {
    "swings": "Move what you know; what you leave alone stays a guess good to a factor of three.",
    "ranking": "Name them in order. How much more the first one matters is left open, and all of it is counted.",
    "ranges": "Say between which shares of the whole decision a weight lies; every share between counts alike.",
    "pairs": "Compare two at a time (AHP). You are told how consistent it is and which pair to think over.",
}
MOST: Final = 6  # sliders in sight; the others are behind a click
_NAMES: Final = ((12.5, "hardly"), (37.5, "a little"), (62.5, "quite"), (87.5, "much"), (101, "most of all"))


def name(swing: float) -> str:
    """A swing from 0 to 100 in words."""
    return next(word for end, word in _NAMES if swing < end)


def show(now: state.Current, decision: Decision) -> None:
    """How to say it, and that way's own controls."""
    with st.container(key="weights"):
        st.markdown("## What matters to you")
        st.caption(
            "How much does it matter to go from the worst to the best on each line? The starting points come "
            "from your answers."
        )
        people.chooser(now)
        priorities.refused()
        if now.answers.voices and not scope.name(now.answers):
            people.together(decision)
        else:
            alone = scope.alone(now)
            _own(alone, decisions.for_answers(alone))


def _own(now: state.Current, decision: Decision) -> None:
    """The team's common weights, or one person's, to look at and to change."""
    _WAYS[_method(now)](now, decision)
    if now.editable and now.answers.priorities != Priorities():
        st.button(
            "Back to the starting points", icon=":material/restart_alt:", on_click=_reset, args=(now,), key="reset"
        )


def _method(now: state.Current) -> Method:
    stated = now.answers.priorities
    stored: Method = stated.method or ("ranking" if stated.ranking and not stated.swings else "swings")
    key = f"weights-method-{priorities.epoch(now)}"
    widget_changes.shows(key, stored)
    st.segmented_control(
        "How do you say it?",
        get_args(Method),
        default=stored,
        format_func=lambda name: _TITLES[name],
        required=True,
        key=key,
        disabled=not now.editable,
        label_visibility="collapsed",
        on_change=_choose,
        args=(now, key),
    )
    st.caption(_HOW[stored])
    return stored


def _choose(now: state.Current, key: str) -> None:
    if widget_changes.is_news(key):
        chosen: Method = st.session_state[key]
        priorities.change(now, lambda _: {"method": chosen})


def _sliders(now: state.Current, decision: Decision) -> None:
    """One slider a criterion, heaviest default first."""
    swings = now.answers.priorities.swings
    rows = sorted(decision.criteria, key=lambda row: (-row.swing_default, row.criterion.title))
    for row in rows[:MOST]:
        _slider(now, row, changed=row.criterion.id in swings)
    if rows[MOST:]:
        with components.folded(f"{len(rows) - MOST} more", key="more-weights") as is_open:
            for row in rows[MOST:] if is_open else ():
                _slider(now, row, changed=row.criterion.id in swings)


def _slider(now: state.Current, row: CriterionRow, *, changed: bool) -> None:
    key = f"swing-{row.criterion.id}-{priorities.epoch(now)}"
    if now.fresh or key not in st.session_state or not changed:
        st.session_state[key] = round(row.swing)
    widget_changes.shows(key, st.session_state[key])
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
        moved = f" Moved from {row.swing_default:.0f}." if changed else ""
        st.caption(components.escape(f"{name(row.swing)}: {because}.{moved}".replace("..", ".")))


def _save(now: state.Current, criterion: str, key: str) -> None:
    if widget_changes.is_news(key):
        swing = float(st.session_state[key])
        priorities.change(now, lambda own: {"method": "swings", "swings": {**own.swings, criterion: swing}})


def _reset(now: state.Current) -> None:
    person = scope.name(state.current().answers)
    rest_holds = saving.change(now.services, lambda answers: scope.with_priorities(answers, Priorities(), person))
    priorities.begin_anew()
    priorities.redraw(rest_holds)


_WAYS: Final[Mapping[Method, Callable[[state.Current, Decision], None]]] = {
    "swings": _sliders, "ranking": ranking.show, "ranges": ranges.show, "pairs": pairs.show,
}  # fmt: skip
