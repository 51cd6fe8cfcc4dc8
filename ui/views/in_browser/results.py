"""What browsers measured for this decision, while they do and afterwards: a card a device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import streamlit as st

from advisor.decision.evidence.browser_visits import counted
from advisor.ports import Services
from advisor.records import BrowserVisit
from advisor.wording.quantities import percent, quantity
from probes.in_browser.judging import BrowserFigures, figures
from probes.in_browser.runtimes import BACKENDS, find
from probes.in_browser.schema import TRAINING
from probes.json_form import to_json
from probes.places import FRAMEWORKS, TITLES, Framework
from probes.schema import Outcome, Verdict
from ui.kit import components, relative_time
from ui.kit.fragments import apart
from ui.session import state, visits
from ui.views.in_browser import training

EVERY: Final = 2.0  # seconds between cheap looks
_WORDS: Final = {
    Verdict.PYTORCH: "PyTorch's is faster",
    Verdict.TENSORFLOW: "TensorFlow's is faster",
    Verdict.EQUAL: "equal, within 5\N{NO-BREAK SPACE}%",
    Verdict.UNDECIDED: "undecided",
}


@apart(every=EVERY, name="browser-results")
def show(services: Services) -> None:
    """Every visit of the decision that is shown, newest first; drawn anew as results come in."""
    now = state.current()
    found = visits.of(services, now.record.id) if now.record else ()
    opened = [one for one in found if one.visit.conditions is not None]
    if any(one.visit.state == "open" for one in found):
        st.info("The link was opened. Results show here by themselves once somebody presses Start there.")
    if not opened:
        return
    st.markdown("## What browsers measured")
    st.caption(
        "The newest device counts for the target «Browser», whole: figures of two devices are never averaged or put "
        "side by side."
    )
    counting = {one.id for one in counted(opened).values()}
    for number, one in enumerate(opened, 1):
        with st.container(border=True, gap="small", key=f"visit-{one.id}"):
            _visit(services, one, number, counts=one.id in counting)


def _visit(services: Services, one: BrowserVisit, number: int, *, counts: bool) -> None:
    """``number``: the how many-th; a browser may have measured twice, and tables want names of their own."""
    visit, conditions = one.visit, one.visit.conditions
    if conditions is None:
        return
    badge = " :blue-badge[:material/speed: counts for «Browser»]" if counts else ""
    st.markdown(f"### {components.escape(conditions.name)}{badge}")
    told = [
        visit.plan.kit.title,
        relative_time.ago(one.created_at, services.clock.now()),
        f"{conditions.cores} cores told" if conditions.cores else "cores not told",
        f"GPU: {conditions.gpu}" if conditions.gpu else "GPU not told",
        "threads can share memory" if conditions.isolated else "threads can't share memory",
        f"screen {conditions.screen}" if conditions.screen else "",
        f"clock good to {conditions.clock_us:.3g} µs" if conditions.clock_us else "",
    ]
    st.caption(components.escape("; ".join(filter(None, told)) + "."))
    rows = figures(visit)
    if visit.state == "running":
        done = sum(row.rounds for row in rows)
        whole = sum(row.planned for row in rows if row.outcome in (Outcome.OK, Outcome.CANCELLED))
        st.progress(min(1.0, done / whole if whole else 0.0), text=_doing(one))
    elif visit.reason:
        st.warning(components.escape(f"{visit.reason} What was finished is kept."))
    if seen := [row for row in rows if row.rounds or row.outcome is not Outcome.UNSUPPORTED]:
        st.dataframe(
            pd.DataFrame([_row(row) for row in seen]),
            hide_index=True,
            key=f"visit-table-{one.id}-{one.version}",
            column_config={"Verdict": st.column_config.TextColumn(width="medium")},
            alt=f"{number}: every runtime and backend in {conditions.name}",
        )
    _endings(rows)
    if visit.training is not None:
        st.markdown("**TensorFlow.js trained the network in this browser**" if visit.training.outcome is Outcome.OK
                    else "**TensorFlow.js' own training**")  # fmt: skip
        st.caption(
            components.escape(training.words(visit.training, state.current().measured, software=conditions.software))
        )
    components.download(
        "Download what it sent (JSON)",
        "fulcrum-browser.json",
        lambda: to_json(visit, indent=1),
        key=f"download-{one.id}",
    )


def _doing(one: BrowserVisit) -> str:
    running = one.visit.running
    if running is None:
        return "Between two rounds"
    if running.cell == TRAINING:
        return "TensorFlow.js trains the network"
    runtime, backend, batch = running.cell.rsplit(".", 2)
    return components.escape(
        f"{find(runtime).title}, {backend}, {batch} at a time: round {running.round + 1} of {one.visit.plan.rounds}"
    )


def _row(row: BrowserFigures) -> dict[str, object]:
    return {
        "Runtime": find(row.cell.runtime).title,
        "Computes on": BACKENDS[row.cell.backend],
        "Batch": row.cell.batch,
        **{f"{TITLES[side]}, a call": _time(row, side) for side in FRAMEWORKS},
        "TensorFlow / PyTorch": f"{row.ratio.low:.2f} to {row.ratio.high:.2f}" if row.ratio else "–",
        "Verdict": _verdict(row),
        "Outcome": _pending(row) if row.pending else row.outcome.value,
        "Deviation": f"{max(row.deviation.values()):.1g}" if row.deviation else "–",
        "Loading and first answer": _first_answer(row),
        "Drift": percent(max(row.drift.values())) if row.drift and row.rounds > 1 else "–",
        "Rounds": f"{row.rounds} of {row.planned}",
    }


def _time(row: BrowserFigures, side: Framework) -> str:
    """A side that went no further says so in its own place."""
    if side in row.ended:
        return row.ended[side].outcome.value
    return quantity(row.latency[side].middle, "s") if side in row.latency else "–"


def _verdict(row: BrowserFigures) -> str:
    if row.ratio is None:
        return "–"
    return _WORDS[row.verdict] if row.complete else "so far undecided"


def _first_answer(row: BrowserFigures) -> str:
    if row.load_s is None or not row.build_s:
        return "–"
    return quantity(row.load_s + max(row.build_s.values()) + max(row.first_s.values()), "s")


def _pending(row: BrowserFigures) -> str:
    return "under way" if row.rounds else "still to come"


def _endings(rows: Sequence[BrowserFigures]) -> None:
    """Everything without a whole measurement, with its reason; those that ended alike together."""
    alike: dict[tuple[str, str], dict[str, list[int]]] = {}
    for row in rows:
        place = f"{find(row.cell.runtime).title}, {BACKENDS[row.cell.backend]}"
        if not row.pending and row.outcome is not Outcome.OK and not set(row.cell.sides) <= set(row.ended):
            alike.setdefault((row.outcome.value, row.reason), {}).setdefault(place, []).append(row.cell.batch)
        for side, end in row.ended.items():
            said = f"{TITLES[side]}'s export. {end.reason}"
            alike.setdefault((end.outcome.value, said), {}).setdefault(place, []).append(row.cell.batch)
    if alike:
        st.markdown("\n".join(f"- **{outcome}**: {components.escape(f'{reason} ({_places(places)})')}"
                              for (outcome, reason), places in alike.items()))  # fmt: skip


def _places(places: Mapping[str, Sequence[int]]) -> str:
    return "; ".join(f"{place}, batch {' and '.join(map(str, batches))}" for place, batches in places.items())
