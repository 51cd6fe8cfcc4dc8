"""All ways of a run: the chart of latency against size, every figure in a table, failures and warnings with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, get_args

import pandas as pd
import streamlit as st

from advisor.decision.evidence.route_runs import plain
from advisor.deployment.targets import TriedRoute
from advisor.output.charts import routes
from advisor.output.csv_export import routes_csv
from advisor.wording.quantities import counted
from probes.deploy.schema import BATCHES, RoutesRun
from probes.deploy.summary import RouteFigures, Span
from probes.json_form import to_json
from probes.schema import TITLES, Outcome
from ui.kit import components, theme
from ui.kit.fragments import apart
from ui.views.routes import targets

_NUMBERS: Final = {
    "Batch 1, µs": "%.1f",
    "Batch 64, µs": "%.0f",
    "Artefact, KiB": "%.0f",
    "Runtime, MiB": "%.0f",
    "Cold start, s": "%.2f",
    "Memory, MiB": "%.0f",
    "Deviation": "%.1e",
    "Agreement, %": "%.1f",
    "Accuracy lost, points": "%.1f",
    "Export, s": "%.1f",
}
_UNTRIED: Final = frozenset({Outcome.UNSUPPORTED, Outcome.CANCELLED})


def show(run: RoutesRun, seen: Sequence[TriedRoute]) -> None:
    """The chart, the table, what failed, what was warned of, and the files to take along."""
    _chart(seen)
    st.markdown("## Every way")
    frame = pd.DataFrame([_row(tried) for tried in seen])
    config: dict[str, Any] = {name: st.column_config.NumberColumn(format=form) for name, form in _NUMBERS.items()}
    config["Way"] = st.column_config.TextColumn(pinned=True)
    st.dataframe(frame, hide_index=True, key="ways-table", column_config=config, alt="All ways with every figure")
    _downloads(run, seen)
    _without(seen)
    _warnings(seen)


@apart(name="pareto")
def _chart(seen: Sequence[TriedRoute]) -> None:
    if not routes.points(seen, 1, "artefact"):
        return
    st.markdown("## Latency against size")
    with st.container(horizontal=True, gap="medium"):
        batch = components.pick("Batch", {count: str(count) for count in BATCHES}, key="pareto-batch")
        sizes: tuple[routes.Size, ...] = get_args(routes.Size)
        size = components.pick("Bytes", {name: name.capitalize() for name in sizes}, key="pareto-size")
    points = routes.points(seen, batch, size)
    if not points:
        st.caption("Nothing was clocked at this batch size.")
        return
    figure = routes.pareto(points, batch, size, theme.current())
    components.chart(figure, key=f"pareto-{batch}-{size}", alt=routes.said(points))
    st.markdown("Nothing beats these in both: " + components.escape("; ".join(routes.told(points)) + "."))
    st.caption(
        "Nearer to the lower left is better in both; the line joins those that no other beats. The shape is the "
        "framework's, its filling the form's; a cross is a way whose answers are wrong."
    )


def _row(tried: TriedRoute) -> dict[str, object]:
    record, figures = tried.record, tried.figures
    row: dict[str, object] = {
        "Way": record.way.title,
        "Framework": TITLES[record.way.framework],
        "Outcome": record.outcome.value,
        **dict.fromkeys(_NUMBERS),
        "Batch": "",
        "Deprecated": "yes" if record.way.deprecated else "",
    }
    return row if figures is None else row | _known(figures)


def _known(figures: RouteFigures) -> dict[str, object]:
    return {
        "Batch 1, µs": _micro(figures.latency.get(1)),
        "Batch 64, µs": _micro(figures.latency.get(64)),
        "Artefact, KiB": figures.artefact_bytes / 2**10,
        "Runtime, MiB": figures.runtime_bytes / 2**20 if figures.runtime_bytes else None,
        "Cold start, s": figures.cold_s,
        "Memory, MiB": figures.peak_bytes / 2**20 if figures.peak_bytes else None,
        "Deviation": figures.deviation,
        "Agreement, %": None if figures.agreement is None else figures.agreement * 100,
        "Accuracy lost, points": None if figures.lost_accuracy is None else figures.lost_accuracy * 100,
        "Export, s": figures.export_s,
        "Batch": "" if figures.dynamic_batch is None else "any" if figures.dynamic_batch else "fixed",
    }


def _micro(span: Span | None) -> float | None:
    return span.middle * 1e6 if span else None


def _downloads(run: RoutesRun, seen: Sequence[TriedRoute]) -> None:
    with st.container(horizontal=True, gap="small"):
        components.download(
            "Download everything seen (JSON)",
            "fulcrum-routes.json",
            lambda: to_json(run, indent=1),
            key="download-routes",
            help="python -m advisor decide --routes reads it.",
        )
        components.download(
            "Figures (CSV)",
            "fulcrum-routes.csv",
            lambda: routes_csv(seen, run),
            key="download-routes-csv",
            help="A row for each way. docs/csv.md names the columns.",
        )


def _without(seen: Sequence[TriedRoute]) -> None:
    """Every way without a figure: how it ended and why; those that ended alike together."""
    alike: dict[tuple[Outcome, str], list[TriedRoute]] = {}
    for tried in seen:
        if tried.record.outcome is not Outcome.OK:
            reason = plain(tried.record.reason) or "No reason was given."
            alike.setdefault((tried.record.outcome, reason), []).append(tried)
    untried = {reason: members for (outcome, reason), members in alike.items() if outcome in _UNTRIED}
    if untried:
        st.markdown("### What was not tried, and why")
        lines = (f"- {_titles(members)}: {components.escape(reason)}" for reason, members in untried.items())
        st.markdown("\n".join(lines))
    broken = {key: members for key, members in alike.items() if key[0] not in _UNTRIED}
    if broken:
        st.markdown("### What failed, and why")
    for index, ((outcome, reason), members) in enumerate(broken.items()):
        with st.container(key=f"way-failed-{index}", gap="xxsmall"):
            st.markdown(f":material/report: {_titles(members)}: {outcome.value}")
            st.code(reason, language=None, wrap_lines=True)


def _titles(members: Sequence[TriedRoute]) -> str:
    return "; ".join(f"**{components.escape(targets.named(tried.record.way))}**" for tried in members)


def _warnings(seen: Sequence[TriedRoute]) -> None:
    """What exports warned of, and ways that nobody should begin with."""
    warned = [
        tried
        for tried in seen
        if tried.record.way.deprecated or (tried.record.exported and tried.record.exported.warnings)
    ]
    if not warned:
        return
    with components.folded(
        f"Warnings and deprecations of {counted(len(warned), 'way')}", key="way-warnings", icon=":material/warning:"
    ) as is_open:
        if not is_open:
            return
        for tried in warned:
            st.markdown(f"**{components.escape(targets.named(tried.record.way))}**")
            if tried.record.way.deprecated:
                st.markdown(components.escape(f"Deprecated: {tried.record.way.deprecated}"))
            for text in dict.fromkeys(tried.record.exported.warnings if tried.record.exported else ()):
                st.code(text, language=None, wrap_lines=True)
