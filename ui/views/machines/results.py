"""What each machine says of a measure, side by side; of many machines by their kinds, and of many kinds by how many."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from advisor.measured import by_machine
from advisor.measured.by_machine import READABLE, MachineColumn, MachineRow
from advisor.output.charts.verdicts import interval, words
from advisor.wording.quantities import counted
from ui.kit import components


def show(machines: tuple[MachineColumn, ...]) -> None:
    """Nothing where there is one machine alone."""
    if len(machines) < 2:
        return
    rows = by_machine.rows(machines)
    said = by_machine.summary(rows, len(machines))
    st.markdown("## Results by machine")
    st.markdown(components.escape(said))
    found = by_machine.outcomes(rows)
    st.markdown("\n".join(f"- **{components.escape(what)}**: {components.escape(more)}" for what, more in found))
    cells, why = _cells(rows, machines)
    frame = pd.DataFrame([{"Measure": row.title, **cell} for row, cell in zip(rows, cells, strict=True)])
    st.dataframe(frame, hide_index=True, key="machines-table", alt=f"Results by machine. {said}")
    st.caption(
        f"{why}Each side in its best mode there. Machines are compared in words and never pooled: they differ in more "
        "than chance."
    )


def _cells(rows: Sequence[MachineRow], machines: tuple[MachineColumn, ...]) -> tuple[list[dict[str, str]], str]:
    """The columns that can be read, and why they are these."""
    kinds = by_machine.kinds(machines)
    if len(machines) <= READABLE:
        return [_side_by_side(row, machines) for row in rows], "Factors with their intervals. "
    if len(kinds) <= READABLE:
        titles = {f"{kind.title} ({counted(len(kind.members), 'machine')})": kind.members for kind in kinds}
        found = [
            {title: by_machine.tally([row.cells[number] for number in members]) for title, members in titles.items()}
            for row in rows
        ]
        why = f"{len(machines)} columns can't be read, so machines of a kind share one. "
    else:
        found = [{"Machines say": by_machine.tally(row.cells)} for row in rows]
        why = f"{len(kinds)} kinds of machine can't be read side by side, so here is how many say what. "
    spreads = [{"From, to": by_machine.spread(row.cells)} for row in rows]
    return [cells | spread for cells, spread in zip(found, spreads, strict=True)], why


def _side_by_side(row: MachineRow, machines: tuple[MachineColumn, ...]) -> dict[str, str]:
    cells = zip(machines, row.cells, strict=True)
    return {machine.label: f"{words(cell)} ({interval(cell)})" if cell else "" for machine, cell in cells}
