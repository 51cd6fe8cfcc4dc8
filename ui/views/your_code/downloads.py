"""The scan as a file, for people, programs and code hosts."""

from __future__ import annotations

import json

import streamlit as st

from advisor.effort import output as effort_output
from advisor.effort.proposals import proposals
from advisor.effort.report import EffortReport
from advisor.ports import CodeScan
from advisor.scan import output, sarif
from advisor.scan.report import ScanReport
from ui.kit import components
from ui.kit.fragments import apart
from ui.session import state
from ui.views.your_code import support


def show(now: state.Current, found: CodeScan, effort: EffortReport) -> None:
    """Three forms of the same."""
    if found.report is not None:
        st.markdown("## Take it with you")
        _buttons(now, found, found.report, effort)


@apart(name="code-downloads")
def _buttons(now: state.Current, found: CodeScan, report: ScanReport, effort: EffortReport) -> None:
    def as_json() -> str:
        beside = effort_output.as_data(effort, support.usual(now, found), proposals(report, now.answers))
        return json.dumps({**output.as_data(report), **beside}, indent=2, ensure_ascii=False, allow_nan=False)

    def as_markdown() -> str:
        beside = effort_output.to_markdown(report, effort, support.usual(now, found), proposals(report, now.answers))
        return f"{output.to_markdown(report)}\n{beside}"

    with st.container(horizontal=True, gap="small"):
        components.download("Markdown", "scan.md", as_markdown, key="download-scan-markdown")
        components.download("JSON", "scan.json", as_json, key="download-scan-json")
        components.download("SARIF", "scan.sarif", lambda: sarif.to_sarif(report), key="download-scan-sarif")
    st.caption(
        "As `python -m advisor scan PATH` prints them; `decide --scan scan.json` goes by the JSON, and code hosts show "
        "SARIF beside the lines. None of them holds lines of your code."
    )
