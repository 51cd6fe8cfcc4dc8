"""What is stored, all frozen: decisions, and work of every kind that pages ask for and the executor does.

A job's request and its result are frozen records of ``probes``. The store keeps them as JSON and neither knows nor
cares which kind it holds: what is special to a kind are fields of its ``JobKind``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Generic, Literal, TypeVar

from advisor.answers import Answers
from probes.in_browser.schema import Visit
from probes.schema import RunRequest


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A stored decision: the answers, who may edit, and a version that grows with each change."""

    id: str  # unguessable, ≥ 128 bit, URL-safe
    edit_key: str  # unguessable, ≥ 128 bit: whoever shows it may edit
    owner: str  # SHA-256 of the owner's browser token, "" if none
    version: int
    answers: Answers
    created_at: datetime
    updated_at: datetime
    editors: frozenset[str] = frozenset()  # SHA-256 of the tokens of browsers that once showed the edit key


@dataclass(frozen=True, slots=True)
class Change:
    """A decision before and after ``Store.change_answers``; equal if nothing was to change."""

    before: DecisionRecord
    after: DecisionRecord


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks for work: hashes of the browser's token and of the network address, "" where unknown.

    All unknown browsers count as one, and so do all unknown addresses: hiding either gains nobody a place.
    """

    browser: str = ""
    address: str = ""
    operator: bool = False  # may operate this machine: no quota holds


NOBODY: Final = Requester()


@dataclass(frozen=True, slots=True)
class BrowserVisit:
    """A browser that measures for a decision. Whoever has its link may open it once; the link says no decision."""

    id: str
    decision_id: str
    visit: Visit
    version: int
    created_at: datetime
    updated_at: datetime  # when something was last heard of it
    expires_at: datetime  # until when its link may be opened


# ------------------------------------------------------------------------------------------------ work

JobStatus = Literal["queued", "running", "interrupted", "cancelled", "failed", "done"]
ACTIVE: Final[frozenset[JobStatus]] = frozenset({"queued", "running"})

Q = TypeVar("Q")  # what is asked for
R = TypeVar("R")  # what comes out


@dataclass(frozen=True, slots=True)
class JobKind(Generic[Q, R]):
    """A kind of work, and its rules."""

    name: str  # in the database and on the command line
    request: type[Q]
    result: type[R]
    title: str  # the heading of its card while it is under way
    doing: str  # who waits for it reads «Waiting: a self-check is under way»; "": it is counted, as in «2 ahead»
    #: What a request is about, up to 64 characters: the newest of each is looked for. None: the decision that it
    #: belongs to, is deleted with, and that says who may cancel it.
    subject: Callable[[Q], str] | None
    each_subject: bool = False  # one active job for each subject, else one in all
    resumable: bool = False  # what an interruption leaves is gone on with; else it has failed, and is started by hand
    kept: int = 5  # so many of a subject with a result, and as many without, survive a purge
    replaces: bool = False  # once done it takes the place of earlier ones of its subject: they are large
    result_every: float = 2.0  # seconds at least between two writes of what there is so far: that may be a megabyte
    words_every: float = 0.5  # seconds at least between two writes of what it is doing
    quota: Callable[[Requester, Q], None] | None = None  # raises ``QuotaError`` for a request that is too large

    @property
    def of_decision(self) -> bool:
        """Whether its jobs belong to decisions."""
        return self.subject is None


@dataclass(frozen=True, slots=True)
class Job(Generic[Q, R]):
    """One job and how far it is. ``version`` grows with each change, so that a page redraws only then."""

    id: str
    kind: JobKind[Q, R]
    subject: str  # of a kind ``of_decision``: the decision's id
    status: JobStatus
    version: int
    request: Q
    message: str  # what it does now
    fraction: float  # 0 to 1
    reason: str  # why it failed or was interrupted
    result: R | None  # of a job under way: what there is so far
    cancel_requested: bool
    created_at: datetime
    updated_at: datetime
    owner: str = ""  # the browser that started it, as in ``Requester``
    attempts: int = 0  # how often an executor took it, since somebody asked for it
    planned_rounds: int = 0  # of a measurement
    finished_rounds: int = 0
    taken_over: bool = False  # measured for another decision of this installation
    places: tuple[str, ...] = ("",)  # the machines that may take it, by name; "" is the executor's own

    @property
    def active(self) -> bool:
        """Waiting or under way."""
        return self.status in ACTIVE


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A job that is under way or waits, without what was asked and what there is so far."""

    id: str
    kind: str
    status: Literal["queued", "running"]
    subject: str
    owner: str  # as in ``Requester``
    address: str
    since: datetime  # when it came to wait, or was begun
    message: str
    fraction: float
    worker: str  # "" while it waits
    places: tuple[str, ...] = ("",)  # as in ``Job``; of one that is under way the machine that has it


# ------------------------------------------------------------------------------------------------ sweeps


@dataclass(frozen=True, slots=True)
class SweepPart:
    """What one request for many runs asks of one machine, whichever of some equal ones takes it."""

    request: RunRequest  # its machine is said where one takes it
    places: tuple[str, ...]  # as in ``Job``


@dataclass(frozen=True, slots=True)
class PartStatus:
    """How far a part of a sweep is: that of its newest job, without what came out."""

    job_id: str
    version: int
    request: RunRequest
    places: tuple[str, ...]
    machine: str | None  # which of them has or had it; None before
    status: JobStatus
    message: str
    fraction: float
    reason: str
    planned_rounds: int
    finished_rounds: int


@dataclass(frozen=True, slots=True)
class SweepStatus:
    """Many runs that were asked for at once."""

    id: str
    decision_id: str
    created_at: datetime
    parts: tuple[PartStatus, ...]  # in the order in which they were asked for

    @property
    def active(self) -> bool:
        """Whether any of it waits or is under way."""
        return any(part.status in ACTIVE for part in self.parts)

    @property
    def done(self) -> int:
        """Parts that came to their end."""
        return sum(part.status == "done" for part in self.parts)

    @property
    def fraction(self) -> float:
        """0 to 1: parts count alike."""
        return sum(part.fraction for part in self.parts) / len(self.parts)


@dataclass(frozen=True, slots=True)
class Purged:
    """What ``Store.purge`` deleted, or would."""

    decisions: int
    runs: int  # jobs of decisions, whether they went with theirs or alone
    jobs: int  # all others
    size: int  # characters of text, of which nearly all are a byte each


@dataclass(frozen=True, slots=True)
class ExecutorStatus:
    """Whether somebody is there to take what is queued."""

    alive: bool
    pid: int | None = None
    since: datetime | None = None
    details: Mapping[str, str] = field(default_factory=dict)
