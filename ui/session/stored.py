"""Jobs as the store has them, whatever their kind: read once a version, whoever asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from advisor.ports import Store
from advisor.records import Job, JobKind, Q, R
from ui.session.versioned import versioned

Look = tuple[str, int]  # id and version: what a cheap look finds


def read(store: Store, look: Look | None) -> Job[Any, Any] | None:
    """The job that a look found, None if there was none."""
    return _job(look, store, look[0]) if look else None


def latest(store: Store, kind: JobKind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
    return read(store, store.version(kind, subject))


def result(store: Store, kind: JobKind[Q, R], subject: str) -> R | None:
    """What came of the newest one that is over and has a result; one that came to its end goes before."""
    job: Job[Q, R] | None = read(store, next(iter(store.finished(kind, subject)), None))
    return job.result if job is not None else None


def results(store: Store, looks: Iterable[Look]) -> tuple[Any, ...]:
    """What came of these, in their order; without those that are gone by now, or came to nothing."""
    jobs = (read(store, look) for look in looks)
    return tuple(job.result for job in jobs if job is not None and job.result is not None)


def glance(store: Store, kind: JobKind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
    """``latest`` as somebody saw it half a second ago at most: what forty viewers ask every second."""
    return read(store, _recent_look(store, kind, kind.name, subject))


def look_again() -> None:
    """Forget what was seen, so that whoever changed a job sees it change."""
    _recent_look.clear()


@st.cache_resource(max_entries=64, ttl=0.5, show_spinner=False)
def _recent_look(_store: Store, _kind: JobKind[Any, Any], name: str, subject: str | None) -> Look | None:
    del name  # tells kinds apart in the cache's key
    return _store.version(_kind, subject)


@versioned(most=128)
def _job(store: Store, job_id: str) -> Job[Any, Any] | None:
    return store.job(job_id)
