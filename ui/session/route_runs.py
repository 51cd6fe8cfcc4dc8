"""The runs over routes that this machine has, and what of them the decision takes over."""

from __future__ import annotations

import hashlib

from advisor.deployment.targets import read
from advisor.ports import Services
from advisor.queue.kinds import ROUTES
from probes.deploy.schema import RoutesRun
from ui.session import stored
from ui.session.versioned import versioned


def runs(services: Services) -> tuple[RoutesRun, ...]:
    """The newest finished run of this machine for each choice of networks, oldest first: later ones go before."""
    here = services.runner.machine().fingerprint
    return tuple(run for run in reversed(_all(services)) if run.machine.fingerprint == here)


def key(services: Services) -> str:
    """Changes when ``runs`` does."""
    found = list(services.store.finished(ROUTES))
    return hashlib.sha256(repr((services.runner.machine().fingerprint, found)).encode()).hexdigest() if found else ""


def of(services: Services, network: str) -> RoutesRun | None:
    """The newest finished run of this machine with that network."""
    return next((run for run in reversed(runs(services)) if network in run.request.models), None)


def elsewhere(services: Services, network: str) -> RoutesRun | None:
    """A finished run with that network of another machine, or under other versions of what it measured."""
    here = services.runner.machine().fingerprint
    others = (run for run in _all(services) if network in run.request.models)
    return next((run for run in others if run.machine.fingerprint != here), None)


def _all(services: Services) -> tuple[RoutesRun, ...]:
    """Newest first."""
    return stored.results(services.store, services.store.finished(ROUTES))


#: The records of a network with their figures; the version tells runs and networks apart.
seen = versioned(most=32)(read)
