"""Asking for work, and calling it back: what is refused is said on the page, once, and with what to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import streamlit as st

from advisor.ports import Services, StoreUnavailableError
from advisor.queue.quotas import QuotaError
from advisor.records import Job, JobKind, Q
from ui.kit import components
from ui.session import rights, state, stored

_REFUSED: Final = "fulcrum_refused_work"


def ask(enqueue: Callable[[], object], title: str = "Not queued") -> None:
    """Queue it. A refusal is kept for ``refused``, by its title, because the page is drawn anew after a click."""
    try:
        enqueue()
    except QuotaError as error:
        st.session_state[_REFUSED] = (title, str(error))
    except StoreUnavailableError as error:
        st.session_state[_REFUSED] = (title, f"Nothing was started, because {error}. Try again.")
    stored.look_again()


def start(services: Services, kind: JobKind[Q, Any], request: Q, *, decision_id: str = "") -> None:
    """Queue it in the visitor's name. ``decision_id``: as ``Store.enqueue`` has it."""
    by = rights.requester(services)
    ask(lambda: services.store.enqueue(kind, request, by, decision_id=decision_id))


def refused() -> None:
    """Why the last work that was asked for was not queued."""
    if found := st.session_state.pop(_REFUSED, None):
        title, reason = found
        st.error(components.escape(reason), title=title, icon=":material/front_hand:")


def canceller(services: Services, job: Job[Any, Any]) -> Callable[[], None] | None:
    """What a click on Cancel does; None for who may not: who neither started the job, nor may edit the decision that
    it belongs to, nor operates the machine."""
    edits = job.kind.of_decision and state.current().edited_here
    return partial(_cancel, services, job) if edits or rights.may_cancel(services, job) else None


def _cancel(services: Services, job: Job[Any, Any]) -> None:
    """The right may have gone since the button was drawn."""
    edits = job.kind.of_decision and job.subject == state.memory().decision_id and state.may_edit_now()
    if edits or rights.may_cancel(services, job):
        services.store.request_cancel(job.id)
    stored.look_again()
