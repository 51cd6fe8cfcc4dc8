"""Servers under load: what to try, the job under way, and the largest rate of each that keeps the team's limit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from advisor.answers import Answers
from advisor.deployment.serving import Served, best, doubts, kept, rate, read, replayed
from advisor.ports import Services
from advisor.queue.kinds import SERVING
from advisor.records import Job
from advisor.wording.moments import moment
from advisor.wording.quantities import number, quantity
from probes.json_form import to_json
from probes.schema import FRAMEWORKS, TITLES, Framework, ModelSpec, Outcome
from probes.serving.clocks import MOST_SECONDS, TRACE_SHARE
from probes.serving.schema import ServingRequest, ServingRun
from ui.jobs import card, requests
from ui.jobs.where import where
from ui.kit import components, relative_time
from ui.session import own_data, rights, state, stored

TARGET: Final = "server_rest_grpc"
_DEFAULT_MS: Final = 100.0
_UNTRIED: Final = frozenset({Outcome.UNSUPPORTED, Outcome.CANCELLED})
ServingJob = Job[ServingRequest, ServingRun]


def wanted(answers: Answers) -> bool:
    """Whether anybody asked for a server, or for nothing in particular."""
    return not answers.targets or any(target.id == TARGET for target in answers.targets)


def in_a_line(services: Services, network: str) -> Mapping[Framework, str]:
    """For the target's row: each framework's best server with this network, in words."""
    run = _done(services, network)
    if run is None:
        return {}
    leading = best(read(run))
    return {
        side: f"Under load: {served.record.server.title}, {rate(served)}; {run.request.limit_ms:g} ms allowed."
        for side, served in leading.items()
    }


def show(services: Services, model: ModelSpec) -> None:
    """The section. It looks again by itself while servers are under load."""
    st.markdown("## Serving under load")
    st.caption(
        "A real server process on this machine and a real client: queries come at random times (Poisson), as MLPerf "
        "LoadGen's Server scenario has it. What counts is the largest rate at which the 99th percentile of the "
        "latency stays under your limit. A TensorFlow Serving of your own is named on the command line: "
        "`python -m probes serve --tensorflow-serving ADDRESS`."
    )
    job = stored.latest(services.store, SERVING)
    if job is not None and job.active:
        card.live(services, SERVING, partial(_live, services, model.id))
        return
    card.failed(job, "The servers could not be tried")
    run = _done(services, model.id)
    if run is not None:
        _results(services, run)
    else:
        _elsewhere(services, model.id)
    if rights.operates(services):
        _start(services, model, again=run is not None)
    else:
        rights.explain()


def _live(services: Services, network: str, job: ServingJob) -> None:
    with card.card(services, job, level="###"):
        for served in read(job.result) if job.request.model == network else ():
            if served.record.outcome is Outcome.OK:
                st.markdown(components.escape(f"{served.record.server.title}: {rate(served)}"))


def _start(services: Services, model: ModelSpec, *, again: bool) -> None:
    answers = state.current().answers
    latency = next((target.latency_ms for target in answers.targets if target.id == TARGET), None)
    with st.expander("Put servers under load again", icon=":material/replay:") if again else components.card("serve"):
        limit = st.number_input(
            "The 99th percentile must stay under, ms",
            min_value=1.0,
            max_value=10_000.0,
            value=float(min(10_000.0, max(1.0, latency.limit))) if latency else _DEFAULT_MS,
            step=10.0,
            key=f"serving-limit-{latency.limit if latency else ''}",
            width=320,
        )
        request = ServingRequest(model=model.id, limit_ms=limit, machine=where(services, "serving-where"))
        able = _offers(services, request)
        named = _trace(services)
        if st.button("Put servers under load", icon=":material/play_arrow:", key="start-serving", disabled=not able):
            _queue(services, request, named)


def _trace(services: Services) -> str:
    """Which of the team's own requests are replayed besides; "" for none, and where its folder is off."""
    if services.own_models.why_off():
        return ""
    traces = [file.name for file in own_data.files(services) if file.kind == "trace"]
    if not traces:
        st.caption(
            "Requests of your own can be replayed besides: a .csv file with the columns timestamp and size, in the "
            "folder of your model files."
        )
        return ""
    return st.selectbox(
        "Replay requests of your own besides?",
        ["", *traces],
        format_func=lambda name: name or "No, only random times",
        key="serving-trace",
        width=320,
        help="They are sent at their own times, and as many at random times of the same rate: the difference is what "
        "bursts cost.",
    )


def _offers(services: Services, request: ServingRequest) -> int:
    """Say what can be tried and what each other lacks; how many can."""
    offers = services.deployment.servers(request)
    able = [offer for offer in offers if offer.outcome is Outcome.OK]
    if able:
        minutes = max(1, round(len(able) * (request.seconds + 15) / 60))
        names = "; ".join(offer.server.title for offer in able)
        st.caption(components.escape(f"{names}: about {minutes} minutes. Servers are stopped when it is over."))
    _lacking([(offer.server.title, offer.reason) for offer in offers if offer.outcome is not Outcome.OK])
    return len(able)


