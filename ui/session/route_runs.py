"""The runs over routes that this machine has, read once a version, and what of them the decision takes over."""

from __future__ import annotations

import hashlib

import streamlit as st

from advisor.deployment.targets import TriedRoute, read
from advisor.ports import Services
from advisor.queue.kinds import ROUTES, Glance, Job, JobStore
from probes.deploy.schema import RoutesRequest, RoutesRun

Known = tuple[RoutesRun, ...]


def runs(services: Services) -> Known:
    """The newest finished run of this machine for each choice of networks, oldest first: later ones go before."""
    here = services.runner.machine().fingerprint
    found = (_finished(services.jobs, one.subject, one.id, one.version) for one in reversed(_glances(services)))
    return tuple(run for run in found if run is not None and run.machine.fingerprint == here)


def key(services: Services) -> str:
    """Changes when ``runs`` does."""
    found = [(one.id, one.version) for one in _glances(services)]
    return hashlib.sha256(repr((services.runner.machine().fingerprint, found)).encode()).hexdigest() if found else ""


def of(services: Services, network: str) -> RoutesRun | None:
    """The newest finished run of this machine with that network."""
    return next((run for run in reversed(runs(services)) if network in run.request.models), None)


def elsewhere(services: Services, network: str) -> RoutesRun | None:
    """A finished run with that network of another machine, or under other versions of what it measured."""
    here = services.runner.machine().fingerprint
    found = (_finished(services.jobs, one.subject, one.id, one.version) for one in _glances(services))
    others = (run for run in found if run is not None and network in run.request.models)
    return next((run for run in others if run.machine.fingerprint != here), None)


def latest(services: Services) -> Job[RoutesRequest, RoutesRun] | None:
    """The newest job, whatever its state; read once a version."""
    version = services.jobs.version(ROUTES)
    return _latest(services.jobs, *version) if version else None


@st.cache_resource(max_entries=32, show_spinner=False)
def seen(_run: RoutesRun | None, network: str, version: str) -> tuple[TriedRoute, ...]:
    """The records of a network with their figures; ``version`` tells runs apart."""
    del version  # part of the cache's key only
    return read(_run, network)


def _glances(services: Services) -> tuple[Glance, ...]:
    return services.jobs.finished(ROUTES)


@st.cache_resource(max_entries=32, show_spinner=False)
def _finished(_jobs: JobStore, subject: str, job_id: str, version: int) -> RoutesRun | None:
    del job_id, version  # parts of the cache's key only
    job = _jobs.done(ROUTES, subject)
    return job.result if job else None


@st.cache_resource(max_entries=8, show_spinner=False)
def _latest(_jobs: JobStore, job_id: str, version: int) -> Job[RoutesRequest, RoutesRun] | None:
    del job_id, version  # parts of the cache's key only
    return _jobs.latest(ROUTES)
