"""What would ship for each target: a list to work through, to read here or to take along."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from advisor.deployment import checklist
from advisor.deployment.targets import TargetRow
from probes.deploy.schema import RoutesRun
from probes.schema import FRAMEWORKS, Framework
from ui.kit import components
from ui.kit.fragments import apart


@apart(name="shipping")
def show(rows: Sequence[TargetRow], run: RoutesRun | None) -> None:
    """Both sides of the target that the reader picks, and all of it as Markdown."""
    by_id = {line.target: line for line in rows}
    if not by_id:
        return
    st.markdown("## What would ship")
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        chosen = st.selectbox(
            "For which target?",
            list(by_id),
            format_func=lambda name: by_id[name].title,
            key=f"ship-{'-'.join(by_id)}",
            persist_state="session",
            width=320,
        )
        components.download(
            "All checklists (Markdown)",
            "what-would-ship.md",
            lambda: checklist.markdown(rows, run),
            key="download-shipping",
        )
    line = by_id[chosen] if chosen in by_id else rows[0]
    with st.grid(2, gap="medium", min_column_width=300):
        for side in FRAMEWORKS:
            with st.container(border=True, gap="xsmall", key=f"ship-side-{side}"):
                _side(line, side, run)


def _side(line: TargetRow, side: Framework, run: RoutesRun | None) -> None:
    shipping = checklist.checklist(line, side, run)
    if shipping is None:
        st.markdown(f"{components.framework(side)}: **nothing to ship**")
        st.caption("No way that works leads there.")
        return
    st.markdown(f"{components.framework(side)}: **{components.escape(shipping.tool)}**")
    st.caption(components.escape(shipping.note))
    for heading, rows in shipping.parts.items():
        listed = "\n".join(f"- {components.escape(row)}" for row in rows)
        st.markdown(f"**{heading}**\n{listed}")
