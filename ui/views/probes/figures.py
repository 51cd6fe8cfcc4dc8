"""The figures of a body of results, each drawn once for a version of it and a theme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go
import streamlit as st

from advisor.measured.growth import Growth, growth
from advisor.measured.result_sets import ResultSet
from advisor.measured.scaling import Scaling, across, scalings
from advisor.output.charts import comparison, forest, run_sequence, scaling
from advisor.output.charts import growth as growth_chart
from advisor.output.charts.palette import Theme
from probes.results import ProbeResult
from probes.schema import ProbeSpec
from probes.system.sentences import upper_first
from ui.kit import components, theme

ChartKind = Literal["forest", "blocks", "values", "order", "bars", "scaling", "growth"]


@dataclass(frozen=True, slots=True)
class ProbeCharts:
    """What a body's figures are drawn from, and the names under which they stand on the page."""

    run_id: str
    version: str  # changes when the body does
    body: ResultSet
    specs: Mapping[str, ProbeSpec]  # the catalog, in its order
    suffix: str = ""  # of keys, where a page shows several bodies
    others: tuple[ResultSet, ...] = ()  # measured under other conditions

    def draw(self, kind: ChartKind, name: str, alt: str) -> None:
        """A figure of ``name``: a probe, or which part of the run. ``alt`` is for readers who can't see it."""
        figure = _figure((self.run_id, self.version, kind, name), theme.current(), self)
        # One probe's figures take the place of another's, so they keep their key.
        key = kind if kind in ("blocks", "values", "order") else f"{kind}-{name}"
        components.chart(figure, key=f"{key}{self.suffix}", alt=alt)

    def best(self) -> list[ProbeResult]:
        """Each side in its best mode, a result a measure, headings in the catalog's order."""
        rows = forest.by_heading(self.body.result.headlines, headings(self.specs))
        return [row for _, found in rows for row in found]

    def choices(self) -> frozenset[str]:
        """Probes of measures that were taken in several modes."""
        tracks: dict[tuple[str, str], list[str]] = {}
        for row in self.body.result.results:
            tracks.setdefault((row.model, row.measure), []).append(row.probe)
        return frozenset(probe for probes in tracks.values() if len(probes) > 1 for probe in probes)

    def scalings(self) -> tuple[Scaling, ...]:
        return _scalings((self.run_id, self.version), self.body)

    def growths(self) -> tuple[Growth, ...]:
        """The ratio over sizes of each probe that was measured at several."""
        found = (growth(row, [one for _, one in self.body.raw(row.probe)]) for row in self.body.result.results)
        return tuple(one for one in found if one)

    def across(self, probe: str) -> tuple[Scaling, ...]:
        """How a probe changes with what sets other runs apart."""
        return across(probe, self.body, self.others)

    def by_heading(self) -> list[tuple[str, list[ProbeResult]]]:
        """All results under their headings."""
        return forest.by_heading(self.body.result.results, headings(self.specs))


def headings(specs: Mapping[str, ProbeSpec]) -> dict[str, str]:
    """The heading of each probe, in the catalog's order."""
    return {name: spec.group for name, spec in specs.items() if spec.group}


@st.cache_resource(max_entries=64, show_spinner=False)
def _scalings(key: tuple[str, str], _body: ResultSet) -> tuple[Scaling, ...]:
    del key
    raw = ((row, [one for _, one in _body.raw(row.probe)]) for row in _body.result.results if scalings(row))
    return tuple(found for row, measurements in raw for found in scalings(row, measurements))


@st.cache_resource(max_entries=256, show_spinner=False)
def _figure(key: tuple[str, str, ChartKind, str], shade: Theme, _pictures: ProbeCharts) -> go.Figure:
    _, _, kind, name = key
    results = _pictures.body.result.results
    if kind == "forest":
        by = headings(_pictures.specs)
        if name == "best":
            return forest.forest(_pictures.best(), shade, by, names_modes=True)
        return forest.forest([row for row in results if row.probe in _pictures.choices()], shade, by)
    if kind == "growth":
        return growth_chart.ratios(_pictures.growths(), shade)
    if kind == "scaling":
        probe = name.partition("-")[0]
        found = (*_pictures.scalings(), *_pictures.across(probe))
        return scaling.curves(next(one for one in found if _name(one) == name), shade)
    result = next(row for row in results if row.probe == name)
    if kind == "order":
        return run_sequence.in_order(result, _pictures.body.raw(name), shade)
    return comparison.blocks(result, shade) if kind == "blocks" else comparison.bars(result, shade)


def _name(curves: Scaling) -> str:
    return f"{curves.probe}-{curves.over}{'-runs' if curves.runs else ''}"


def curve(pictures: ProbeCharts, curves: Scaling) -> None:
    """One ``Scaling`` as a figure, and in words who is ahead at its ends."""
    pictures.draw("scaling", _name(curves), scaling.said(curves))
    if gaps := scaling.gaps(curves):
        st.caption(components.escape(f"{upper_first(gaps)}. Estimates from medians, without an interval."))
