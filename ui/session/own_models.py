"""Teams' own models as this Fulcrum knows them: those whose files were looked at, and those that lie there now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from advisor.ports import OwnModelFile, Services
from advisor.queue.kinds import DESCRIBE, DescribeRequest
from probes.compare.schema import ModelReport
from probes.schema import Availability, ModelSpec
from ui.session import stored
from ui.session.versioned import versioned

#: Every version of a file is one, and each is read when a page is first drawn.
MOST: Final = 50
_SECONDS: Final = 2.0  # for so long the folder is taken as it was: its files are read to know their hashes


@dataclass(frozen=True, slots=True)
class OwnNetwork:
    """A model file that was looked at, as a network beside the others."""

    report: ModelReport
    spec: ModelSpec
    offers: tuple[Availability, ...]


@st.cache_resource(ttl=_SECONDS, show_spinner=False)
def files(_services: Services) -> tuple[OwnModelFile, ...]:
    """What lies in the folder."""
    return _services.own_models.files()


def networks(services: Services) -> tuple[OwnNetwork, ...]:
    """The ``MOST`` that were looked at last, the newest first. Results outlive their files."""
    looks = services.store.finished(DESCRIBE)[:MOST]
    return _networks(looks, services, looks)


def here(services: Services) -> tuple[OwnNetwork, ...]:
    """Those whose files lie in the folder as they were looked at: what can be measured now."""
    lying = {(file.name, file.sha256) for file in files(services)}
    return tuple(one for one in networks(services) if (one.report.file.name, one.report.file.sha256) in lying)


def of(services: Services, file: OwnModelFile) -> OwnNetwork | None:
    """What is known of that very file, if it was looked at."""
    asked = (file.name, file.sha256)
    return next((one for one in networks(services) if (one.report.file.name, one.report.file.sha256) == asked), None)


def subject(file: OwnModelFile) -> str:
    """What looks at that very file are about."""
    return DescribeRequest(file.name, file.sha256).subject


@versioned(most=16)
def _networks(services: Services, looks: tuple[stored.Look, ...]) -> tuple[OwnNetwork, ...]:
    reports = stored.results(services.store, looks)
    return tuple(OwnNetwork(report, *services.runner.own(report.file)) for report in reports)
