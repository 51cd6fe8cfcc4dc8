"""What a run said: ratios, best modes, curves, all figures, and every missing one with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import pandas as pd
import streamlit as st

from advisor.measured.result_sets import ResultSet
from advisor.output.charts import comparison, forest, growth, scaling
from advisor.output.charts.verdicts import confidence, interval, modes, side_title, winner, words
from advisor.output.csv_export import raw_csv, results_csv
from advisor.wording.moments import moment
from advisor.wording.quantities import counted, quantity
from probes.records import sealed
from probes.results import ProbeResult
from probes.schema import FRAMEWORKS, TITLES, Framework, Outcome, ProbeSpec, Verdict
from ui.kit import components, relative_time
from ui.views.probes import notes, probe_detail
from ui.views.probes.figures import ProbeCharts, curve, headings

_FEW: Final = 4  # up to so many one-shot figures stand on the page as bars; of more, one at a time is looked at
#: Columns of all figures that only say more than the page above where rows differ in them.
_SAID_ABOVE: Final = ("Topic", "Measured", "Outcome")
_SHORT: Final = 6  # lines of notes that need not be folded


def show(
    run_id: str,
    version: str,
    body: ResultSet,
    now: datetime,
    *,
    specs: Mapping[str, ProbeSpec],
    others: Sequence[ResultSet] = (),
    part: bool = False,
) -> None:
    """All of a body of results, most important first. ``specs`` are the catalog; ``others`` were measured under other
    conditions; ``part`` of a page that shows another body too.
    """
    pictures = ProbeCharts(run_id, version, body, specs, f"-{run_id}" if part else "", tuple(others))
    results = body.result.results
    measured = [r for r in results if r.outcome is Outcome.OK and r.ratio]
    best = pictures.best()
    number = f"{len(best)} measure" + ("" if len(best) == 1 else "s")
    best_titles = {side: side_title(best, side) for side in FRAMEWORKS}
    headline = f"Of {number}, {_tally(best, best_titles)}" if best else _without_verdicts(results)
    st.markdown(f"{'###' if part else '##'} {headline}")
    st.caption(components.escape(_where(body, now)))
    if best:
        pictures.draw("forest", "best", "How many times better a side is, each in its best mode: " + _said(best))
        st.caption(
            "Each side in the best of the modes it was measured in; «careful» is what the framework's own "
            f"documentation recommends. Marks are estimates, lines {confidence(best[0])} intervals over instances and "
            "fresh process pairs. The grey band is the margin inside which both count as equal, fixed before the run."
        )
        _by_heading(best, pictures)
    _notes(results, folded=not part)
    _missing(results, pictures.suffix)
    _mode_by_mode(pictures, part=part)
    _one_shots([r for r in measured if not probe_detail.timed(r)], pictures)
    _curves(pictures)
    st.markdown("### All figures")
    titles = {side: side_title(results, side) for side in FRAMEWORKS}
    rows = [_row(heading, row, titles, now) for heading, members in pictures.by_heading() for row in members]
    frame = pd.DataFrame(rows)
    alike = [name for name in _SAID_ABOVE if len({row[name] for row in rows}) == 1]
    frame = frame.drop(columns=alike)
    st.dataframe(frame, hide_index=True, key=f"results-table{pictures.suffix}", alt="All results as a table")
    _downloads(run_id, body, pictures.suffix)
    probe_detail.show(pictures)


def _without_verdicts(results: Sequence[ProbeResult]) -> str:
    """Of a network with one half there is nothing to compare, and all that it has is measured."""
    alone = [side for side in FRAMEWORKS if any(row.sides[side].samples for row in results)]
    return f"Measured in {TITLES[alone[0]]} alone" if len(alone) == 1 else "No result yet"


def _said(results: Sequence[ProbeResult]) -> str:
    return "; ".join(f"{r.title}: {words(r)}, {modes(r)}" for r in results)


def _mode_by_mode(pictures: ProbeCharts, *, part: bool) -> None:
    """Every pair of modes that was measured, where a measure was taken in several."""
    if not (choices := pictures.choices()):
        return
    title = "Mode by mode"
    alt = f"{title}: " + _said([row for row in pictures.body.result.results if row.probe in choices])
    if part:
        st.markdown(f"### {title}")
        pictures.draw("forest", "modes", alt)
        return
    with components.folded(title, key="other-modes", icon=":material/alt_route:") as is_open:
        if is_open:
            pictures.draw("forest", "modes", alt)


def _one_shots(items: Sequence[ProbeResult], pictures: ProbeCharts) -> None:
    """Memory and start-up as bars, the parts of a start-up in words."""
    if not 0 < len(items) <= _FEW:
        return
    st.markdown("### Memory and one-time costs")
    with st.grid(2, gap="large", min_column_width=320):
        for item in items:
            with st.container(gap="xsmall"):
                st.markdown(f"**{components.escape(item.title)}** · {components.escape(words(item))}")
                pictures.draw("bars", item.probe, f"{item.title}: {words(item)}")
                for side in FRAMEWORKS:
                    named = comparison.parts(item, side)
                    if len(named) > 1:
                        listed = ", ".join(f"{name} {quantity(value, 's')}" for name, value in named)
                        st.caption(f"{components.framework(side)}: {components.escape(listed)}")


def _curves(pictures: ProbeCharts) -> None:
    """What was measured at several batches, threads, sizes."""
    scalings = pictures.scalings()
    if not scalings:
        return
    st.markdown("### How it grows")
    if lines := pictures.growths():
        sentences = [growth.said(line) for line in lines]
        for sentence in sentences:
            st.markdown(components.escape(sentence))
        pictures.draw("growth", "all", "TensorFlow's time over PyTorch's as the network grows. " + " ".join(sentences))
        st.caption(
            "Marks are means over fresh process pairs, the bars reach from the lowest to the highest of them, and the "
            "grey band is the margin. Only the largest size has a verdict; the raw values are in the CSV below."
        )
    st.caption("Points are medians; the bands reach from the lowest to the highest instance.")
    with st.grid(2, gap="large", min_column_width=320):
        for item in scalings:
            with st.container(gap="xsmall"):
                st.markdown(f"**{components.escape(scaling.title(item))}**")
                curve(pictures, item)


def _downloads(run_id: str, body: ResultSet, suffix: str) -> None:
    """Everything to take along; made when somebody asks for it."""
    name = f"fulcrum-run-{run_id[:8]}"
    with st.container(horizontal=True, gap="small"):
        components.download(
            "Download everything measured (JSON)",
            f"{name}.json",
            lambda: sealed(body.result, indent=1),
            key=f"download-run{suffix}",
        )
        components.download(
            "Results (CSV)",
            f"{name}.csv",
            lambda: results_csv(body.result.results),
            key=f"download-csv{suffix}",
            help="A row for each probe and framework. Ratios are TensorFlow / PyTorch. docs/csv.md names the columns.",
        )
        components.download(
            "Raw blocks and values (CSV)",
            f"{name}-raw.csv",
            lambda: raw_csv(body),
            key=f"download-raw{suffix}",
            help="A row for every block that was timed and every value that was taken, in that order.",
        )


def _tally(measured: Sequence[ProbeResult], titles: Mapping[Framework, str] = TITLES) -> str:
    """Who is ahead in how many."""
    wins = {side: sum(winner(r) == side for r in measured) for side in FRAMEWORKS}
    equal = sum(r.verdict is Verdict.EQUAL for r in measured)
    open_ = len(measured) - sum(wins.values()) - equal
    parts = [f"{titles[side]} is ahead in {count}" for side, count in wins.items() if count]
    parts += [f"{equal} equal"] if equal else []
    parts += [f"{open_} undecided"] if open_ else []
    return ", ".join(parts)


def _by_heading(best: Sequence[ProbeResult], pictures: ProbeCharts) -> None:
    """The headline once more for each heading, where there are several."""
    found = forest.by_heading(best, headings(pictures.specs))
    told = [f"**{components.escape(heading)}** {_tally(rows)}" for heading, rows in found if heading]
    if len(told) > 1:
        st.caption(" · ".join(told))


def _where(body: ResultSet, now: datetime) -> str:
    result = body.result
    moments = [moment(r.measured_at or result.started_at) for r in result.results]
    when = relative_time.span(filter(None, moments), now)
    number, threads = counted(len(result.rounds), "round"), counted(result.request.threads, "thread")
    rounds = f"{number} of fresh processes in {result.seconds:.0f} s" if result.rounds else ""
    parts = [f"{threads} on each side", "on the GPU" if body.on_gpu else "", rounds, when]
    provisional = " Provisional: not all rounds are finished." if any(r.provisional for r in result.results) else ""
    contended = (
        " Other work was running on this machine meanwhile; the intervals carry that."
        if any(r.contended for r in result.results)
        else ""
    )
    measured = ", ".join(part for part in (f"Measured on {result.machine.name}", *parts) if part)
    return f"{measured}.{_taken_over(body)}{_brought(body)}{provisional}{contended}"


def _taken_over(body: ResultSet) -> str:
    taken = [r.title for r in body.result.results if r.probe in body.taken_over]
    if not taken:
        return ""
    of = "All of it" if len(taken) == len(body.result.results) else "; ".join(taken)
    return f" Taken over from another decision on this installation: {of}."


def _brought(body: ResultSet) -> str:
    if not body.files:
        return ""
    files = ", ".join(f"«{name}»" for name in body.files)
    return f" Brought as a file ({files}); its verdicts were recomputed from its rounds when it came."


def _notes(results: Sequence[ProbeResult], *, folded: bool) -> None:
    """What belongs beside the figures: what would decide an open one, who disturbed it."""
    lines = notes.lines(results)
    if folded and len(lines) > _SHORT:
        with st.expander(f"{len(lines)} notes on these figures", icon=":material/info:"):
            st.markdown("\n".join(f"- {line}" for line in lines))
        return
    for line in lines:
        st.caption(f":material/info: {line}")


def _missing(results: Sequence[ProbeResult], suffix: str) -> None:
    """Every probe without a figure: how it ended, why, and its last words; those that ended alike together. A part is
    folded already.
    """
    alike: dict[tuple[str, tuple[str, ...]], list[ProbeResult]] = {}
    for result in results:
        if result.outcome is not Outcome.OK:
            of_sides = {f"{TITLES[s]}: {result.sides[s].reason}" for s in FRAMEWORKS if result.sides[s].reason}
            reasons = tuple(sorted(of_sides)) or (result.reason or "No reason was given.",)
            alike.setdefault((result.outcome.value, reasons), []).append(result)
    for (outcome, reasons), rows in alike.items():
        title = ", ".join(f"**{components.escape(row.title)}**" for row in rows) + f": {outcome}"
        key = f"missing-{rows[0].probe}{suffix}"
        with st.container(key=key) if suffix else st.expander(title, icon=":material/report:", key=key):
            if suffix:
                st.markdown(f":material/report: {title}")
            for reason in reasons:
                st.code(reason, language=None, wrap_lines=True)


def _row(heading: str, result: ProbeResult, titles: Mapping[Framework, str], now: datetime) -> dict[str, str]:
    cells = {}
    for side in FRAMEWORKS:
        report = result.sides[side]
        value = quantity(report.median, result.unit) if report.median is not None else report.outcome.value
        cells[titles[side]] = value
    return {
        "Probe": result.title,
        **cells,
        "Verdict": words(result),
        "Interval": f"{interval(result)} ({confidence(result)})" if result.ratio else "",
        "Modes": modes(result),
        "Topic": heading,
        "Measured": relative_time.ago(when, now) if (when := moment(result.measured_at)) else "",
        "Outcome": result.outcome.value + (", provisional" if result.provisional else ""),
    }