def _lacking(unable: Sequence[tuple[str, str]]) -> None:
    alike: dict[str, list[str]] = {}
    for title, reason in unable:
        alike.setdefault(reason, []).append(title)
    if alike:
        lines = (
            f"- **{components.escape('; '.join(titles))}**: {components.escape(reason)}"
            for reason, titles in alike.items()
        )
        st.markdown("Not here:\n" + "\n".join(lines))


def _queue(services: Services, request: ServingRequest, trace: str) -> None:
    try:
        if trace:
            found = services.own_data.trace(trace)
            needed = min(float(math.ceil(found.fewest_seconds / TRACE_SHARE)), MOST_SECONDS)
            request = replace(request, trace=found, seconds=max(request.seconds, needed))
        services.deployment.validate_serving(request)
    except ValueError as error:
        st.error(components.escape(str(error)), title="This can't be tried")
        return
    requests.start(services, SERVING, request)
    st.rerun()


def _results(services: Services, run: ServingRun) -> None:
    then = moment(run.started_at)
    when = f", {relative_time.ago(then, services.clock.now())}" if then else ""
    served = read(run)
    st.caption(
        components.escape(f"On {run.machine.name}{when}, in {run.seconds:.0f} s; {run.request.limit_ms:g} ms allowed.")
    )
    leading = best(served)
    with st.grid(2, gap="medium", min_column_width=300):
        for side in FRAMEWORKS:
            with st.container(border=True, gap="xsmall"):
                _best(side, leading.get(side), run.request.limit_ms)
    frame = pd.DataFrame([_row(server) for server in served])
    st.dataframe(frame, hide_index=True, key="serving-table", alt="Every server with its figures")
    records = [server.record for server in served if server.record.outcome is not Outcome.OK]
    for record in records:
        if record.outcome not in _UNTRIED:
            st.markdown(f":material/report: **{components.escape(record.server.title)}**: {record.outcome.value}")
            st.code(record.reason or "No reason was given.", language=None, wrap_lines=True)
    _lacking([(record.server.title, record.reason) for record in records if record.outcome in _UNTRIED])
    components.download(
        "Download everything seen (JSON)",
        "fulcrum-serving.json",
        lambda: to_json(run, indent=1),
        key="download-serving",
    )


def _best(side: Framework, served: Served | None, limit_ms: float) -> None:
    if served is None:
        st.markdown(f"{components.framework(side)}: **no server kept the limit here**")
        return
    st.markdown(f"{components.framework(side)}: **{components.escape(served.record.server.title)}**")
    st.markdown(components.escape(rate(served)))
    start = f"Starts in {quantity(served.figures.start_s, 's')}; " if served.figures.start_s is not None else ""
    st.caption(components.escape(f"{start}{served.record.server.settings}."))
    for sentence in replayed(served, limit_ms):
        st.caption(f":material/replay: {components.escape(sentence)}")
    for sentence in doubts(served):
        st.caption(f":material/info: {components.escape(sentence)}")


def _row(served: Served) -> dict[str, object]:
    figures, server = served.figures, served.record.server
    return {
        "Server": server.title,
        "Framework": TITLES[server.framework],
        "Protocol": server.protocol,
        "Outcome": served.record.outcome.value,
        "Largest rate, /s": number(figures.max_rate or 0.0) if kept(served) else "–",
        "p99 there": quantity(figures.max_rate_p99, "s"),
        "Alone, p50": quantity(figures.single_p50, "s"),
        "Alone, p99": quantity(figures.single_p99, "s"),
        "Inputs/s in trays": "–" if figures.offline is None else number(figures.offline),
        "Start": quantity(figures.start_s, "s"),
        "Deprecated": "yes" if server.deprecated else "",
    }


def _done(services: Services, network: str) -> ServingRun | None:
    """The newest run with that network that is over, of this machine as it is now or of one that is equal to it."""
    here = services.runner.machine().fingerprint
    return next((run for run in _all(services, network) if run.machine.fingerprint == here), None)


def _all(services: Services, network: str) -> Iterator[ServingRun]:
    """Of whichever machine, newest first."""
    for look in services.store.finished(SERVING):
        job = stored.read(services.store, look)
        if job is not None and job.result is not None and job.request.model == network:
            yield job.result


def _elsewhere(services: Services, network: str) -> None:
    """That there are figures, where none of them is this machine's."""
    if (other := next(_all(services, network), None)) is not None:
        st.info(
            components.escape(
                f"Servers were under load with this network on {other.machine.name}, or under other versions of the "
                "libraries. Those figures are not this machine's, so they are not shown."
            )
        )
