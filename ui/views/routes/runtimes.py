"""Environments of their own that some ways need: what they are, whether they are here, making and removing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from advisor.ports import Services
from advisor.queue.kinds import ENVIRONMENT, EnvironmentRequest
from advisor.records import Job
from probes.deploy.schema import RuntimeOffer, RuntimeState
from ui.jobs import card, requests
from ui.kit import components
from ui.kit.fragments import apart
from ui.session import rights, stored

_STATES: Final[Mapping[RuntimeState, str]] = {
    "missing": ":gray-badge[:material/remove: not made]",
    "ready": ":blue-badge[:material/check_circle: ready]",
    "yours": ":blue-badge[:material/person: your own interpreter]",
}
_SAID: Final = "fulcrum_environment_error"


def show(services: Services) -> None:
    """The list; it looks again by itself while one is being made."""
    st.markdown("## Environments of their own")
    st.caption(
        "Some runtimes don't get along with what the app itself runs on, so each has an environment of its own. "
        "Nothing is installed unless an operator asks for it here or by `python -m probes env create`. They are made "
        "one at a time, and a run that is started meanwhile waits until that is over. An interpreter of your own is "
        "named by `python -m probes env use`."
    )
    if not rights.operates(services):
        rights.explain()
    offers = services.deployment.runtimes()
    making = next((offer.id for offer in offers if _active(services, offer)), None)
    if making is not None:
        card.live(services, ENVIRONMENT, lambda _: _draw(services), making)
    else:
        _list(services)


def _active(services: Services, offer: RuntimeOffer) -> bool:
    job = stored.latest(services.store, ENVIRONMENT, offer.id)
    return job is not None and job.active


@apart(name="environments")
def _list(services: Services) -> None:
    _draw(services)


def _draw(services: Services) -> None:
    if problem := st.session_state.pop(_SAID, ""):
        st.error(components.escape(problem))
    with st.grid(2, gap="medium", min_column_width=320):
        for offer in services.deployment.runtimes():
            with st.container(border=True, gap="xsmall", key=f"environment-{offer.id}"):
                _one(services, offer, stored.latest(services.store, ENVIRONMENT, offer.id))


def _one(services: Services, offer: RuntimeOffer, job: Job[EnvironmentRequest, None] | None) -> None:
    operates = rights.operates(services)
    st.markdown(f"**{components.escape(offer.title)}** {_STATES[offer.state]}")
    st.markdown(components.escape(offer.purpose))
    needs = f" Needs {', '.join(offer.programs)} on the PATH." if offer.programs else ""
    st.caption(components.escape(f"About {offer.megabytes} MB on disk: {', '.join(offer.pins)}.{needs}"))
    if offer.interpreter and offer.state == "yours" and operates:
        st.code(offer.interpreter, language=None, wrap_lines=True)
    if job is not None and job.active:
        card.progress(services, job, f"environment-{offer.id}", label=f"Cancel making {offer.title}")
        return
    if offer.state == "missing":
        card.failed(job, "It could not be made")
    if operates:
        _buttons(services, offer)


def _buttons(services: Services, offer: RuntimeOffer) -> None:
    with st.container(horizontal=True, gap="small"):
        if offer.state == "missing" and st.button(
            "Make it", icon=":material/download:", key=f"make-{offer.id}", help=f"Installs {', '.join(offer.pins)}"
        ):
            requests.start(services, ENVIRONMENT, EnvironmentRequest(offer.id))
            st.rerun()
        if offer.state == "ready":
            st.button(
                "Remove",
                icon=":material/delete:",
                key=f"remove-{offer.id}",
                on_click=_remove,
                args=(services, offer.id),
            )
        if offer.state == "yours":
            st.button(
                "Use it no longer",
                icon=":material/undo:",
                key=f"unpoint-{offer.id}",
                on_click=_forget_interpreter,
                args=(services, offer.id),
            )


@rights.operating
def _remove(services: Services, runtime_id: str) -> None:
    try:
        services.deployment.remove_runtime(runtime_id)
    except (RuntimeError, OSError) as error:
        st.session_state[_SAID] = str(error)


@rights.operating
def _forget_interpreter(services: Services, runtime_id: str) -> None:
    services.deployment.forget_interpreter(runtime_id)
