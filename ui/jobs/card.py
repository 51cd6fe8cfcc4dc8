"""The card of work under way: what it is, Cancel for who may, how far it is, and what it does or waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from advisor.ports import Services
from advisor.queue.kinds import KINDS, Job
from ui.kit import components


@contextmanager
def card(
    key: str, title: str, *, fraction: float, doing: str, cancel: Callable[[], None] | None, cancelled: bool
) -> Iterator[None]:
    """Head and progress; what is drawn inside ``with`` stands below them.

    ``title`` and ``doing`` are Markdown. ``cancel`` is done at a click, None where nobody here may; ``cancelled`` says
    that somebody has clicked already. The card's key is "underway-KEY", the button's "cancel-KEY".
    """
    with components.card(f"underway-{key}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(title, width="content")
            if cancel is not None:
                st.button(
                    "Cancel",
                    icon=":material/stop_circle:",
                    key=f"cancel-{key}",
                    disabled=cancelled,
                    on_click=cancel,
                )
        st.progress(min(1.0, max(0.0, fraction)), text=doing)
        yield


def doing(services: Services, job: Job[Any, Any]) -> str:
    """What a job does at this moment, as Markdown."""
    if job.cancel_requested:
        return "Cancelling …"
    return components.escape(_waits_for(services, job.id) if job.status == "queued" else job.message or "Preparing")


def _waits_for(services: Services, job_id: str) -> str:
    active = services.jobs.active()
    ahead = next((one for one in active if one.status == "running" and one.id != job_id), None)
    if ahead is not None:
        return f"Waiting: {KINDS[ahead.kind].doing}"
    if not services.store.executor().alive:
        return "Waiting for the process that measures. It starts with the app; by hand: python -m advisor agent"
    return "Waiting: it starts in a moment, after the run that has the machine"
