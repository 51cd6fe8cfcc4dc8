"""One probe in detail: its raw blocks, the parts of its figure, what was noted, and how well both sides agree."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from advisor.knowledge.modes import ModeChoice, concerning
from advisor.measured import break_even
from advisor.measured.details import readable, table
from advisor.measured.result_sets import ResultSet
from advisor.output.charts.verdicts import confidence, effect_words, interval, side_title, words
from advisor.wording.quantities import percent
from probes.check.reproduce import lines
from probes.results import ProbeResult
from probes.schema import FRAMEWORKS, TITLES, Device, Outcome
from ui.kit import components
from ui.views.probes import notes
from ui.views.probes.figures import ProbeCharts, curve

#: See ``probes.workloads.agreement``; ``dropout`` is in standard errors.
_RELATIVE: Final = frozenset(
    {"update", "later_steps", "schedule_end", "strict_step", "bfloat16_outputs", "bfloat16_step", "result", "variance"}
)
_TINY: Final = 5e-5  # a share that would read as 0.00 %
_TIMED: Final = 24  # more values a side than this were timed in blocks; an instance gives one value otherwise


def timed(result: ProbeResult) -> bool:
    """Whether many blocks were timed, or one value an instance was taken."""
    return max(len(result.sides[side].samples) for side in FRAMEWORKS) > _TIMED


def show(pictures: ProbeCharts) -> None:
    """A choice of all probes with a result or a reason, and what is known of the chosen one."""
    ordered = [(heading, row) for heading, rows in pictures.by_heading() for row in rows]
    if not ordered:
        return
    st.markdown("### One probe in detail")
    labels = {row.probe: f"{heading}: {row.title}" if heading else row.title for heading, row in ordered}
    known = {row.probe: row for _, row in ordered}
    start = next((i for i, row in enumerate(known.values()) if row.outcome is Outcome.OK), 0)
    chosen = st.selectbox(
        "Probe",
        list(labels),
        index=start,
        format_func=lambda name: labels.get(name, name),
        key=f"detail-probe{pictures.suffix}",
    )
    _one(pictures, known.get(chosen) or ordered[start][1])


def _one(pictures: ProbeCharts, result: ProbeResult) -> None:
    spec = pictures.specs.get(result.probe)
    if spec is not None:
        st.caption(components.escape(spec.question))
    modes = " against ".join(result.sides[side].mode for side in FRAMEWORKS)
    sure = f", {confidence(result)} interval {interval(result)}" if result.ratio else ""
    rounds = f"{result.rounds} round" + ("" if result.rounds == 1 else "s")
    st.markdown(components.escape(f"{words(result)}{sure}: {modes}, over {rounds} of fresh processes."))
    if any(result.sides[side].samples for side in FRAMEWORKS):
        if timed(result):
            pictures.draw("blocks", result.probe, f"Distribution of the raw blocks of {result.title}")
        else:
            pictures.draw("values", result.probe, f"{result.title}: {words(result)}")
    reasons = dict.fromkeys(
        f"{TITLES[side]}: {result.sides[side].reason}" for side in FRAMEWORKS if result.sides[side].reason
    )
    for reason in reasons or ([result.reason] if result.reason else []):
        st.code(reason, language=None, wrap_lines=True)
    for sentence in break_even.sentences([one for _, one in pictures.body.raw(result.probe)]):
        st.markdown(components.escape(sentence))
    group = spec.group if spec is not None else ""
    _how_it_is_fed(result, group)
    _what_moves_it(pictures, result, group)
    _parts(result, pictures.suffix)
    _agreement(pictures.body, result)
    _in_order(pictures, result)
    _verify(pictures, result)
    _other_runs(pictures, result)
    for line in notes.lines([result]):
        st.caption(f":material/info: {line}")


def _how_it_is_fed(result: ProbeResult, group: str) -> None:
    """Of a measure that reads its batches while it trains: what either pipeline does for the loop."""
    found = [
        (side, choice)
        for side in FRAMEWORKS
        for choice in concerning(side, result.sides[side].mode, group)
        if choice.helps == "data loading"
    ]
    if not found:
        return
    st.markdown("**How the training loop is fed**")
    for side, choice in found:
        _choice(choice, f"{TITLES[side]}: ")


def _choice(choice: ModeChoice, before: str = "") -> None:
    """What it is and what for, its line, why, and where the framework's own documentation says so."""
    for_what = "" if choice.helps == "everything" else f", for {choice.helps}"
    said, why = components.escape(f"{before}{choice.title}{for_what}"), components.escape(choice.why)
    st.caption(f"{said}: `{choice.code}`. {why} ([{choice.source.title}]({choice.source.url}))")


