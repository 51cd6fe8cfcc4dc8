"""What a run said: ratios, raw blocks, memory and start-up, and every missing figure with its reason."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from advisor.charts import comparison
from advisor.charts.palette import NAMES, Theme
from advisor.charts.quantities import quantity
from advisor.charts.verdicts import confidence, interval, winner, words
from advisor.conditions import threads
from advisor.reuse import moment
from advisor.runs import Body
from probes.schema import FRAMEWORKS, Outcome, ProbeResult, RunResult, Verdict, to_json
from ui import ages, components, theme

_ONE_SHOT = {"B": "memory", "s": "start-up"}


@st.cache_resource(max_entries=256, show_spinner=False)
def _figure(key: tuple[str, str, str, str], shade: Theme, _result: RunResult) -> go.Figure:
    """A figure, drawn once for a version of a run, a kind, a probe and a theme."""
    _, _, kind, probe = key
    if kind == "forest":
        return comparison.forest([r for r in _result.results if (r.track == "default") == (probe == "default")], shade)
    result = next(r for r in _result.results if r.probe == probe)
    return comparison.blocks(result, shade) if kind == "blocks" else comparison.bars(result, shade)


def show(run_id: str, version: str, body: Body, now: datetime, *, part: bool = False) -> None:
    """All of a body of results, most important first. ``part`` of a page that shows another one too."""
    shade, result = theme.current(), body.result
    suffix = f"-{run_id}" if part else ""
    figures = functools.partial(_draw, run_id, version, result, shade, suffix)
    measured = [r for r in result.results if r.outcome is Outcome.OK and r.ratio]
    st.markdown(f"{'###' if part else '##'} {_headline([r for r in measured if r.track == 'default'])}")
    st.caption(components.escape(_where(body, now)))
    if measured:
        figures("forest", "default", "How many times better a side is: " + _said(result.results, default=True))
        st.caption(
            f"Marks are estimates, lines {confidence(measured[0])} intervals over instances and fresh process pairs. "
            "The grey band is the margin inside which both count as equal, fixed before the run."
        )
    _notes(result.results)
    _missing(result.results, suffix)
    _table(result.results, now, suffix)
    _one_shots([r for r in measured if not _timed(r)], figures)
    if any(r.track != "default" for r in measured):
        st.markdown("### Other modes")
        st.caption("Measured as tracks of their own: they say what a mode costs or gains, not which framework to take.")
        figures("forest", "other", "Other modes: " + _said(result.results, default=False))
    _blocks([r for r in measured if _timed(r)], figures, suffix)
    st.download_button(
        "Download everything measured (JSON)",
        data=lambda: to_json(result, indent=1),
        file_name=f"fulcrum-run-{run_id[:8]}.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
        key=f"download-run{suffix}",
    )


def _draw(
    run_id: str, version: str, result: RunResult, shade: Theme, suffix: str, kind: str, probe: str, alt: str
) -> None:
    key = "blocks" if kind == "blocks" else f"{kind}-{probe}"
    components.chart(_figure((run_id, version, kind, probe), shade, result), key=f"{key}{suffix}", alt=alt)


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


def _where(body: Body, now: datetime) -> str:
    result = body.result
    moments = [moment(r.measured_at or result.started_at) for r in result.results]
    when = ages.span(filter(None, moments), now)
    rounds = f"{len(result.rounds)} rounds of fresh processes in {result.seconds:.0f} s" if result.rounds else ""
    said = [f"{threads(result.request.threads)} on each side", "on the GPU" if body.on_gpu else "", rounds, when]
    provisional = " Provisional: not all rounds are finished." if any(r.provisional for r in result.results) else ""
    contended = (
        " Other work was running on this machine meanwhile; the intervals carry that."
        if any(r.contended for r in result.results)
        else ""
    )
    measured = ", ".join(part for part in (f"Measured on {result.machine.name}", *said) if part)
    return f"{measured}.{_taken_over(body)}{provisional}{contended}"


def _taken_over(body: Body) -> str:
    taken = [r.title for r in body.result.results if r.probe in body.taken_over]
    if not taken:
        return ""
    of = "All of it" if len(taken) == len(body.result.results) else "; ".join(taken)
    return f" Taken over from another decision on this installation: {of}."


def _notes(results: Sequence[ProbeResult]) -> None:
    """What belongs beside the figures: what would decide an open one, who disturbed it. What several share is said
    once, and what begins alike («Not quiet: …») stands together."""
    named: dict[str, list[str]] = {}
    for result in results:
        for note in result.notes:
            named.setdefault(note, []).append(result.title)
    together: dict[tuple[str, str], list[str]] = {}
    for note, titles in named.items():
        subject, _, rest = note.partition(": ")
        of = "" if len(titles) == len(results) else f"{', '.join(titles)}: "
        together.setdefault((of, subject), []).append(rest)
    for (of, subject), rests in together.items():
        said = f"{subject}: {'; '.join(rests)}" if any(rests) else subject
        st.caption(f":material/info: {components.escape(of + said)}")


def _missing(results: tuple[ProbeResult, ...], suffix: str) -> None:
    """Every probe without a figure: how it ended, why, and its last words. A part is folded already."""
    for result in results:
        if result.outcome is Outcome.OK:
            continue
        title, key = f"**{components.escape(result.title)}**: {result.outcome.value}", f"missing-{result.probe}{suffix}"
        with st.container(key=key) if suffix else st.expander(title, icon=":material/report:", key=key):
            if suffix:
                st.markdown(f":material/report: {title}")
            reasons = {f"{NAMES[s]}: {result.sides[s].reason}" for s in FRAMEWORKS if result.sides[s].reason}
            for reason in sorted(reasons) or [result.reason or "No reason was given."]:
                st.code(reason, language=None, wrap_lines=True)


def _table(results: tuple[ProbeResult, ...], now: datetime, suffix: str) -> None:
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
                "Measured": ages.ago(when, now) if (when := moment(result.measured_at)) else "",
                "Outcome": result.outcome.value + (", provisional" if result.provisional else ""),
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, key=f"results-table{suffix}", alt="All results as a table")


def _blocks(timed: Sequence[ProbeResult], figures: Callable[[str, str, str], None], suffix: str) -> None:
    if not timed:
        return
    st.markdown("### Every block that was timed")
    titles = {r.probe: r.title for r in timed}
    chosen = st.pills(
        "Probe",
        list(titles),
        format_func=titles.__getitem__,
        default=timed[0].probe,
        required=True,
        key=f"blocks-probe{suffix}",
    )
    item = next((r for r in timed if r.probe == chosen), timed[0])
    figures("blocks", item.probe, f"Distribution of the raw blocks of {item.title}")
