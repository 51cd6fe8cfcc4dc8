"""Teams' own data as this Fulcrum knows them: those that were looked at, and those that lie there now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from advisor.ports import OwnDataFile, Services
from advisor.queue.kinds import DATA, DataRequest
from probes.schema import Availability, ModelSpec
from probes.team_files import TeamData
from ui.session import stored
from ui.session.versioned import versioned

#: Each name with each label is one, and each is read when a page is first drawn.
MOST: Final = 50
_SECONDS: Final = 2.0  # for so long the folder is taken as it was


@dataclass(frozen=True, slots=True)
class OwnPipelines:
    """Data that were looked at, and the probes that read them."""

    data: TeamData
    spec: ModelSpec
    offers: tuple[Availability, ...]


@st.cache_resource(ttl=_SECONDS, show_spinner=False)
def files(_services: Services) -> tuple[OwnDataFile, ...]:
    """What lies in the folder, traces among it."""
    return _services.own_data.files()


def known(services: Services) -> tuple[OwnPipelines, ...]:
    """The ``MOST`` that were looked at last, the newest first. Results outlive their files."""
    looks = services.store.finished(DATA)[:MOST]
    return _known(looks, services, looks)


def here(services: Services) -> tuple[OwnPipelines, ...]:
    """Those that lie in the folder, and that something reads. Whether their content is the same is seen at the start of
    a run: hashing it takes too long for a page."""
    lying = {file.name for file in files(services)}
    return tuple(one for one in known(services) if one.data.name in lying and one.offers)


def of(services: Services, asked: DataRequest) -> OwnPipelines | None:
    """What is known of these data with this label, if they were looked at."""
    data = stored.result(services.store, DATA, asked.subject)
    return next((one for one in known(services) if one.data == data), None)


@versioned(most=16)
def _known(services: Services, looks: tuple[stored.Look, ...]) -> tuple[OwnPipelines, ...]:
    found = stored.results(services.store, looks)
    return tuple(OwnPipelines(data, *services.runner.own_data(data)) for data in found)
