"""Asking for work: what is refused is said on the page, once, and with what to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import streamlit as st

from advisor.ports import Services, StoreUnavailableError
from advisor.queue.kinds import Job
from advisor.queue.quotas import QuotaError
from ui.kit import components
from ui.session import rights

_REFUSED: Final = "fulcrum_refused_work"


def ask(enqueue: Callable[[], object]) -> None:
    """Queue it. A refusal is kept for ``refused``, because the page is drawn anew after a click."""
    try:
        enqueue()
    except QuotaError as error:
        st.session_state[_REFUSED] = ("Not queued", str(error))
    except StoreUnavailableError as error:
        st.session_state[_REFUSED] = ("Not queued", f"Nothing was started, because {error}. Try again.")


def refused() -> None:
    """Why the last work that was asked for was not queued."""
    if found := st.session_state.pop(_REFUSED, None):
        title, reason = found
        st.error(components.escape(reason), title=title, icon=":material/front_hand:")


def canceller(services: Services, job: Job[Any, Any]) -> Callable[[], None] | None:
    """What a click on Cancel does; None for who neither started the job nor operates the machine."""
    return partial(_cancel, services, job.id, job.owner) if rights.may_cancel(services, job.owner) else None


def _cancel(services: Services, job_id: str, owner: str) -> None:
    if rights.may_cancel(services, owner):  # the right may have gone since the button was drawn
        services.jobs.request_cancel(job_id)
