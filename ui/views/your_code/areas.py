"""Where the frameworks are: by area, with a table beside the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from advisor.output.charts.code_map import CODE_AREA_TITLES, CODE_FRAMEWORK_TITLES, code_map, code_map_words
from advisor.output.charts.palette import Theme
from advisor.scan.report import FrameworkUse, Primary, ScanReport
from advisor.wording.quantities import counted
from ui.kit import components, theme
from ui.session import code_scans, state
from ui.session.versioned import versioned

PRIMARY: Final[Mapping[Primary, str]] = {
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "pytorch": "PyTorch",
    "jax": "JAX",
    "mixed": "several frameworks, none of them first",
    "none": "no framework",
}
_VERSIONS: Final = 4  # versions that are named of a framework


def show(now: state.Current, report: ScanReport) -> None:
    """The picture, the table, and how each framework comes in."""
    if not report.frameworks:
        return
    st.markdown("## Where the frameworks are")
    if report.areas:
        left, right = st.columns([3, 2], gap="medium")
        with left:
            shade = theme.current()
            figure = _figure((code_scans.key(now), "map", shade), report, shade)
            components.chart(figure, key="code-map", alt=code_map_words(report.areas))
        with right:
            st.dataframe(
                pd.DataFrame(_rows(report)), hide_index=True, key="code-areas", alt="Uses of frameworks by area"
            )
            st.caption("Counted are frameworks' names in the code, not lines. Tests stand apart, whatever they test.")
    st.markdown(
        "\n".join(f"* **{CODE_FRAMEWORK_TITLES[name]}**: {_said(use)}" for name, use in report.frameworks.items())
    )


def _rows(report: ScanReport) -> list[dict[str, str | int]]:
    present = [name for name in CODE_FRAMEWORK_TITLES if name in report.frameworks]
    rows: list[dict[str, str | int]] = []
    for area in CODE_AREA_TITLES:
        if use := report.areas.get(area):
            uses = {CODE_FRAMEWORK_TITLES[name]: use.uses.get(name, 0) for name in present}
            rows.append({"Area": CODE_AREA_TITLES[area], "Files": use.files, **uses})
    return rows


def _said(use: FrameworkUse) -> str:
    said = [f"{counted(use.uses, 'use')} in {counted(use.files, 'file')}"]
    if use.major:
        said.append(f"version {use.major}")
    if use.backend:
        said.append(f"on {use.backend}")
    if use.lazy or use.conditional:
        said.append(
            f"of {counted(use.imports, 'import')} {use.lazy:,} inside functions, {use.conditional:,} below if or try"
        )
    if use.versions:
        said.append(f"asked for as {', '.join(use.versions[:_VERSIONS])}")
    return components.escape("; ".join(said))


@versioned(most=64)
def _figure(report: ScanReport, shade: Theme) -> go.Figure:
    return code_map(report.areas, shade)
