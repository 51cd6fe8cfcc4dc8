"""What browsers measured for this decision, while they do and afterwards: a card a device."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

import pandas as pd
import streamlit as st

from advisor.decision.evidence.browser_visits import counted
from advisor.ports import Services
from advisor.records import BrowserVisit
from advisor.wording.quantities import number, percent, quantity
from probes.in_browser.judging import BrowserFigures, figures
from probes.in_browser.runtimes import BACKENDS, find
from probes.in_browser.schema import TRAINING, TRAINING_BATCH, TrainingRecord
from probes.json_form import to_json
from probes.places import FRAMEWORKS, TITLES
from probes.schema import Outcome, Verdict
from ui.kit import components, relative_time
from ui.kit.fragments import apart
from ui.session import state, visits

EVERY: Final = 2.0  # seconds between cheap looks
_WORDS: Final = {
    Verdict.PYTORCH: "PyTorch's is faster",
    Verdict.TENSORFLOW: "TensorFlow's is faster",
    Verdict.EQUAL: "equal, within 5 %",
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
    for one in opened:
        with st.container(border=True, gap="small", key=f"visit-{one.id}"):
            _visit(services, one, counts=one.id in counting)


def _visit(services: Services, one: BrowserVisit, *, counts: bool) -> None:
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
        f"screen {conditions.screen}",
        f"clock good to {conditions.clock_us:.3g} µs",
    ]
    st.caption(components.escape("; ".join(told) + "."))
    rows = figures(visit)
    if visit.state == "running":
        done = sum(row.rounds for row in rows)
        whole = sum(row.planned for row in rows if row.outcome in (Outcome.OK, Outcome.CANCELLED))
        st.progress(min(1.0, done / whole if whole else 0.0), text=_doing(one))
    elif visit.reason:
        st.warning(components.escape(f"{visit.reason} What was finished is kept."))
    frame = pd.DataFrame([_row(row) for row in rows])
    st.dataframe(frame, hide_index=True, key=f"visit-table-{one.id}-{one.version}",
                 alt="Every runtime and backend with its figures")  # fmt: skip
    _endings(rows)
    if visit.training is not None:
        _training(visit.training)
    components.download(
        "Download what it sent (JSON)",
        "fulcrum-browser.json",
        lambda: to_json(visit, indent=1),
        key=f"download-{one.id}",
    )


def _training(made: TrainingRecord) -> None:
    """What TensorFlow.js' training is beside TensorFlow's own on the machine that was measured, if it was."""
    st.markdown("**TensorFlow.js trained the network in this browser**")
    if made.outcome is not Outcome.OK:
        st.caption(components.escape(f"{made.outcome.value}: {made.reason}"))
        return
    step = median(made.step_s)
    on = {"webgl": "the GPU by WebGL", "cpu": "the processor, in plain JavaScript"}[made.backend]
    said = (
        f"It works: {quantity(step, 's')} a step of {TRAINING_BATCH} inputs on {on}; the loss went from "
        f"{made.first_loss:.2f} to {made.last_loss:.2f}."
    )
    run = state.current().measured
    server = [
        side.median
        for row in (run.results if run else ())
        if (row.model, row.measure) == ("mlp", "train_step") and (side := row.sides.get("tensorflow")) and side.median
    ]
    if server:
        said += (
            f" TensorFlow takes {quantity(min(server), 's')} for the same network and batch where this decision's "
            f"figures were measured, with clipping and AdamW: a factor of {number(step / min(server))}."
        )
    else:
        said += " Measure «Training step» on the page Probes to see what TensorFlow takes for it outside a browser."
    st.caption(components.escape(said))


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
    ended = row.outcome is not Outcome.CANCELLED or row.reason
    return {
        "Runtime": find(row.cell.runtime).title,
        "Computes on": BACKENDS[row.cell.backend],
        "Batch": row.cell.batch,
        **{f"{TITLES[side]}, a call": _time(row, side) for side in FRAMEWORKS},
        "TensorFlow / PyTorch": f"{row.ratio.low:.2f} to {row.ratio.high:.2f}" if row.ratio else "–",
        "Verdict": _verdict(row),
        "Deviation": f"{max(row.deviation.values()):.1g}" if row.deviation else "–",
        "Loading and first answer": quantity(row.load_s + max(row.build_s.values()) + max(row.first_s.values()), "s")
        if row.load_s is not None
        else "–",
        "Drift": percent(max(row.drift.values())) if row.rounds > 1 else "–",
        "Rounds": f"{row.rounds} of {row.planned}",
        "Outcome": row.outcome.value if ended else "",
    }


def _time(row: BrowserFigures, side: str) -> str:
    span = next((span for of, span in row.latency.items() if of == side), None)
    return quantity(span.middle, "s") if span else "–"


def _verdict(row: BrowserFigures) -> str:
    if row.ratio is None:
        return "–"
    return _WORDS[row.verdict] if row.complete else "so far undecided"


def _endings(rows: Sequence[BrowserFigures]) -> None:
    """Everything without a whole measurement, with its reason; those that ended alike together."""
    alike: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row.outcome is not Outcome.OK and row.reason:
            name = f"{find(row.cell.runtime).title}, {BACKENDS[row.cell.backend]}, batch {row.cell.batch}"
            alike.setdefault((row.outcome.value, row.reason), []).append(name)
    if alike:
        lines = (f"- **{outcome}**: {components.escape(reason)} ({components.escape('; '.join(names))})"
                 for (outcome, reason), names in alike.items())  # fmt: skip
        st.markdown("\n".join(lines))
