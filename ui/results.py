"""What a run said: ratios, raw blocks, memory and start-up, and every missing figure with its reason."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from advisor.charts import comparison
from advisor.charts.palette import NAMES, Theme
from advisor.charts.quantities import quantity
from advisor.charts.verdicts import confidence, interval, winner, words
from probes.schema import FRAMEWORKS, Outcome, ProbeResult, RunResult, Verdict, to_json
from ui import components, theme

_ONE_SHOT = {"B": "memory", "s": "start-up"}


@st.cache_resource(max_entries=256, show_spinner=False)
def _figure(key: tuple[str, str, str, str], shade: Theme, _result: RunResult) -> go.Figure:
    """A figure, drawn once for a version of a run, a kind, a probe and a theme."""
    _, _, kind, probe = key
    if kind == "forest":
        return comparison.forest([r for r in _result.results if (r.track == "default") == (probe == "default")], shade)
    result = next(r for r in _result.results if r.probe == probe)
    return comparison.blocks(result, shade) if kind == "blocks" else comparison.bars(result, shade)


def show(run_id: str, version: str, result: RunResult) -> None:
    """All of a run's results, most important first."""
    shade = theme.current()
    figures = functools.partial(_draw, run_id, version, result, shade)
    measured = [r for r in result.results if r.outcome is Outcome.OK and r.ratio]
    st.markdown(f"## {_headline([r for r in measured if r.track == 'default'])}")
    st.caption(components.escape(_where(result)))
    if measured:
        figures("forest", "default", "How many times better a side is: " + _said(result.results, default=True))
        st.caption(
            f"Marks are estimates, lines {confidence(measured[0])} intervals over instances and fresh process pairs. "
            "The grey band is the margin inside which both count as equal, fixed before the run."
        )
    _notes(result.results)
    _missing(result.results)
    _table(result.results)
    _one_shots([r for r in measured if not _timed(r)], figures)
    if any(r.track != "default" for r in measured):
        st.markdown("### Other modes")
        st.caption("Measured as tracks of their own: they say what a mode costs or gains, not which framework to take.")
        figures("forest", "other", "Other modes: " + _said(result.results, default=False))
    _blocks([r for r in measured if _timed(r)], figures)
    st.download_button(
        "Download everything measured (JSON)",
        data=lambda: to_json(result, indent=1),
        file_name=f"fulcrum-run-{run_id[:8]}.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
        key="download-run",
    )


def _draw(run_id: str, version: str, result: RunResult, shade: Theme, kind: str, probe: str, alt: str) -> None:
    key = "blocks" if kind == "blocks" else f"{kind}-{probe}"
    components.chart(_figure((run_id, version, kind, probe), shade, result), key=key, alt=alt)


def _said(results: Sequence[ProbeResult], *, default: bool) -> str:
    return "; ".join(f"{r.title}: {words(r)}" for r in results if (r.track == "default") == default)


def _one_shots(items: Sequence[ProbeResult], figures: Callable[[str, str, str], None]) -> None:
    """Memory and start-up as bars, the parts of a start-up in words."""
    if not items:
        return
    st.markdown("### Memory and one-time costs")
    with st.grid(2, gap="large", min_column_width=320):
        for item in items:
            with st.container(gap="xsmall"):
                st.markdown(f"**{components.escape(item.title)}** · {components.escape(words(item))}")
                figures("bars", item.probe, f"{item.title}: {words(item)}")
                for side in FRAMEWORKS:
                    named = comparison.parts(item, side)
                    if len(named) > 1:
                        listed = ", ".join(f"{name} {quantity(value, 's')}" for name, value in named)
                        st.caption(f"{components.framework(side)}: {components.escape(listed)}")


def _timed(result: ProbeResult) -> bool:
    """Whether many blocks were timed, or one value an instance was taken."""
    return max(len(result.sides[side].samples) for side in FRAMEWORKS) > 24


def _headline(measured: list[ProbeResult]) -> str:
    if not measured:
        return "No result yet"
    wins = {side: sum(winner(r) == side for r in measured) for side in FRAMEWORKS}
    equal = sum(r.verdict is Verdict.EQUAL for r in measured)
    open_ = len(measured) - sum(wins.values()) - equal
    parts = [f"{NAMES[side]} is ahead in {count}" for side, count in wins.items() if count]
    parts += [f"{equal} equal"] if equal else []
    parts += [f"{open_} undecided"] if open_ else []
    return f"Of {len(measured)} probes, " + ", ".join(parts)


def _where(result: RunResult) -> str:
    request = result.request
    threads = "1 thread" if request.threads == 1 else f"{request.threads} threads"
    when = f", {result.started_at[:10]}" if result.started_at else ""
    provisional = " Provisional: not all rounds are finished." if any(r.provisional for r in result.results) else ""
    contended = (
        " Other work was running on this machine meanwhile; the intervals carry that."
        if any(r.contended for r in result.results)
        else ""
    )
    return (
        f"Measured on {result.machine.name}, {threads} on each side, {len(result.rounds)} rounds of fresh processes, "
        f"{result.seconds:.0f} s{when}.{provisional}{contended}"
    )


def _notes(results: Sequence[ProbeResult]) -> None:
    """What belongs beside the figures: what would decide an open one, who disturbed it. Common ones are said once."""
    named: dict[str, list[str]] = {}
    for result in results:
        for note in result.notes:
            named.setdefault(note, []).append(result.title)
    for note, titles in named.items():
        of = "" if len(titles) == len(results) else f"{', '.join(titles)}: "
        st.caption(f":material/info: {components.escape(of + note)}")


def _missing(results: tuple[ProbeResult, ...]) -> None:
    """Every probe without a figure: how it ended, why, and its last words."""
    for result in results:
        if result.outcome is Outcome.OK:
            continue
        with st.expander(
            f"**{components.escape(result.title)}**: {result.outcome.value}",
            icon=":material/report:",
            key=f"missing-{result.probe}",
        ):
            reasons = {f"{NAMES[s]}: {result.sides[s].reason}" for s in FRAMEWORKS if result.sides[s].reason}
            for reason in sorted(reasons) or [result.reason or "No reason was given."]:
                st.code(reason, language=None, wrap_lines=True)


def _table(results: tuple[ProbeResult, ...]) -> None:
    """The figures under the chart; a missing one shows its outcome."""
    rows: list[dict[str, Any]] = []
    for result in results:
        cells = {}
        for side in FRAMEWORKS:
            report = result.sides[side]
            value = quantity(report.median, result.unit) if report.median is not None else report.outcome.value
            cells[NAMES[side]] = value
        rows.append(
            {
                "Probe": result.title,
                **cells,
                "Verdict": words(result),
                "Interval": f"{interval(result)} ({confidence(result)})" if result.ratio else "",
                "Modes": " / ".join(result.sides[side].mode for side in FRAMEWORKS),
                "Outcome": result.outcome.value + (", provisional" if result.provisional else ""),
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="results-table", alt="All results as a table")


def _blocks(timed: Sequence[ProbeResult], figures: Callable[[str, str, str], None]) -> None:
    if not timed:
        return
    st.markdown("### Every block that was timed")
    titles = {r.probe: r.title for r in timed}
    chosen = st.pills(
        "Probe", list(titles), format_func=titles.__getitem__, default=timed[0].probe, required=True, key="blocks-probe"
    )
    item = next((r for r in timed if r.probe == chosen), timed[0])
    figures("blocks", item.probe, f"Distribution of the raw blocks of {item.title}")
