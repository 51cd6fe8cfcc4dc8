"""What can be measured here, and on which machine: asked once a minute, whichever page it is for."""

from __future__ import annotations

import streamlit as st

from advisor.ports import Services
from probes.schema import Availability, Machine, ModelSpec, Outcome, Priority, ProbeSpec, RunRequest
from ui.session import own_data, own_models


@st.cache_resource(ttl=300, show_spinner=False)
def machine(_services: Services) -> Machine:
    """This machine, read every few minutes."""
    return _services.runner.machine()


@st.cache_resource(ttl=60, show_spinner=False)
def _stock(_services: Services) -> tuple[tuple[Availability, ...], tuple[ModelSpec, ...]]:
    return _services.runner.catalog(), _services.runner.models()


def available(services: Services) -> tuple[tuple[Availability, ...], tuple[ModelSpec, ...]]:
    """Every probe with whether it can run here, and every network; those of teams' own files come last."""
    offers, models = _stock(services)
    own, data = own_models.networks(services), own_data.known(services)
    return (
        *offers,
        *(offer for one in own for offer in one.offers),
        *(offer for one in data for offer in one.offers),
    ), (
        *models,
        *(network.spec for network in own),
    )


def probes(services: Services) -> dict[str, ProbeSpec]:
    """All probes by their ids, in the catalog's order."""
    return {offer.probe.id: offer.probe for offer in available(services)[0]}


def planned(services: Services, request: RunRequest, priority: Priority) -> tuple[ProbeSpec, ...]:
    """The probes that a run measures, in the catalog's order: those it names, or those its budget has time for."""
    taken = services.runner.plans(request, priority)
    able = (offer.probe for offer in available(services)[0] if offer.outcome is Outcome.OK)
    return tuple(probe for probe in able if probe.id in taken)
