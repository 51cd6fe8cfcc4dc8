"""What is known of a model file before it is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

import pandas as pd
import streamlit as st

from advisor.ports import Services
from advisor.wording.quantities import count, quantity
from probes.compare.rules import BY_ID
from probes.compare.schema import Carrying, ModelReport, Outline, ReportLevel
from probes.schema import FRAMEWORKS, TITLES, Framework, Outcome
from probes.system.sentences import sentence, upper_first
from ui.kit import components, links
from ui.session import state
from ui.session.own_models import OwnNetwork
from ui.views.own import beside

_LEVELS: Final[Mapping[ReportLevel, tuple[str, str]]] = {
    "once": (
        ":material/check_circle: Written once, and the same on both backends",
        "Everything is compared, with verdicts: Keras on TensorFlow against Keras on its PyTorch backend.",
    ),
    "same": (
        ":material/check_circle: Both halves compute the same",
        "Everything is compared, with verdicts, and the recommendation may rest on it.",
    ),
    "unshown": (
        ":material/warning: Not shown to be the same on both sides",
        "Speed and memory are measured all the same, labelled so, and no recommendation rests on them.",
    ),
    "one half": (
        ":material/looks_one: One half",
        "Its modes are measured against each other, and every way out of its framework. There is no other side.",
    ),
}
_SUSPECTS: Final = 3  # reasons that are named
_CARRYING: Final[Mapping[Carrying, str]] = {
    "order": "Weights go across by the order of layers.",
    "transfer": "Weights go across by the file's own `transfer`.",
    "once": "Both sides have the same variables.",
}


def show(services: Services, now: state.Current, network: OwnNetwork) -> None:
    report = network.report
    with components.card("own-report"):
        st.markdown(f"## {components.escape(report.file.title)}")
        title, gives = _LEVELS[report.level]
        st.markdown(f"**{title}.** {gives}")
        _why(report)
        st.html(_figures(report))
        st.caption(_notes(report))
        if now.editable and any(offer.outcome is Outcome.OK for offer in network.offers):
            again = beside.measured(now, network) is not None
            if st.button(
                "Measure it again" if again else "Measure it",
                type="secondary" if again else "primary",
                icon=":material/speed:",
                key="measure-own",
            ):
                links.go("probes", wanted=_first_probe(network))
    _layers(report)
    _ways(services, report)


def _why(report: ModelReport) -> None:
    """Where both halves part, and what usually makes them."""
    step = report.first
    said = [sentence(upper_first(report.reason))] if report.reason else []
    if step is not None:
        said.append(f"They part at {step.kind} «{step.pytorch}» in PyTorch, «{step.keras}» in Keras.")
    if said:
        st.markdown(components.escape(" ".join(said)))
    rules = [BY_ID[name] for name in report.suspects if name in BY_ID][:_SUSPECTS]
    for rule in rules:
        usual = f"PyTorch has {rule.pytorch}, Keras {rule.keras}"
        st.markdown(components.escape(f"Likely: {rule.what}. {usual}. The same on both: {rule.equal}."))
    if report.level == "unshown":
        st.caption("`python -m probes compare FILE` names every setting that differs, and what makes both alike.")


def _first_probe(network: OwnNetwork) -> str:
    """What most people ask first: a training step, or an answer where there are no labels."""
    able = [offer.probe for offer in network.offers if offer.outcome is Outcome.OK]
    wanted = "train_step" if network.report.file.trains else "inference_b1"
    fitting = [probe for probe in able if probe.measure == wanted] or able
    return next((probe.id for probe in fitting if probe.track == "careful"), fitting[0].id)


def _figures(report: ModelReport) -> str:
    """Numbers of both sides, those that are alike told once. Nothing that a team wrote is in it."""
    file = report.file
    flops = {side: outline.flops for side, outline in report.outlines.items() if outline.flops}
    cells = [
        ("Parameters", _sides({side: count(value) for side, value in file.parameters.items()})),
        ("FLOPs per answer", _sides({side: _flops(report.outlines[side]) for side in flops})),
        ("Step of 64 samples", _sides({side: quantity(value, "s") for side, value in file.step_seconds.items()})),
        ("Memory of that step", _sides({side: quantity(value, "B") for side, value in file.step_bytes.items()})),
        ("Inputs", "<br>".join(escape(_shape(array.shape, array.dtype)) for array in report.inputs[:4])),
        ("Answers", "<br>".join(escape(_shape(array.shape, array.dtype)) for array in report.outputs)),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in cells if value)
    return f'<dl class="f-figures f-own">{rows}</dl>'


def _sides(told: Mapping[Framework, str]) -> str:
    if len(set(told.values())) == 1 and len(told) > 1:
        return next(iter(told.values()))
    return "<br>".join(f'<i class="f-key f-key-{side}"></i>{told[side]}' for side in FRAMEWORKS if side in told)


def _flops(outline: Outline) -> str:
    return ("over " if outline.uncounted else "") + count(outline.flops or 0)


def _shape(shape: Sequence[int], dtype: str) -> str:
    return f"{' × '.join(map(str, shape)) or '1'} · {dtype}"


def _notes(report: ModelReport) -> str:
    told = [_CARRYING[report.carrying]] if report.carrying else []
    told.append(
        "FLOPs are those of dense, convolutional and recurrent kernels for one sample; memory comes on top of the "
        "framework's own. The step was taken once, and is no measurement."
    )
    if not report.file.trains:
        told.append("Inputs come without labels, so inference is measured and training isn't.")
    return " ".join(told)


def _layers(report: ModelReport) -> None:
    if not report.outlines:
        return
    numbers = {len(outline.layers) for outline in report.outlines.values()}
    title = f"Layers: {' and '.join(map(str, sorted(numbers)))}"
    with components.folded(title, key="own-layers", icon=":material/layers:") as is_open:
        if is_open:
            for side, column in zip(report.outlines, st.columns(len(report.outlines), gap="medium"), strict=True):
                with column:
                    _table(side, report.outlines[side])


def _table(side: Framework, outline: Outline) -> None:
    st.markdown(f"**{components.framework(side)}**")
    rows = [
        {
            "Layer": layer.title,
            "Kind": layer.kind.replace("_", " "),
            "Gives": " × ".join(map(str, layer.shape)),
            "Parameters": layer.parameters,
        }
        for layer in outline.layers
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key=f"own-layers-{side}",
        column_config={"Parameters": st.column_config.NumberColumn(format="localized")},
        alt=f"Layers of the half in {TITLES[side]}",
    )
    if outline.uncounted:
        st.caption(components.escape(f"Not in the FLOPs: {', '.join(outline.uncounted[:6])}."))


def _ways(services: Services, report: ModelReport) -> None:
    """What ways out would refuse, as far as is known without trying."""
    offers = [offer for offer in services.deployment.ways_of(report) if offer.way.framework in report.file.sides]
    refused = [offer for offer in offers if offer.outcome is not Outcome.OK]
    ruled_out = f"{len(refused)} ruled out" if refused else "none ruled out"
    title = f"Ways out: {len(offers) - len(refused)} to try, {ruled_out}"
    with components.folded(title, key="own-ways", icon=":material/alt_route:") as is_open:
        if not is_open:
            return
        st.caption(
            "Known from its inputs and from what is installed here; nothing was exported. A converter may still "
            "refuse an operation: `python -m probes routes --model-file` tries them all."
        )
        reasons: dict[str, list[str]] = {}
        for offer in refused:
            reasons.setdefault(offer.reason, []).append(offer.way.title)
        for reason, titles in reasons.items():
            st.markdown(f":material/block: **{components.escape(', '.join(titles))}**")
            st.caption(components.escape(reason))
        for side in report.file.sides:
            named = [offer.way.title for offer in offers if offer.outcome is Outcome.OK and offer.way.framework == side]
            if named:
                st.markdown(f"{components.framework(side)}: {components.escape(', '.join(named))}")
