"""Where nobody can measure: what a step would take there, as a band. Labelled so, and no part of any decision."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from advisor.estimated import roofline
from advisor.estimated.roofline import Band, StepEstimate
from advisor.estimated.tables import peaks, steps
from advisor.ports import Services
from advisor.wording.quantities import number, percent, quantity
from probes.schema import FRAMEWORKS, TITLES
from ui.kit import components, fragments

_MEASURES = {
    "inference_b1": "Answer to one input",
    "inference_b32": "Batch of 32 answered",
    "throughput_b256": "Batch of 256 answered",
    "train_step": "Training step, batch of 64",
}


@fragments.apart(name="estimated")
def show(services: Services) -> None:
    with st.expander("A machine that nobody can measure: estimated, not measured", icon=":material/straighten:"):
        known = peaks()
        unseen_first = sorted(known, key=lambda name: bool(known[name].seen_as))
        networks = {model.id: model.title for model in services.runner.models()}
        left, right = st.columns(2)
        chosen = left.selectbox(
            "Machine", unseen_first, format_func=lambda name: known[name].title, key="estimated-machine"
        )
        network = right.selectbox(
            "Network",
            list(dict.fromkeys(step.network for step in steps())),
            format_func=lambda name: networks.get(name, name),
            key="estimated-network",
        )
        machine = known[chosen]
        rows = [row for row in roofline.estimates(machine) if row.step.network == network]
        st.markdown(components.escape(_hit_rate()))
        frame = pd.DataFrame([_row(row) for row in rows])
        st.dataframe(frame, hide_index=True, key="estimated", alt=f"Estimated, not measured: {machine.title}")
        if roofline.beyond(machine):
            st.caption(
                "It can do more or less than every machine of its kind that was measured, so how far these bands are "
                "off on it nobody has seen."
            )
        if machine.kind == "gpu":
            st.caption("No GPU has measured TensorFlow yet, so nothing is said of it there, nor of a factor.")
        source = f"[{components.escape(machine.source.title)}]({machine.source.url})"
        st.caption(
            f"From what the stock networks compute at their default sizes, and {machine.gflops:,.0f} GFLOP/s and "
            f"{machine.gigabytes:,.0f} GB/s at most ({components.escape(machine.how)}; {source}, {machine.as_of}). On "
            "one thread, each side in its default mode. No recommendation rests on it."
        )


def _hit_rate() -> str:
    trials = roofline.backtest()
    times, ratios = ([t for t in trials if (t.what is None) is bare] for bare in (False, True))
    (held, of), (right, all_) = roofline.hits(times), roofline.hits(ratios)
    told = sum(trial.width < max(trial.predicted, 1 / trial.predicted) for trial in ratios)
    return (
        f"Where it was measured, such bands hold {held} of {of} times ({percent(held / of)}) and {right} of {all_} "
        f"factors ({percent(right / all_)}), each predicted from other machines and other networks. They are wide: of "
        f"{all_} bands of the factor only {told} say{'s' * (told == 1)} who is faster."
    )


def _row(row: StepEstimate) -> dict[str, str]:
    sides = {TITLES[side]: _time(row.seconds.get(side)) for side in FRAMEWORKS}
    factor = f"{number(row.ratio.low)} to {number(row.ratio.high)}" if row.ratio else ""
    return {
        "Estimated": _MEASURES[row.step.measure],
        **sides,
        "TensorFlow / PyTorch": factor,
    }


def _time(band: Band | None) -> str:
    return f"{quantity(band.low, 's')} to {quantity(band.high, 's')}" if band else ""
