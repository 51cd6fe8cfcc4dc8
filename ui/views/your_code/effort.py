"""What each way costs in person-days: ranges, their parts, the plan, and how such estimates did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from advisor.effort.judgements import judgements
from advisor.effort.rates import rates
from advisor.effort.report import EffortReport, OptionEffort, PersonDays
from advisor.output.charts.effort_ranges import effort_ranges, effort_words
from advisor.output.charts.palette import Theme
from advisor.wording.quantities import counted, person_days
from probes.system.sentences import upper_first
from ui.kit import components, links, theme
from ui.kit.fragments import apart
from ui.session import code_scans, decisions, state
from ui.session.versioned import versioned

_REHEARSED: Final = 6  # outcomes of rehearsals that are shown
_FIGURES: Final[dict[Any, str | Callable[[object], str] | None]] = {
    "P10": "{:.1f}",
    "P50": "{:.1f}",
    "P90": "{:.1f}",
    "Uses": "{:.0f}",
}
_NOT_A_DAY: Final = 0.05  # person-days that are shown as none


def show(now: state.Current, effort: EffortReport) -> None:
    """Every way that the code leaves open; one of them in its parts."""
    st.markdown("## What each way costs")
    moving = [one for one in effort.options if one.moves]
    if not moving:
        st.markdown("No way would change anything in this code: it names no framework that would have to move.")
        return
    st.caption(
        "Person-days until the same results are shown on the new side: the mark is the middle, one in ten ends below "
        "the line and one in ten above. " + components.escape(moving[0].record.sentence)
    )
    shade = theme.current()
    version = code_scans.key(now), code_scans.rehearsed_key(now), decisions.key(now)[0], "effort", shade
    components.chart(_figure(version, effort.options, shade), key="code-effort", alt=effort_words(effort.options))
    _one(effort)
    _rehearsed(effort)
    for limit in effort.limits:
        st.caption(components.escape(limit))
    _multiplied_by()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("The recommendation goes by these days instead of by the number of lines.")
        links.link("recommendation", "What follows from it", ":material/balance:")


def _multiplied_by() -> None:
    """The judgements about all of the work, each with its reason."""
    title = "What every figure is multiplied by, and why"
    with components.folded(title, key="code-judgements", icon=":material/close:") as is_open:
        if is_open:
            rows = [
                {
                    "What": one.title,
                    "How much": components.escape(one.reckoned),
                    "Because": components.escape(one.because),
                }
                for one in judgements(rates())
            ]
            st.table(pd.DataFrame(rows), hide_index=True, alt=title)


def _rehearsed(effort: EffortReport) -> None:
    """What rehearsals of this code changed; the first of many."""
    told = effort.rehearsed
    for one in told[:_REHEARSED]:
        st.caption(f":material/theater_comedy: {components.escape(one.sentence)}")
    if len(told) > _REHEARSED:
        st.caption(f"{counted(len(told) - _REHEARSED, 'more outcome')} of rehearsals: in the JSON below.")


@versioned(most=64)
def _figure(options: Sequence[OptionEffort], shade: Theme) -> go.Figure:
    return effort_ranges(options, shade)


@apart(name="code-way")
def _one(effort: EffortReport) -> None:
    ways = {one.option: one for one in effort.options if one.moves}
    chosen = st.selectbox(
        "Which way in its parts?",
        list(ways),
        format_func=lambda name: ways[name].title,
        key="code-way-parts",
        persist_state="session",
        width=420,
    )
    way = ways.get(chosen) or next(iter(ways.values()))
    largest = "; ".join(f"{one.title} {_days(one.days)}" for one in way.largest)
    st.markdown(components.escape(f"{way.sentence} Largest: {largest}."))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        # Its cells wrap, so that a phone shows all of a range; what is set in columns scrolls sideways there.
        st.table(
            pd.DataFrame(_parts(way)).style.format(_FIGURES, na_rep=""), hide_index=True, alt=f"Parts of {way.title}"
        )
        st.caption("Person-days: one in ten ends below P10, as many below P50 as above, one in ten above P90.")
        _tools(way)
        _skills(way)
    with right:
        _plan(way)


def _parts(way: OptionEffort) -> list[dict[str, str | float | None]]:
    def row(title: str, uses: int | None, days: PersonDays) -> dict[str, str | float | None]:
        return {"Part": components.escape(upper_first(title)), **_columns(days), "Uses": uses}

    rows = [row(f"{one.title}{', given up' * (one.fate == 'drop')}", one.names, one.days) for one in way.areas]
    return [*rows, *(row(one.title, None, one.days) for one in way.floor), row("All", None, way.days)]


def _columns(days: PersonDays) -> dict[str, float]:
    return {"P10": days.p10, "P50": days.p50, "P90": days.p90}


def _tools(way: OptionEffort) -> None:
    saved = [one for one in way.tools if one.days >= _NOT_A_DAY]
    for one in saved:
        days = person_days(one.days, one.days, one.days).partition(" (")[0]
        source = f" [Source]({one.source})" if one.source.startswith("https://") else ""
        st.caption(f":material/construction: {components.escape(f'{one.title} saves {days}: {one.because}')}{source}")


def _skills(way: OptionEffort) -> None:
    effect = way.skills
    if effect is None:
        return
    level = "not answered" if effect.level is None else f"{effect.level} of 5"
    st.caption(
        components.escape(
            f"The team's skill is {level}. With a beginner's the middle would be about {effect.beginner:,.0f} "
            f"person-days, with an expert's about {effect.expert:,.0f}."
        )
    )


def _plan(way: OptionEffort) -> None:
    st.markdown("**The plan**")
    lines = [
        f"{number}. **{components.escape(one.title)}**, {components.escape(_days(one.days))}. Done when: "
        f"{components.escape(one.done_when)}"
        for number, one in enumerate(way.phases, start=1)
    ]
    st.markdown("\n".join(lines))
    if way.first_files:
        st.markdown("**Begin with these files**")
        files = [(one.file, one.names, one.hard) for one in way.first_files]
        st.dataframe(
            pd.DataFrame(files, columns=["File", "Uses", "No counterpart"]),
            hide_index=True,
            height="content",
            column_config={
                "File": st.column_config.TextColumn(width="medium"),
                "Uses": st.column_config.NumberColumn(width="small", help="Names of the framework in the file"),
                "No counterpart": st.column_config.NumberColumn(help="Of these, names that the other side has not"),
            },
            key=f"code-files-{way.option}",
            alt=f"Files to begin with for {way.title}",
        )


def _days(days: PersonDays) -> str:
    return person_days(days.p10, days.p50, days.p90)
