"""What matters, in pairs: which of two matters more, how consistent that is, and which pair to think over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Final

import streamlit as st

from advisor.answers import PairJudgement, Priorities
from advisor.decision.scoring.ahp import TOLERATED, compare, matrix
from advisor.model.decision import Decision
from advisor.wording.quantities import percent
from ui.kit import components, widget_changes
from ui.kit.fragments import redraw
from ui.session import state
from ui.views.recommendation.weights import saving

MOST: Final = 6  # criteria: fifteen pairs, which is as much as anybody answers with care
_FIRST: Final = 3  # criteria that are compared to begin with
#: Saaty's scale. Keys are what a widget remembers.
SCALE: Final[Mapping[str, float]] = {
    "9": 9, "7": 7, "5": 5, "3": 3, "2": 2, "1": 1,
    "1/2": 1 / 2, "1/3": 1 / 3, "1/5": 1 / 5, "1/7": 1 / 7, "1/9": 1 / 9,
}  # fmt: skip
_WORDS: Final = {9: "extremely more", 7: "very much more", 5: "much more", 3: "rather more", 2: "a little more"}


def show(now: state.Current, decision: Decision) -> None:
    """Which criteria, a step for each pair, and what it comes to."""
    titles = {row.criterion.id: row.criterion.title for row in sorted(decision.criteria, key=lambda row: -row.weight)}
    compared = [name for name in now.answers.priorities.compared if name in titles]
    key = f"pairs-compared-{saving.epoch(now)}"
    widget_changes.shows(key, compared)
    st.multiselect(
        "Criteria to compare",
        list(titles),
        default=compared,
        format_func=titles.__getitem__,
        max_selections=MOST,
        key=key,
        disabled=not now.editable,
        placeholder=f"Choose 2 to {MOST}",
        on_change=_choose,
        args=(now, key),
    )
    if not compared:
        st.caption("Nothing is compared yet: everything has its starting point.")
        if now.editable:
            st.button(
                f"Compare the {_FIRST} heaviest", key="pairs-begin", on_click=_begin, args=(now, list(titles)[:_FIRST])
            )
        return
    for pair in now.answers.priorities.pairs:
        _pair(now, pair, titles)
    _consistency(now.answers.priorities.pairs, compared, titles)


def _pair(now: state.Current, pair: PairJudgement, titles: Mapping[str, str]) -> None:
    key = f"pair-{pair.first}-{pair.second}-{saving.epoch(now)}"
    widget_changes.shows(key, _step(pair))
    first, second = titles[pair.first], titles[pair.second]
    with st.container(gap="xxsmall"):
        st.select_slider(
            components.escape(f"{first} or {second}?"),
            list(SCALE),
            value=_step(pair),
            key=key,
            format_func=lambda step: _said(SCALE[step]),
            disabled=not now.editable,
            on_change=_move,
            args=(now, pair, key),
        )
        components.ends(first, second)
        st.caption(components.escape(_sentence(pair.ratio, first, second)))


def _step(pair: PairJudgement) -> str:
    return min(SCALE, key=lambda step: abs(SCALE[step] - pair.ratio))


def _said(ratio: float) -> str:
    if ratio == 1:
        return "alike"
    return f"{max(ratio, 1 / ratio):.0f} : 1" if ratio > 1 else f"1 : {1 / ratio:.0f}"


def _sentence(ratio: float, first: str, second: str) -> str:
    if ratio == 1:
        return "Both matter alike."
    more, less = (first, second) if ratio > 1 else (second, first)
    return f"{more} matters {_WORDS[round(max(ratio, 1 / ratio))]} than {less}."


def _consistency(pairs: Sequence[PairJudgement], compared: Sequence[str], titles: Mapping[str, str]) -> None:
    comparison = compare(matrix(compared, {(pair.first, pair.second): pair.ratio for pair in pairs}))
    shares = ", ".join(
        f"{titles[name]} {percent(share)}" for name, share in zip(compared, comparison.weights, strict=True)
    )
    st.caption(components.escape(f"Among themselves: {shares}. Consistency ratio {comparison.ratio:.2f}."))
    if comparison.ratio > TOLERATED and comparison.reconsider:
        first, second = (titles[compared[i]] for i in comparison.reconsider)
        st.warning(
            components.escape(
                f"Think «{first}» or «{second}» over: the other comparisons together say "
                f"{_said(_nearest(comparison.fitting))} there. A ratio up to {TOLERATED:.2f} is usual."
            ),
            title="These comparisons contradict each other",
        )


def _nearest(ratio: float) -> float:
    return min(SCALE.values(), key=lambda step: abs(step / ratio - 1) + abs(ratio / step - 1))


def _choose(now: state.Current, key: str) -> None:
    if not widget_changes.is_news(key):
        return
    names = list(st.session_state[key])
    if len(names) == 1:  # one alone is the way to two
        redraw(["weights"])
    shown = saving.stored().compared

    def chosen(priorities: Priorities) -> list[PairJudgement]:
        """What this one added and took away, of what is compared by now."""
        kept = [name for name in priorities.compared if name in names or name not in shown]
        return _pairs(priorities, [*kept, *(name for name in names if name not in kept and name not in shown)])

    _save(now, chosen)


def _begin(now: state.Current, names: Sequence[str]) -> None:
    saving.begin_anew()  # the list of what is compared starts from these
    _save(
        now,
        lambda priorities: _pairs(
            priorities, [*priorities.compared, *(name for name in names if name not in priorities.compared)][:MOST]
        ),
    )


def _pairs(priorities: Priorities, names: Sequence[str]) -> list[PairJudgement]:
    """Every pair of these; what was said before stays."""
    known = {frozenset((pair.first, pair.second)): pair for pair in priorities.pairs}
    return [
        known.get(frozenset(pair), PairJudgement(first=pair[0], second=pair[1], ratio=1))
        for pair in combinations(names, 2)
    ]


def _move(now: state.Current, moved: PairJudgement, key: str) -> None:
    if not widget_changes.is_news(key):
        return
    new = moved.model_copy(update={"ratio": SCALE[st.session_state[key]]})
    same = (moved.first, moved.second)
    _save(now, lambda priorities: [new if (pair.first, pair.second) == same else pair for pair in priorities.pairs])


def _save(now: state.Current, how: Callable[[Priorities], Sequence[PairJudgement]]) -> None:
    saving.change(now, lambda own: {"method": "pairs", "pairs": tuple(how(own))})
