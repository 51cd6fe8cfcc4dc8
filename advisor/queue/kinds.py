"""The kinds of work that pages ask for and the executor does: one entry each, and a function in ``handlers``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final

from advisor.ports import CodeScan, PageForm, ScanSource
from advisor.queue.quotas import check_budget, check_code, check_data, check_folder, check_sweep
from advisor.records import JobKind
from probes.check.schema import Check
from probes.compare.schema import ModelReport
from probes.deploy.schema import RoutesRequest, RoutesRun
from probes.in_browser.schema import Kit, KitRequest
from probes.rehearsal.schema import Rehearsal
from probes.results import RunResult
from probes.schema import Device, RunRequest
from probes.serving.schema import ServingRequest, ServingRun
from probes.team_files import TeamData

_LONGEST: Final = 64  # characters of a subject in the database
_DIGEST: Final = 12  # hex digits that tell those apart whose beginnings are the same


def _cut(subject: str) -> str:
    if len(subject) <= _LONGEST:
        return subject
    digest = hashlib.sha256(subject.encode(errors="surrogatepass")).hexdigest()[:_DIGEST]
    return f"{subject[: _LONGEST - _DIGEST - 1]} {digest}"


def _on(what: str, machine: str) -> str:
    """What a request is about, where it may name another machine than this one."""
    return _cut(f"{what} on {machine}" if machine else what)


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """A self-check of the measuring engine, in this form, on "cpu" or "cuda"."""

    form: PageForm = "quick"
    device: Device = "cpu"
    machine: str = ""  # as in ``RunRequest``

    @property
    def subject(self) -> str:
        """What is known of the CPU, of the GPU and of other machines stands side by side."""
        return _on(self.form if self.device == "cpu" else f"{self.form} {self.device}", self.machine)


@dataclass(frozen=True, slots=True)
class EnvironmentRequest:
    """Make the environment of this runtime (an id of data/runtimes.yaml)."""

    runtime: str


@dataclass(frozen=True, slots=True)
class DescribeRequest:
    """Say what is known of this model file before it is measured: the one of that name and of no other content."""

    name: str
    sha256: str

    @property
    def subject(self) -> str:
        return _cut(f"{self.sha256[:16]} {self.name}")


@dataclass(frozen=True, slots=True)
class RehearseRequest(DescribeRequest):
    """Run this model file where it might go, beside where it is."""


@dataclass(frozen=True, slots=True)
class DataRequest:
    """Say what the team's own data of this name are; ``label``: the column or array with their labels, "" for none."""

    name: str
    label: str = ""

    @property
    def subject(self) -> str:
        return _cut(f"{self.name} {self.label}")


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """Read a team's code: ``place`` is what ``CodeScanner.scan`` asks for."""

    source: ScanSource
    place: str
    title: str  # what the team calls it


MEASURE: Final = JobKind(
    "run",
    RunRequest,
    RunResult,
    title="Measuring",
    doing="",
    subject=None,
    each_subject=True,
    resumable=True,
    kept=20,  # a decision's evidence is looked for in so many of its newest runs
    result_every=0.5,  # ratios are watched as they come in, and are small
    quota=check_budget,
)
SWEPT: Final = JobKind(
    "sweep",
    RunRequest,
    RunResult,
    title="Measuring for a sweep",
    doing="",
    subject=None,
    each_subject=True,
    resumable=True,
    kept=72,  # six networks on a dozen machines
    result_every=5.0,  # nobody watches ratios of a dozen runs as they come in
    words_every=2.0,  # dozens of machines may be at it, and a database has one writer
    quota=check_sweep,
)
CHECK: Final = JobKind(
    "check",
    CheckRequest,
    Check,
    title="Testing the engine",
    doing="a self-check is under way",
    subject=lambda asked: asked.subject,
)
ROUTES: Final = JobKind(
    "routes",
    RoutesRequest,
    RoutesRun,
    title="Trying routes",
    doing="routes are being tried",
    subject=lambda asked: _on(" ".join(asked.models), asked.machine),
)
SERVING: Final = JobKind(
    "serving",
    ServingRequest,
    ServingRun,
    title="Servers under load",
    doing="servers are under load",
    subject=lambda asked: _on(asked.model, asked.machine),
)
ENVIRONMENT: Final = JobKind(
    "environment",
    EnvironmentRequest,
    NoneType,
    title="Making an environment",
    doing="an environment is being made",
    subject=lambda asked: asked.runtime,
    each_subject=True,
)
DESCRIBE: Final = JobKind(
    "describe",
    DescribeRequest,
    ModelReport,
    title="Looking at the file",
    doing="a model file is being looked at",
    subject=lambda asked: asked.subject,
    each_subject=True,
    quota=check_code,
)
REHEARSE: Final = JobKind(
    "rehearse",
    RehearseRequest,
    Rehearsal,
    title="Rehearsing the move",
    doing="a move is being rehearsed",
    subject=lambda asked: asked.subject,
    each_subject=True,
    quota=check_code,
)
DATA: Final = JobKind(
    "data",
    DataRequest,
    TeamData,
    title="Reading the data",
    doing="data are being read",
    subject=lambda asked: asked.subject,
    each_subject=True,
    quota=check_data,
)
#: As ``ROUTES``, of a team's own model: no decision rests on what rounding costs one team's samples.
ROUNDING: Final = JobKind(
    "rounding",
    RoutesRequest,
    RoutesRun,
    title="Trying ways out with your data",
    doing="ways out are being tried",
    subject=lambda asked: _cut(" ".join(asked.models)),
    each_subject=True,
    quota=check_code,
)
KIT: Final = JobKind(
    "kit",
    KitRequest,
    Kit,
    title="Exporting for browsers",
    doing="a network is being exported for browsers",
    subject=lambda asked: asked.model,
)
SCAN: Final = JobKind(
    "scan",
    ScanRequest,
    CodeScan,
    title="Reading your code",
    doing="code is being read",
    subject=None,
    each_subject=True,
    kept=1,
    replaces=True,  # megabytes each, and only the newest is shown
    quota=check_folder,
)
KINDS: Final[Mapping[str, JobKind[Any, Any]]] = {
    kind.name: kind
    for kind in (MEASURE, SWEPT, CHECK, ROUTES, SERVING, ENVIRONMENT, DESCRIBE, REHEARSE, DATA, ROUNDING, SCAN, KIT)
}
