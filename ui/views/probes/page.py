"""Probes: what can be measured here, the run under way, and what came out."""

from __future__ import annotations

import streamlit as st

from advisor.measured.result_sets import Run
from advisor.ports import Services
from advisor.queue.joining import calibration
from advisor.queue.kinds import MEASURE
from probes.schema import RunRequest, RunSetup
from probes.system.sentences import sentence, upper_first
from ui.jobs import requests
from ui.jobs.load_gauge import gauge
from ui.kit import components, links
from ui.kit.page import View
from ui.session import catalog, decisions, rights, saving, state
from ui.views.probes import hand_over, other_conditions, planner, results, reuse
from ui.views.probes.live import live_view

VIEW = View(title="Probes", icon=":material/speed:", order=20, url_path="probes", shows_answers=False, follows_run=True)


def render(services: Services) -> None:
    now = state.current()
    st.title("Measure both, here")
    components.lead(
        "The same network, the same weights, the same data in PyTorch and in TensorFlow with Keras 3, measured in "
        "turns in fresh processes on the machine that runs this app. What can't be told apart is called undecided."
    )
    run = now.run
    if run is not None and run.active:
        live_view(services, run)
        links.onward("recommendation", "Meanwhile: the recommendation as it stands")
        return
    if run is not None:
        _ended(now, run)
        if now.measured is not None and now.measured.results:
            other_conditions.first(now)
            specs = catalog.probes(services)
            feeding, *others = now.bodies
            results.show(run.id, now.measured_key, feeding, services.clock.now(), specs=specs, others=others)
    first = now.measured is None
    if now.editable:
        again = "Measure again, or something else"
        asked = bool(links.wanted("probes"))
        above = st.container()  # the offer depends on what is chosen below it
        with st.container() if first else st.expander(again, icon=":material/replay:", expanded=asked):
            request = planner.plan(now)
            offers = reuse.offers(now, request)
            _explain(now, request)
            gauge(services)
            _start(services, request, again=not first or bool(offers), calm=bool(offers))
            hand_over.offer(now, request)
        with above:
            reuse.offer(now, request, offers)
    elif run is None:
        st.info("Nothing was measured for this decision yet. Its owner can start a run; it will show here by itself.")
    links.link("code", "The code behind the figures, both halves side by side", ":material/code:")
    if now.operates and now.editable:
        links.link("machines", "Several networks or machines at once", ":material/grid_on:")
    skipped = first and now.editable
    if run is not None:
        other_conditions.others(now)
    links.onward(
        "recommendation", "Read the recommendation without measuring" if skipped else "Next: read the recommendation"
    )


def _explain(now: state.Current, request: RunRequest) -> None:
    known = calibration(now.services, request.device)
    try:
        said = now.services.runner.explain(RunSetup(request, known, decisions.priority(now)))
    except ValueError:
        return  # what is wrong is said when the run is started
    with st.expander("What is measured, in which order, and why", icon=":material/format_list_numbered:"):
        st.markdown("\n".join(f"- {components.escape(line)}" for line in said))


def _start(services: Services, request: RunRequest, *, again: bool, calm: bool) -> None:
    """``calm``: not the first thing to do here."""
    if st.button(
        "Measure again" if again else "Start measuring",
        type="secondary" if calm else "primary",
        icon=":material/play_arrow:",
        key="start-run",
    ):
        try:
            services.runner.validate(request)
        except ValueError as error:
            st.error(components.escape(str(error)), title="This run can't be planned")
            return
        if state.current().record is None:
            saving.change(services, lambda answers: answers)
        if state.memory().decision_id:  # else the page says why nothing could be stored
            requests.start(services, MEASURE, request, decision_id=state.memory().decision_id)
            links.shown("probes")
        st.rerun()


def _ended(now: state.Current, run: Run) -> None:
    """How the last run ended, if there is something to say of it."""
    rounds = f"{run.finished_rounds} of {run.planned_rounds} rounds are finished and kept."
    if run.status == "interrupted":
        reason = run.reason or "the measuring process was stopped before it was done"
        st.warning(
            components.escape(f"{sentence(upper_first(reason))} {rounds}"),
            title="This run was interrupted",
            icon=":material/pause_circle:",
        )
        if now.editable and st.button(
            "Go on with this run", type="primary", icon=":material/play_arrow:", key="resume"
        ):
            by = rights.requester(now.services)
            requests.ask(lambda: now.services.store.resume(run.id, by=by))
            st.rerun()
    elif run.status == "cancelled":
        st.info(rounds, title="This run was cancelled", icon=":material/cancel:")
    elif run.status == "failed":
        st.error(rounds, title="This run failed", icon=":material/error:")
        if run.reason:
            st.code(run.reason, language=None, wrap_lines=True)
