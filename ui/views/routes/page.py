"""Routes: for each target every way there that can be tried here, exported, checked, timed, and what would ship."""

from __future__ import annotations

import streamlit as st

from advisor.decision.evidence.measurements import network
from advisor.deployment.targets import lines
from advisor.ports import Services
from advisor.queue.kinds import ROUTES
from probes.deploy.schema import RoutesRun
from probes.schema import ModelSpec
from ui.jobs import card
from ui.kit import components, links
from ui.kit.page import View
from ui.session import decisions, route_runs, state, stored
from ui.views.routes import checklist, figures, runtimes, serving, targets
from ui.views.routes import run as trying

VIEW = View(title="Routes", icon=":material/alt_route:", order=27, url_path="routes")


def render(services: Services) -> None:
    now = state.current()
    st.title("From trained model to target")
    components.lead(
        "One trained network goes out of each framework by every way that can be tried on this machine: exported, "
        "checked against its source, and timed where it arrives. What can't be tried here stands with what is known."
    )
    job = stored.latest(services.store, ROUTES)
    model = _network(now, services)
    under_way = job is not None and job.active
    if job is not None and under_way:
        trying.live(services, model.id)
    if job is not None and not under_way:
        trying.ended(job)
    run = route_runs.of(services, model.id)
    shown_live = job is not None and under_way and model.id in job.request.models
    if run is None and not shown_live:
        _nothing_yet(services, model, now)
    if now.editable and not under_way:
        trying.start(services, model, again=run is not None)
    if not shown_live:
        _results(now, services, model, run)
    if serving.wanted(now.answers):
        serving.show(services, model)
    runtimes.show(services)
    if any(target.id == "browser" for target in now.answers.targets) or not now.answers.targets:
        links.link("browser", "Run the exports in your own browser, or on a phone", ":material/devices:")
    links.onward("recommendation", "Next: read the recommendation")
    card.watch(services, ROUTES)


def _network(now: state.Current, services: Services) -> ModelSpec:
    """Which network: the one that stands for the project's kind, unless somebody chooses another."""
    by_id = {model.id: model for model in services.runner.models()}
    own = network(now.answers, decisions.known(now))
    start = own if own in by_id else next(iter(by_id))
    chosen = st.selectbox(
        "Which network?",
        list(by_id),
        index=list(by_id).index(start),
        format_func=lambda name: by_id[name].title,
        key=f"routes-network-{start}",
        persist_state="session",
        width=420,
        help="The figures hold for networks of this kind. The recommendation goes by the one that stands for your "
        "project's domain.",
    )
    if chosen == own and now.answers.project.domain:
        st.caption(":material/edit_note: Taken from what your project works on.")
    elif now.answers.project.domain and own in by_id:
        st.caption(components.escape(f"The recommendation goes by the network «{by_id[own].title}»."))
    return by_id[chosen or start]


def _nothing_yet(services: Services, model: ModelSpec, now: state.Current) -> None:
    other = route_runs.elsewhere(services, model.id)
    if other is not None:
        st.info(
            components.escape(
                f"Ways were tried with this network on {other.machine.name}, or under other versions of the libraries. "
                "Those figures are not this machine's, so they are not shown and don't count."
            )
        )
        return
    can = "" if now.editable else " Its owner can; it will show here by itself."
    st.info(f"No way was tried with this network on this machine yet.{can} Below is what is known of each.")


def _results(now: state.Current, services: Services, model: ModelSpec, run: RoutesRun | None) -> None:
    seen = route_runs.seen((model.id, route_runs.key(services)), run, model.id)
    if run is not None:
        targets.where(run, model, services.clock.now())
    rows = lines(now.answers, decisions.known(now), seen, model.id)
    targets.targets(rows, now, seen, under_load=serving.in_a_line(services, model.id))
    if run is not None:
        figures.show(run, seen)
    checklist.show(rows, run)
