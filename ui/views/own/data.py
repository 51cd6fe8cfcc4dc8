"""A team's own data: what they are, how fast they are read, and what rounding costs on them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from advisor.ports import OwnDataFile, Services
from advisor.queue.kinds import DATA, ROUNDING, DataRequest
from advisor.wording.quantities import percent
from probes.deploy import summary
from probes.deploy.schema import RouteRecord, RoutesRequest, RoutesRun
from probes.schema import TITLES, Outcome
from probes.team_files import ModelFile, TeamData
from ui.jobs import card, requests
from ui.kit import components, links
from ui.session import own_data, state, stored
from ui.session.own_data import OwnPipelines
from ui.session.own_models import OwnNetwork

_NO_LABEL: Final = "None of them"


def show(services: Services, now: state.Current, network: OwnNetwork | None) -> None:
    """The section. ``network``: the one that is chosen above, if it was looked at."""
    st.markdown("## Your data")
    files = {file.name: file for file in own_data.files(services) if file.kind != "trace"}
    if not files:
        st.caption(
            "Put an .npz file, a .csv file or a folder of JPEG files (a subfolder for each class) beside your model "
            "files, and reload the page. Then both sides read your data in place of made ones."
        )
        return
    chosen = st.selectbox("Which data?", list(files), key="own-data", persist_state="session", width=420)
    file = files.get(chosen) or next(iter(files.values()))
    if file.reason:
        st.error(components.escape(file.reason), title="These data can't be used", icon=":material/block:")
        return
    asked = DataRequest(file.name, _label(file))
    job = stored.latest(services.store, DATA, asked.subject)
    if job is not None and job.active:
        card.live(services, DATA, partial(card.alone, services, level="###"), asked.subject)
        return
    found = own_data.of(services, asked)
    card.failed(job, "The data can't be measured with")
    if found is not None:
        _known(services, now, found, network)
    if st.button(
        "Look at the data again" if found is not None else "Look at the data",
        icon=":material/search:",
        key="start-data",
    ):
        requests.start(services, DATA, asked)
        st.rerun()
    if found is None:
        st.caption("All of them are read once, to see that none is broken. Their content is kept nowhere.")


def _label(file: OwnDataFile) -> str:
    if not file.columns:
        return ""
    names = [_NO_LABEL, *file.columns]
    at = next((place for place, name in enumerate(names) if name.lower() in ("label", "labels", "target", "y")), 0)
    chosen = st.selectbox("Which one holds the labels?", names, index=at, key=f"own-label-{file.name}", width=420)
    return "" if chosen == _NO_LABEL else chosen


def _known(services: Services, now: state.Current, found: OwnPipelines, network: OwnNetwork | None) -> None:
    st.markdown(components.escape(_what(found.data)))
    able = [offer.probe.id for offer in found.offers if offer.outcome is Outcome.OK]
    if able and now.editable:
        if st.button("Measure how fast each side reads them", icon=":material/speed:", key="measure-data"):
            links.go("probes", wanted=able[0])
    elif not found.data.labelled:
        st.caption("Pipelines read samples with their labels: name the labels to measure how fast that is.")
    if network is None:
        st.caption("What rounding costs on these data can be counted once your network was looked at, above.")
    elif not (found.data.classes and found.data.labelled):
        st.caption("Right answers are counted where labels are classes, which these aren't.")
    else:
        _rounding(services, replace(network.report.file, data=found.data))


def _what(data: TeamData) -> str:
    shapes = [f"{name} {' × '.join(map(str, shape)) or '1'}" for name, shape in data.shapes.items()]
    numbers = "labels that are numbers" if data.labelled else "no labels"
    labels = f"{data.classes:,} classes" if data.classes else numbers
    return f"{data.name}: {data.count:,} samples, {', '.join([*shapes[:6], labels])}."


# ------------------------------------------------------------------------------- right answers after rounding


def _rounding(services: Services, file: ModelFile) -> None:
    """Every way out that is exported in seconds, and of how many samples it is right."""
    st.markdown("### What rounding costs")
    ways = tuple(
        offer.way.id
        for offer in services.deployment.ways()
        if offer.outcome is Outcome.OK and not offer.way.heavy and offer.way.framework in file.sides
    )
    request = RoutesRequest(models=(file.id,), ways=ways, model_file=file)
    job = stored.latest(services.store, ROUNDING, file.id)
    if job is not None and job.active:
        card.live(services, ROUNDING, partial(card.alone, services, level="###"), file.id)
        return
    card.failed(job, "The ways out could not be tried")
    last = stored.result(services.store, ROUNDING, file.id)
    if last is not None:
        _answers(last)
    else:
        st.caption(
            "Each way out of your network answers up to 2,000 of these samples, in 32 bits and rounded to fewer. Right "
            "answers are counted beside those of the network itself. It takes a few minutes."
        )
    if st.button(
        "Count right answers again" if last is not None else "Count right answers",
        icon=":material/rule:",
        key="start-rounding",
        disabled=not ways,
    ):
        try:
            services.deployment.validate(request)
        except ValueError as error:
            st.error(components.escape(str(error)), title="This can't be tried")
            return
        requests.start(services, ROUNDING, request)
        st.rerun()


def _answers(run: RoutesRun) -> None:
    reference = next(iter(run.references), None)
    if reference is not None and reference.scored:
        itself = " and ".join(
            f"{percent(right / reference.scored, 1)} in {TITLES[side]}" for side, right in reference.right.items()
        )
        st.markdown(
            components.escape(f"The network itself is right in {itself}, of {reference.scored:,} samples."),
        )
    st.dataframe(
        pd.DataFrame([_row(run, record) for record in run.records]),
        hide_index=True,
        height="content",
        placeholder="",
        column_config={
            "Right answers": st.column_config.NumberColumn(format="percent"),
            "Beside the network": st.column_config.NumberColumn(
                format="%+.1f points", help="Percentage points of right answers, gained or lost on the way out"
            ),
        },
        key="own-rounding",
        alt="Right answers of each way out",
    )
    reasons = {record.reason: record.way.title for record in run.records if record.outcome is not Outcome.OK}
    for reason, title in reasons.items():
        st.caption(components.escape(f"{title}: {reason}"))


def _row(run: RoutesRun, record: RouteRecord) -> dict[str, str | float | None]:
    figures = summary.figures(record, run) if record.outcome is Outcome.OK else None
    lost = figures.lost_accuracy if figures is not None else None
    return {
        "From": TITLES[record.way.framework],
        "Way out": record.way.title,
        "Right answers": figures.accuracy if figures is not None else None,
        "Beside the network": None if lost is None else 0.0 - 100 * lost,
        "Outcome": record.outcome.value,
    }
