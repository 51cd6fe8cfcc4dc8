"""Trying routes: what to try, the job under way with what there is so far, and how the last one ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, Literal

import streamlit as st

from advisor.decision.evidence.route_runs import taken_over
from advisor.deployment.targets import TriedRoute, lines, read
from advisor.knowledge import Knowledge
from advisor.ports import Services
from advisor.queue.kinds import ROUTES
from advisor.records import Job
from probes.deploy.schema import RoutesRequest, RoutesRun, WayAvailability
from probes.schema import FRAMEWORKS, ModelSpec, Outcome
from ui.jobs import card, requests
from ui.jobs.load_gauge import gauge
from ui.jobs.where import where
from ui.kit import components
from ui.session import decisions, saving, state
from ui.session.versioned import versioned
from ui.views.routes import targets

RoutesJob = Job[RoutesRequest, RoutesRun]
Which = Literal["light", "all", "own"]
_WHICH: Final[Mapping[Which, tuple[str, str]]] = {
    "light": ("Light ones", "What is exported in seconds: about 2 minutes on two cores."),
    "all": (
        "All",
        "With the ways that compile for half a minute or have an environment of their own: about 5 minutes on two "
        "cores the first time. Exports are kept, so it is faster afterwards.",
    ),
    "own": ("My choice", "Only what you name."),
}


def start(services: Services, model: ModelSpec, *, again: bool) -> None:
    offers = services.deployment.ways()
    with st.expander("Try again, or other ways", icon=":material/replay:") if again else components.card("try"):
        which = components.pick("Which ways?", {name: title for name, (title, _) in _WHICH.items()}, key="routes-which")
        replaces = " It takes the place of what stands below for this network." if again else ""
        st.caption(f"{_WHICH[which][1]}{replaces}")
        chosen = _own(offers) if which == "own" else _named(offers, which)
        _missing(offers)
        machine = where(services, "routes-where")
        gauge(services)
        if st.button(
            "Try the routes" if machine else "Try the routes here",
            type="secondary" if again else "primary",
            icon=":material/play_arrow:",
            key="start-routes",
            disabled=which == "own" and not chosen,
        ):
            _queue(services, RoutesRequest(models=(model.id,), ways=chosen, machine=machine))


def _queue(services: Services, request: RoutesRequest) -> None:
    try:
        services.deployment.validate(request)
    except ValueError as error:
        st.error(components.escape(str(error)), title="This can't be tried")
        return
    if state.current().record is None:
        saving.change(services, lambda answers: answers)
    requests.start(services, ROUTES, request)
    st.rerun()


def _named(offers: Sequence[WayAvailability], which: Which) -> tuple[str, ...]:
    """Ids; none for all."""
    return () if which == "all" else tuple(offer.way.id for offer in offers if not offer.way.heavy)


def _own(offers: Sequence[WayAvailability]) -> tuple[str, ...]:
    by_id = {offer.way.id: offer for offer in offers}
    ordered = sorted(by_id, key=lambda name: FRAMEWORKS.index(by_id[name].way.framework))
    chosen = st.multiselect(
        "Ways",
        ordered,
        format_func=lambda name: f"{targets.named(by_id[name].way)}" + ("" if _able(by_id[name]) else " (not here)"),
        key="routes-own",
        persist_state="session",
        placeholder="Choose ways",
    )
    return tuple(chosen)


def _able(offer: WayAvailability) -> bool:
    return offer.outcome is Outcome.OK


def _missing(offers: Sequence[WayAvailability]) -> None:
    """What can't be tried here now, in one line; the table below has each reason."""
    unable = [offer for offer in offers if not _able(offer)]
    if not unable:
        st.caption(f"All {len(offers)} ways can be tried here.")
        return
    places = dict.fromkeys(name for offer in unable for name in offer.way.environments)
    needed = f" Environments that would help: {', '.join(places)} (below)." if places else ""
    st.caption(
        components.escape(f"{len(offers) - len(unable)} of {len(offers)} ways can be tried here as it is.{needed}")
    )


# ------------------------------------------------------------------------------------------- under way


def live(services: Services, network: str) -> None:
    """Progress, Cancel, and what there is so far; redraws the whole page once when the job has ended."""
    card.live(services, ROUTES, partial(_draw, services, network))


def _draw(services: Services, network: str, job: RoutesJob) -> None:
    with card.card(services, job):
        if job.result is not None:
            st.html(targets.tally(job.result))
        st.caption(card.CLOSE)
    if network in job.request.models:
        # Figures once a version, whoever looks: there may be forty who do, beside a measurement.
        now, run = state.current(), job.result
        key, known = decisions.key(now)[1:], decisions.known(now)
        seen, filled = _filled((network, job.id, job.version, key), network, known, run)
        targets.targets(lines(now.answers, filled, seen, network), now, seen, waiting=True)
        if run is not None:
            targets.progress(seen)


@versioned(most=8)
def _filled(network: str, known: Knowledge, run: RoutesRun | None) -> tuple[tuple[TriedRoute, ...], Knowledge]:
    return read(run, network), taken_over(known, run)


def ended(job: RoutesJob) -> None:
    """How the last one ended, if there is something to say of it."""
    card.failed(job, "The routes could not be tried")
    if job.status == "cancelled":
        kept = " What was seen until then is kept; it counts where no run came to its end." if job.result else ""
        st.info(f"The last time was cancelled.{kept}", icon=":material/cancel:")
