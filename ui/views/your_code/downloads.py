"""The scan as a file, for people, programs and code hosts."""

from __future__ import annotations

import streamlit as st

from advisor.ports import CodeScan
from advisor.scan import output, sarif
from advisor.scan.report import ScanReport
from ui.kit import components
from ui.kit.fragments import apart


def show(found: CodeScan) -> None:
    """Three forms of the same."""
    if found.report is not None:
        st.markdown("## Take it with you")
        _buttons(found.report)


@apart(name="code-downloads")
def _buttons(report: ScanReport) -> None:
    with st.container(horizontal=True, gap="small"):
        components.download("Markdown", "scan.md", lambda: output.to_markdown(report), key="download-scan-markdown")
        components.download("JSON", "scan.json", lambda: output.to_json(report), key="download-scan-json")
        components.download("SARIF", "scan.sarif", lambda: sarif.to_sarif(report), key="download-scan-sarif")
    st.caption(
        "The same as `python -m advisor scan PATH --format json` prints; code hosts show SARIF beside the lines. None "
        "of them holds lines of your code."
    )
