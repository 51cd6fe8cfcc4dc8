"""Browsers that measured for the decision that is shown."""

from __future__ import annotations

from advisor.ports import Services
from advisor.records import BrowserVisit
from ui.session import state
from ui.session.versioned import versioned


def key(now: state.Current) -> str:
    """Changes when ``of`` does for the decision of ``now``: its id and what a cheap look finds; "" without visits."""
    if now.record is None:
        return ""
    version = now.services.store.visits_version(now.record.id)
    return f"{now.record.id} {version}" if version else ""


def of(services: Services, decision_id: str) -> tuple[BrowserVisit, ...]:
    """Newest first."""
    version = services.store.visits_version(decision_id)
    return _visits((decision_id, version), services, decision_id) if version else ()


@versioned(most=32)
def _visits(services: Services, decision_id: str) -> tuple[BrowserVisit, ...]:
    return services.store.visits(decision_id)
