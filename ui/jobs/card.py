"""Work under way, whatever its kind: what it does, how far it is, Cancel for who may, redrawn until it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import streamlit as st

from advisor.ports import Services
from advisor.queue.kinds import KINDS
from advisor.records import Job, JobKind
from advisor.wording.quantities import percent
from ui.jobs import requests
from ui.kit import components
from ui.kit.fragments import apart
from ui.session import stored

EVERY: Final = 1.0  # seconds between looks of who has a button to press
EVERY_FOR_READERS: Final = 5.0  # a step takes longer; there may be forty of them

CLOSE: Final = "You can close this tab; it goes on, and this page finds it again."

Draw = Callable[[Job[Any, Any]], None]


def live(services: Services, kind: JobKind[Any, Any], draw: Draw, subject: str | None = None) -> None:
    """``draw`` the newest job of a kind, which is active, again and again, and the page once when it is over."""
    job = stored.glance(services.store, kind, subject)
    may = job is not None and requests.canceller(services, job) is not None
    (_often if may else _seldom)(services, kind, draw, subject)


@apart(every=EVERY)
def _often(services: Services, kind: JobKind[Any, Any], draw: Draw, subject: str | None) -> None:
    _live(services, kind, draw, subject)


@apart(every=EVERY_FOR_READERS)
def _seldom(services: Services, kind: JobKind[Any, Any], draw: Draw, subject: str | None) -> None:
    _live(services, kind, draw, subject)


def _live(services: Services, kind: JobKind[Any, Any], draw: Draw, subject: str | None) -> None:
    job = stored.glance(services.store, kind, subject)
    if job is None or not job.active:
        stored.look_again()  # the page must not see less than this did, or it would be drawn again and again
        st.rerun()
    draw(job)


@apart(every=EVERY_FOR_READERS)
def watch(services: Services, kind: JobKind[Any, Any], subject: str | None = None) -> None:
    """Redraw the page when a job was started or ended elsewhere; its progress is the live part's business."""
    job = stored.latest(services.store, kind, subject)
    seen = (job.id, job.active) if job else None
    key = f"fulcrum_drawn_{kind.name}"
    if seen != st.session_state.setdefault(key, seen):
        st.session_state[key] = seen
        st.rerun()


@contextmanager
def card(services: Services, job: Job[Any, Any], *, level: str = "##") -> Iterator[None]:
    """Head and progress; what is drawn inside ``with`` stands below them. The card's key is "underway-KIND"."""
    with components.card(f"underway-{job.kind.name}"):
        progress(services, job, job.kind.name, title=f"{level} {_title(job)}")
        yield


def alone(services: Services, job: Job[Any, Any], *, level: str = "##") -> None:
    """The card of work of which there is nothing to be seen before its end."""
    with card(services, job, level=level):
        st.caption(CLOSE)


def failed(job: Job[Any, Any] | None, title: str) -> None:
    """Why the last one failed, if it did."""
    if job is not None and job.status == "failed":
        st.error(components.escape(job.reason), title=title, icon=":material/error:")


def progress(services: Services, job: Job[Any, Any], key: str, *, title: str = "", label: str = "Cancel") -> None:
    """``title`` (Markdown), Cancel for who may (its key is "cancel-KEY"), how far it is, and what it does."""
    cancel = requests.canceller(services, job)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        if title:
            st.markdown(title, width="content")
        if cancel is not None:
            st.button(
                label,
                icon=":material/stop_circle:",
                key=f"cancel-{key}",
                disabled=job.cancel_requested,
                on_click=cancel,
            )
    st.progress(min(1.0, max(0.0, job.fraction)), text=doing(services, job))


def _title(job: Job[Any, Any]) -> str:
    if job.status == "queued":
        return "Waiting to start"
    rounds = f": {job.finished_rounds} of {job.planned_rounds} rounds done" if job.planned_rounds else ""
    return f"{job.kind.title}{rounds}"


def doing(services: Services, job: Job[Any, Any]) -> str:
    """What a job does at this moment, as Markdown."""
    if job.cancel_requested:
        return "Cancelling …"
    return components.escape(_waits_for(services, job) if job.status == "queued" else job.message or "Preparing")


def _waits_for(services: Services, job: Job[Any, Any]) -> str:
    """The executor does one thing at a time, and what it is told without words is counted."""
    queue = [entry for entry in services.store.queue() if not {*job.places}.isdisjoint(entry.places)]
    running = [entry for entry in queue if entry.status == "running"]
    named = next((entry for entry in running if KINDS[entry.kind].doing), None)
    doing = KINDS[named.kind].doing if named else ""
    if job.kind.doing:
        if named is not None:
            return f"Waiting: {doing}"
        if not services.store.executor().alive:
            return "Waiting for the process that measures. It starts with the app; by hand: python -m advisor agent"
        return "Waiting: it starts in a moment, after the run that has the machine"
    before = [entry.id for entry in queue if entry.status == "queued"]
    ahead = sum(not KINDS[entry.kind].doing for entry in running) + (before.index(job.id) if job.id in before else 0)
    if ahead:
        return f"Waiting: {ahead} ahead"
    if named is not None:
        return f"Waiting: {doing} ({percent(named.fraction)}), and the run starts after that"
    return "Waiting for the machine: it starts in a moment"
