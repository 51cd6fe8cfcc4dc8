"""A rehearsal of the move: a team's own network where it might go, beside where it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

import streamlit as st

from advisor.ports import OwnModelFile, Services
from advisor.queue.kinds import REHEARSE, RehearseRequest
from probes.rehearsal.schema import RehearsalOutcome, RehearsedWay
from probes.rehearsal.words import OUTCOMES, lines
from ui.jobs import card, requests
from ui.kit import components
from ui.session import stored

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
        card.live(services, REHEARSE, partial(card.alone, services, level="###"), asked.subject)
        return
    card.failed(job, "The move could not be rehearsed")
    found = stored.result(services.store, REHEARSE, asked.subject)
    for way in found.ways if found is not None else ():
        _way(way)
    if st.button(
        "Rehearse it again" if found is not None else "Rehearse the move",
        icon=":material/theater_comedy:",
        key="start-rehearse",
    ):
        requests.start(services, REHEARSE, asked)
        st.rerun()


def _way(way: RehearsedWay) -> None:
    st.markdown(f"{_ICONS[way.outcome]} **{components.escape(way.title)}**: {OUTCOMES[way.outcome]}")
    said = [*lines(way)]
    if way.adapted:
        said.append(f"spelled otherwise, without a change of the code: {', '.join(way.adapted)}")
    if said:
        st.caption(components.escape(" · ".join(said)))