def _what_moves_it(pictures: ProbeCharts, result: ProbeResult, group: str) -> None:
    """What each side's other modes do to this measure here, and what they are made of."""
    own = (result.model, result.measure)
    effects = [
        effect
        for best in pictures.body.result.best
        if (best.result.model, best.result.measure) == own
        for effect in best.effects
    ]
    if not effects:
        known = {row.probe for row in pictures.body.result.results}
        tracks = [spec for spec in pictures.specs.values() if (spec.model, spec.measure) == own]
        others = [spec for spec in tracks if spec.id not in known]
        if others and any(spec.track == "careful" for spec in tracks):  # else it is no matter of modes
            modes = "; ".join(" against ".join(spec.modes[side] for side in FRAMEWORKS) for spec in others)
            said = f"Other modes could move it, and weren't measured: {modes}."
            st.caption(f":material/alt_route: {components.escape(said)}")
        return
    st.markdown("**What would move it**")
    for side in FRAMEWORKS:
        for effect in (effect for effect in effects if effect.framework == side):
            st.markdown(f"{components.framework(side)}: {components.escape(effect_words(effect))}")
            for choice in concerning(side, effect.mode, group):
                _choice(choice)
    if not all(effect.in_turns for effect in effects):
        st.caption("These modes were measured one after the other in the same processes, so their intervals are wide.")


def _parts(result: ProbeResult, suffix: str) -> None:
    """The named parts of both sides' figures, medians over instances."""
    rows = table(result)
    if not rows:
        return
    named = [{"Detail": row["name"], **{side_title([result], side): row[side] for side in FRAMEWORKS}} for row in rows]
    st.dataframe(
        pd.DataFrame(named),
        hide_index=True,
        key=f"detail-table{suffix}",
        alt=f"Details of {result.title}, medians over instances",
    )


def _in_order(pictures: ProbeCharts, result: ProbeResult) -> None:
    """Raw figures one by one, for who wants to see how quiet it was."""
    if not any(one.instances for _, one in pictures.body.raw(result.probe)):
        return
    title = "Block by block, in the order measured" if timed(result) else "Value by value, in the order measured"
    key = f"in-order{pictures.suffix}"
    with components.folded(title, key=key, icon=":material/timeline:") as is_open:
        if is_open:
            pictures.draw("order", result.probe, f"{result.title}: every raw figure in the order measured")
            st.caption("Lines stand where another pair of fresh processes begins.")


def _verify(pictures: ProbeCharts, result: ProbeResult) -> None:
    """Either side under other people's timers, for who believes no stranger's clock."""
    spec = pictures.specs.get(result.probe)
    if spec is None or not timed(result):
        return
    with components.folded("Verify this figure", key=f"verify{pictures.suffix}", icon=":material/terminal:") as is_open:
        if not is_open:
            return
        st.markdown(
            "Each line times one side of just this case (network, sizes, seed, threads) with a timer that isn't ours. "
            "Run it in Fulcrum's folder and environment on a quiet machine. It shows seconds a step; a rate is the "
            "number of samples divided by that."
        )
        device: Device = "cuda" if pictures.body.on_gpu else "cpu"
        for side in FRAMEWORKS:
            if result.sides[side].median is not None:
                st.markdown(f"**{side_title([result], side)}**")
                for timer, line in lines(result.probe, side, pictures.body.result.request, device=device).items():
                    st.caption(timer)
                    st.code(line, language="bash", wrap_lines=True)


def _other_runs(pictures: ProbeCharts, result: ProbeResult) -> None:
    """How the figure changes with threads or a size of the network, where runs differ in nothing else."""
    for one in pictures.across(result.probe):
        st.markdown(f"**{components.escape(result.title)} over {components.escape(one.over.replace('_', ' '))}**")
        curve(pictures, one)
        st.caption(
            "Each point is a run of its own; the bands hold the middle half of its figures. Runs aren't measured in "
            "turns with each other: this shows how each side grows, and feeds no recommendation."
        )


def _agreement(body: ResultSet, result: ProbeResult) -> None:
    """By how much the sides' numbers differed before any clock, at most."""
    largest: dict[str, float] = {}
    for _, measurement in body.raw(result.probe):
        for name, value in measurement.agreement.items():
            largest[name] = max(value, largest.get(name, 0.0))
    if largest:
        said = ", ".join(f"{readable(name).lower()} {_difference(name, value)}" for name, value in largest.items())
        st.caption(
            f":material/balance: Largest differences between the sides before any clock: {components.escape(said)}."
        )


def _difference(name: str, value: float) -> str:
    """What is relative as a percentage, what is by chance in standard errors, and enough digits for what is tiny."""
    if not value:
        return "0"
    if name == "dropout":
        return f"{value:.1f} standard errors"
    return percent(value, 2) if name in _RELATIVE and value >= _TINY else f"{value:.1e}"
