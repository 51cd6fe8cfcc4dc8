"""Work that pages ask for and the executor does, besides runs: what kinds there are, and how they pass it on.

A job belongs to the machine, not to a decision. Its request and its result are frozen records of ``probes``; the store
keeps them as JSON and neither knows nor cares which kind it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import NoneType
from typing import Any, Final, Generic, Literal, Protocol, TypeVar

from advisor.model import NOBODY, Requester
from probes.check.schema import Check
from probes.deploy.schema import RoutesRequest, RoutesRun
from probes.schema import Device
from probes.serving.schema import ServingRequest, ServingRun

JobStatus = Literal["queued", "running", "done", "cancelled", "failed"]
ACTIVE: Final = frozenset({"queued", "running"})
LEFT: Final = "the process that did this ended unexpectedly; start it again"

PageForm = Literal["quick", "standard"]  # of a self-check; the full form takes hours, and is a command's business


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """A self-check of the measuring engine, in this form, on "cpu" or "cuda"."""

    form: PageForm = "quick"
    device: Device = "cpu"

    @property
    def subject(self) -> str:
        """What is known of the CPU and of the GPU stands side by side."""
        return self.form if self.device == "cpu" else f"{self.form} {self.device}"


@dataclass(frozen=True, slots=True)
class EnvironmentRequest:
    """Make the environment of this runtime (an id of data/runtimes.yaml)."""

    runtime: str


Q = TypeVar("Q")  # what is asked for
R = TypeVar("R")  # what comes out


@dataclass(frozen=True, slots=True)
class JobKind(Generic[Q, R]):
    """A kind of work. ``each_subject``: one active job for each subject, else one in all."""

    name: str
    request: type[Q]
    result: type[R]
    subject: Callable[[Q], str]  # what a request is about, up to 64 characters: the newest of each is looked for
    doing: str  # what the executor does meanwhile, as in «Waiting: a self-check is under way»
    each_subject: bool = False


def networks(request: RoutesRequest) -> str:
    """The subject of a request for routes."""
    return " ".join(request.models)[:64]


CHECK: Final = JobKind("check", CheckRequest, Check, lambda asked: asked.subject, "a self-check is under way")
ROUTES: Final = JobKind("routes", RoutesRequest, RoutesRun, networks, "routes are being tried")
ENVIRONMENT: Final = JobKind(
    "environment",
    EnvironmentRequest,
    NoneType,
    lambda asked: asked.runtime,
    "an environment is being made",
    each_subject=True,
)
SERVING: Final = JobKind("serving", ServingRequest, ServingRun, lambda asked: asked.model, "servers are under load")
KINDS: Final[Mapping[str, JobKind[Any, Any]]] = {kind.name: kind for kind in (CHECK, ROUTES, ENVIRONMENT, SERVING)}


@dataclass(frozen=True, slots=True)
class Job(Generic[Q, R]):
    """One job and how far it is. ``version`` grows with each change, so that a page redraws only then."""

    id: str
    kind: JobKind[Q, R]
    subject: str
    status: JobStatus
    version: int
    request: Q
    message: str  # what it does now
    fraction: float  # 0 to 1
    reason: str  # why it failed
    result: R | None  # of a job under way: what there is so far
    cancel_requested: bool
    updated_at: datetime
    owner: str = ""  # the browser that started it, as in ``Requester``
    attempts: int = 0  # how often an executor took it

    @property
    def active(self) -> bool:
        """Waiting or under way."""
        return self.status in ACTIVE


@dataclass(frozen=True, slots=True)
class Glance:
    """A job under way or waiting, without what was asked and what came out."""

    id: str
    kind: str
    subject: str
    status: JobStatus
    version: int
    message: str
    fraction: float
    owner: str = ""  # as in ``Job``


class JobStore(Protocol):
    """Keeps jobs. Every method is one transaction. ``subject`` None: any."""

    def enqueue(self, kind: JobKind[Q, R], request: Q, by: Requester = NOBODY) -> Job[Q, R]:
        """Queue a job; an active one of its kind (and subject, where each has its own) is returned as it is.

        Raises ``QuotaError``.
        """
        ...

    def latest(self, kind: JobKind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
        """The newest one."""
        ...

    def version(self, kind: JobKind[Q, R], subject: str | None = None) -> tuple[str, int] | None:
        """(id, version) of the newest one: a cheap look for pages that poll."""
        ...

    def done(self, kind: JobKind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
        """The newest one that came to its end; where none did, the newest that was cut off with a result.

        So nobody takes figures away from others by beginning anew and cancelling.
        """
        ...

    def finished(self, kind: JobKind[Q, R]) -> tuple[Glance, ...]:
        """What ``done`` finds for each subject, newest first. Cheap: no request and no result is read."""
        ...

    def active(self) -> tuple[Glance, ...]:
        """What is under way, and what waits behind it, oldest first. Cheap: no request and no result is read."""
        ...

    def request_cancel(self, job_id: str) -> None:
        """A waiting job is cancelled at once, one under way as soon as its executor sees it."""
        ...

    def cancel_requested(self, job_id: str) -> bool:
        """Whether somebody pressed Cancel. Raises ``LostError`` where it was claimed, once it was taken away."""
        ...

    def claim(self, worker: str) -> Job[Any, Any] | None:
        """Take the job whose turn it is. One transaction, so that two never take the same.

        What is written of a job from then on is refused with ``LostError`` unless it comes from the store that claimed
        it, and nobody has claimed it since.
        """
        ...

    def tell(self, job_id: str, message: str, fraction: float, result: Any = None) -> None:
        """What it is doing now, and what there is so far; None keeps what there was."""
        ...

    def finish(self, job_id: str, status: JobStatus, *, reason: str = "", result: Any = None) -> None:
        """The end of it; None keeps what there was."""
        ...

    def recover(self, worker: str) -> None:
        """What dead executors left running has failed (this worker's own, and that of others not heard of for
        minutes): a job is short, and is started again by hand."""
        ...
