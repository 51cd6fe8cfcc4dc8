"""A rehearsal of the move: a team's own network where it might go, beside where it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

import streamlit as st

from advisor.ports import OwnModelFile, Services
from advisor.queue.kinds import REHEARSE, RehearseRequest
from advisor.records import Job
from probes.rehearsal.schema import Rehearsal, RehearsalOutcome, RehearsedWay
from probes.rehearsal.words import OUTCOMES, lines
from ui.jobs import card, requests
from ui.kit import components
from ui.session import rights, stored

_ICONS: Final[Mapping[RehearsalOutcome, str]] = {
    "same": ":material/check_circle:",
    "answers only": ":material/error:",
    "different": ":material/cancel:",
    "refused": ":material/block:",
    "failed": ":material/report:",
    "missing": ":material/pending:",
    "no half": ":material/remove:",
}


def show(services: Services, file: OwnModelFile) -> None:
    """The section. It looks again by itself while a rehearsal is under way."""
    asked = RehearseRequest(file.name, file.sha256)
    st.markdown("## A rehearsal of the move")
    st.caption(
        "Your network runs where it might go: Keras code on PyTorch and on JAX, and each half through ONNX. Its "
        "answers and one step of training are compared with those where it is. Nothing is clocked; it takes a few "
        "minutes. If the file is in a project that was read on «Your code», what comes out counts there in place of a "
        "guess."
    )
    job = stored.latest(services.store, REHEARSE, asked.subject)
    if job is not None and job.active:
        card.live(services, REHEARSE, partial(_live, services), asked.subject)
        return
    if job is not None and job.status in ("failed", "interrupted"):
        st.error(components.escape(job.reason), title="The move could not be rehearsed", icon=":material/error:")
    found = _found(services, asked)
    for way in found.ways if found is not None else ():
        _way(way)
    if st.button(
        "Rehearse it again" if found is not None else "Rehearse the move",
        icon=":material/theater_comedy:",
        key="start-rehearse",
    ):
        by = rights.requester(services)
        requests.ask(lambda: services.store.enqueue(REHEARSE, asked, by))
        st.rerun()


def _found(services: Services, asked: RehearseRequest) -> Rehearsal | None:
    """The newest rehearsal of that very file that came to its end."""
    job = next((stored.read(services.store, look) for look in services.store.finished(REHEARSE, asked.subject)), None)
    return job.result if job is not None else None


def _way(way: RehearsedWay) -> None:
    st.markdown(f"{_ICONS[way.outcome]} **{components.escape(way.title)}**: {OUTCOMES[way.outcome]}")
    said = [*lines(way)]
    if way.adapted:
        said.append(f"spelled otherwise, without a change of the code: {', '.join(way.adapted)}")
    if said:
        st.caption(components.escape(" · ".join(said)))


def _live(services: Services, job: Job[RehearseRequest, Rehearsal]) -> None:
    with card.card(services, job, level="###"):
        st.caption("You can close this tab; it goes on, and this page finds it again.")
