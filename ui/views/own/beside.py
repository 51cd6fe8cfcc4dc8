"""What was measured of a team's own model, beside the network of the catalog that is most like it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import plotly.graph_objects as go
import streamlit as st

from advisor.decision.evidence.measurements import network as network_of
from advisor.measured.nearest import nearest
from advisor.measured.result_sets import ResultSet
from advisor.output.charts import forest
from advisor.output.charts.palette import Theme
from advisor.output.charts.verdicts import effect_words, interval, words
from advisor.ports import Services
from advisor.wording.quantities import quantity
from probes.results import NOT_SHOWN, ProbeResult
from probes.schema import TITLES
from probes.system.sentences import sentence, upper_first
from ui.kit import components, links, theme
from ui.session import catalog, decisions, state
from ui.session.own_models import OwnNetwork
from ui.session.versioned import versioned


def show(services: Services, now: state.Current, network: OwnNetwork) -> None:
    body = measured(now, network)
    if body is None:
        return
    models = {model.id: model for model in catalog.available(services)[1] if not model.own}
    like = nearest(network.report, network_of(now.answers, decisions.known(now)), models)
    stock = models[like.network]
    st.markdown("## What was measured")
    doubt = next((row.doubt for row in body.result.results if row.doubt), "")
    if doubt:
        st.warning(
            components.escape(f"{sentence(upper_first(doubt))} No recommendation rests on these figures."),
            title=upper_first(NOT_SHOWN),
            icon=":material/rule:",
        )
    rows = body.result.headlines
    others = _measured(now.bodies, body, stock.id, {row.measure for row in rows})
    pairs = _side_by_side(rows, others)
    if pairs:
        version = (now.measured_key, network.spec.id, stock.id, theme.current())
        figure = _figure(version, pairs, theme.current(), services)
        said = "; ".join(f"{row.title}: {words(row)} ({interval(row)})" for row in pairs)
        components.chart(figure, key="own-beside", alt=f"Yours beside the network that is most like it. {said}")
    alone = _alone(body)
    if not (pairs or alone):
        st.caption("No figure could be told from these runs. The page «Probes» has the reasons.")
    if others:
        st.caption(
            components.escape(
                f"Beside it «{stock.title}», because {like.because}. Each side in the best of the modes it was "
                "measured in; the two networks were not measured in turns with each other."
            )
        )
    elif rows:
        st.caption(components.escape(f"Of the networks here «{stock.title}» is most like it, because {like.because}."))
        if now.editable and st.button(
            f"Measure «{stock.title}» too", icon=":material/speed:", key=f"measure-{stock.id}"
        ):
            probes = [one for one in catalog.probes(services).values() if one.model == stock.id]
            probe = next((one for one in probes if one.track == "careful"), probes[0])
            links.go("probes", wanted=probe.id)
    links.link("probes", "All figures, curves and raw blocks", ":material/monitoring:")


def measured(now: state.Current, network: OwnNetwork) -> ResultSet | None:
    """What this decision knows of that very model."""
    return next((body for body in now.bodies if network.spec.id in body.conditions.sizes and body.result.results), None)


def _measured(
    bodies: Sequence[ResultSet], like: ResultSet, model: str, measures: Collection[str]
) -> tuple[ProbeResult, ...]:
    """The newest results of a network under the conditions of ``like``, its sizes aside, that say of ``measures``."""
    alike = (
        [row for row in body.result.headlines if row.model == model and row.measure in measures]
        for body in bodies
        if (body.conditions.fingerprint, body.conditions.on_gpu, body.conditions.threads)
        == (like.conditions.fingerprint, like.conditions.on_gpu, like.conditions.threads)
    )
    return tuple(next((rows for rows in alike if rows), ()))


def _side_by_side(own: Sequence[ProbeResult], others: Sequence[ProbeResult]) -> tuple[ProbeResult, ...]:
    """Each of ours, and below it the same measure of the other network."""
    by_measure = {row.measure: row for row in others}
    return tuple(row for mine in own for row in (mine, by_measure.get(mine.measure)) if row is not None)


@versioned(most=64)
def _figure(rows: Sequence[ProbeResult], shade: Theme, services: Services) -> go.Figure:
    headings = {name: spec.group for name, spec in catalog.probes(services).items() if spec.group}
    return forest.forest(rows, shade, headings)


def _alone(body: ResultSet) -> bool:
    """Where one side was measured: its figures, and what its other modes do. Whether there is something."""
    found = False
    for best in body.result.best:
        if best.compared:
            continue
        for side, report in best.result.sides.items():
            if report.median is not None:
                found = True
                st.markdown(
                    f"{components.framework(side)} {components.escape(best.result.title)}: "
                    f"**{quantity(report.median, best.result.unit)}** ({components.escape(report.mode)})"
                )
        for effect in best.effects:
            st.caption(components.escape(f"{TITLES[effect.framework]}, {effect_words(effect)}"))
    return found
