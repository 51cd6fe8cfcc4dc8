"""Beside the questions on existing code: that it can be read instead of guessed, or what was read."""

from __future__ import annotations

from typing import Final

import streamlit as st

from advisor.wording.quantities import counted
from ui.kit import links, relative_time
from ui.session import code_scans, state

#: Below which questions of data/questions.yaml it stands.
GROUP: Final = "Existing code"


def line(now: state.Current) -> None:
    """A sentence and the way there."""
    scan = code_scans.found(now)
    with st.container(key="brief-code", gap=None):
        if scan is None or scan.report is None:
            st.caption("Your code can be read instead, and never run: it counts lines, and says what each way costs.")
            links.link("your-code", "Have it read", ":material/folder_code:")
        else:
            lines = counted(scan.report.coverage.lines, "line")
            st.caption(
                f"Your code was read on {relative_time.day(scan.day)}: {lines}. Person-days are estimated from it, and "
                "the number of lines below no longer counts. What it shows of these questions is proposed there."
            )
            links.link("your-code", "What was found", ":material/folder_code:")
