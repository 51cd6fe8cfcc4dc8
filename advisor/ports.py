"""What the advisor needs from outside, as Protocols; ``wiring`` fits them with real parts, tests with fakes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from advisor.answers import Answers
from advisor.measured.conditions import Conditions, KnownResult
from advisor.records import (
    NOBODY,
    Change,
    DecisionRecord,
    ExecutorStatus,
    Job,
    JobKind,
    JobStatus,
    Purged,
    Q,
    QueueEntry,
    R,
    Requester,
)
from probes.check.schema import Check
from probes.deploy.schema import RoutesProgress, RoutesRequest, RoutesRun, RuntimeOffer, WayAvailability
from probes.schema import (
    Availability,
    BestModes,
    Calibration,
    Device,
    Framework,
    Interpreter,
    Load,
    Machine,
    ModelFile,
    ModelSpec,
    Priority,
    ProbeResult,
    Progress,
    Round,
    RunRequest,
    RunResult,
    RunSetup,
)
from probes.serving.schema import ServerAvailability, ServingProgress, ServingRequest, ServingRun
from probes.workloads.graphs import Graph

PageForm = Literal["quick", "standard"]  # of a self-check; the full form takes hours, and is a command's business


class NotFoundError(LookupError):
    """There is no such decision or job."""


class StoreUnavailableError(Exception):
    """The database can't be used now. The text ends the sentence «Not saved, because …», and names no host or user.

    Any method of ``Store`` may raise it; nothing was written then.
    """

    @property
    def reason(self) -> str:
        """As «the disk is full»."""
        return str(self)


class LostError(LookupError):
    """A job isn't this executor's any more: it was ended, given to another one, or deleted with its decision."""


class OperatorKeyError(Exception):
    """The operator's key can't be read or kept. The text names the file and says why."""


class OperatorKey(Protocol):
    """Whoever has it may operate this machine (docs/adr/0017)."""

    def read(self) -> str:
        """The key. Raises ``OperatorKeyError``."""
        ...

    def matches(self, key: str) -> bool:
        """Whether this is the key. Nobody has it while it can't be read."""
        ...

    def proof(self) -> str:
        """What a browser keeps instead of the key, good until that is rotated. Raises ``OperatorKeyError``."""
        ...

    def proven(self, proof: str) -> bool:
        """Whether a browser's proof holds. None does while the key can't be read."""
        ...


class Clock(Protocol):
    """The time of day, in UTC."""

    def now(self) -> datetime: ...


class ProbeRunner(Protocol):
    """Knows the probes and runs them, here or elsewhere."""

    def catalog(self) -> tuple[Availability, ...]:
        """Every probe, and whether it can run here. Cheap: no framework is imported."""
        ...

    def models(self) -> tuple[ModelSpec, ...]:
        """Every model with its adjustable sizes."""
        ...

    def machine(self) -> Machine:
        """What this machine is."""
        ...

    def interpreters(self) -> Mapping[Framework, Interpreter]:
        """What sides run in that don't run in the app's own interpreter."""
        ...

    def validate(self, request: RunRequest) -> None:
        """Raise ``ValueError`` naming field, value and allowed values if the request can't be planned."""
        ...

    def check(
        self, form: PageForm, device: Device, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> Check | None:
        """The engine tests itself on "cpu" or "cuda"; None if it was cancelled.

        Raises RuntimeError with a reason if it can't.
        """
        ...

    def calibration(self, device: Device, check: Check | None) -> Calibration:
        """What a run on ``device`` reckons with, by a self-check of this very machine if there is one."""
        ...

    def graphs(self, model: str, sizes: Mapping[str, int]) -> Mapping[Framework, Graph | str]:
        """The graphs that both frameworks capture of a network, or why there is none. Takes up to a minute. Raises
        RuntimeError with a reason if the machine is busy measuring."""
        ...

    def load(self) -> Load | None:
        """How busy this machine is now, None until that is known. Cheap, never waits: ask again every few seconds."""
        ...

    def plans(self, request: RunRequest, priority: Priority) -> frozenset[str]:
        """The probes that a run of a valid request takes: those it names, or those its budget has time for, of which
        the decision's own go before."""
        ...

    def seconds(self, request: RunRequest, probes: Collection[str]) -> float:
        """What a run of ``probes`` takes here about, as deep as the budget of a valid request goes."""
        ...

    def explain(self, setup: RunSetup) -> tuple[str, ...]:
        """The plan of a valid setup in sentences: what is measured, in which order, and why."""
        ...

    def results(
        self,
        setup: RunSetup,
        rounds: Sequence[Round],
        *,
        planned_rounds: int,
        cancelled: bool = False,
        earlier: Sequence[Sequence[Round]] = (),
    ) -> tuple[ProbeResult, ...]:
        """What finished rounds of ``setup`` say, resting on those of ``earlier`` runs too, oldest first.

        Measures nothing. Raises ``ValueError`` if they can't be read.
        """
        ...

    def best(
        self, results: Sequence[ProbeResult], rounds: Mapping[str, Sequence[Round]], calibration: Calibration
    ) -> tuple[BestModes, ...]:
        """Each side in its best mode, by measure, and what its other modes do; ``rounds`` by probe, those that its
        result rests on."""
        ...

    def run(
        self,
        setup: RunSetup,
        *,
        done: Sequence[Round] = (),
        on_round: Callable[[Round], None],
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> RunResult:
        """Measure. ``done`` are finished rounds of the same setup to go on from. Blocks until the end."""
        ...


@dataclass(frozen=True, slots=True)
class OwnModelFile:
    """A file of a team's own model that a page may name: by its name and hash, never by a path."""

    name: str
    sha256: str  # "" where it can't be used
    reason: str = ""  # why it can't be


class OwnModels(Protocol):
    """Knows the team's own model files. They are code: whoever can have one measured runs it with this user's rights,
    so that only operators may ask for it, and only where nobody else reaches the pages."""

    def why_off(self) -> str:
        """Why no own model can be measured here, with what to do; "" if they can."""
        ...

    def files(self) -> tuple[OwnModelFile, ...]:
        """What may be named, by name. Cheap; files come and go, so ask again."""
        ...

    def describe(
        self, name: str, sha256: str, *, tell: Callable[[str], None], cancelled: Callable[[], bool]
    ) -> ModelFile:
        """What such a file says of itself, for a ``RunRequest``. Runs it in children of the calling process, which
        takes up to minutes: the executor's business. Raises ``ValueError`` with a reason, and CancelledError."""
        ...


class Deployment(Protocol):
    """Knows the ways out of each framework, tries them here, and makes the environments that some of them need."""

    def ways(self) -> tuple[WayAvailability, ...]:
        """Every way, and whether it can be tried here. Cheap; environments come and go, so ask again."""
        ...

    def validate(self, request: RoutesRequest) -> None:
        """Raise ``ValueError`` naming field, value and allowed values if the request can't be tried."""
        ...

    def routes(
        self, request: RoutesRequest, *, on_progress: Callable[[RoutesProgress], None], cancelled: Callable[[], bool]
    ) -> RoutesRun | None:
        """Export, check and time. Blocks until the end; None if it was cancelled before anything was seen. Raises
        ``ValueError`` as ``validate`` does, RuntimeError with a reason if it can't."""
        ...

    def servers(self, request: ServingRequest) -> tuple[ServerAvailability, ...]:
        """Every server, and whether it can be put under load here as ``request`` wants it. Cheap."""
        ...

    def validate_serving(self, request: ServingRequest) -> None:
        """Raise ``ValueError`` naming field, value and allowed values if the request can't be tried."""
        ...

    def serve(
        self, request: ServingRequest, *, on_progress: Callable[[ServingProgress], None], cancelled: Callable[[], bool]
    ) -> ServingRun:
        """Put servers under load, one after the other. Blocks until the end; a cancelled run has what was seen."""
        ...

    def runtimes(self) -> tuple[RuntimeOffer, ...]:
        """Every environment of its own, and whether it is here."""
        ...

    def create_runtime(
        self, runtime_id: str, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> bool:
        """Make it; False if it was cancelled, and then nothing is left. Takes minutes. Raises RuntimeError with a
        reason if it can't be made."""
        ...

    def remove_runtime(self, runtime_id: str) -> None:
        """Delete what ``create_runtime`` made. Raises RuntimeError with a reason if it can't be."""
        ...

    def forget_interpreter(self, runtime_id: str) -> None:
        """Use the interpreter that the command line named no longer."""
        ...


class Store(Protocol):
    """Decisions, jobs of every kind and rounds, shared by the server and the executor. Every method is one transaction.

    Whatever names a decision or job that isn't there raises ``NotFoundError``, unless it returns None.
    """

    # decisions
    def create_decision(self, answers: Answers, *, owner: str = "", address: str = "") -> DecisionRecord:
        """``owner`` and ``address`` are hashes, as in ``Requester``. Raises ``QuotaError``."""
        ...

    def decision(self, decision_id: str) -> DecisionRecord | None: ...
    def decision_version(self, decision_id: str) -> int | None: ...
    def change_answers(self, decision_id: str, how: Callable[[Answers], Answers]) -> Change:
        """Replace the answers by what ``how`` makes of those that are stored now; nobody's change comes in between.

        Everybody else's writes wait for ``how``: let it be quick. If it raises, all stays as it was; if it returns
        equal answers, there is no new version.
        """
        ...

    def grant_edit(self, decision_id: str, edit_key: str, browser: str) -> bool:
        """Whether the key is right; then this browser (a hash, not "") is an editor from now on."""
        ...

    def rotate_edit_key(self, decision_id: str) -> DecisionRecord:
        """A new edit key; all editors but the owner are forgotten."""
        ...

    def delete_decision(self, decision_id: str) -> None:
        """With its jobs and all that hangs on them. What is under way ends without another word."""
        ...

    def purge(
        self, *, older_than: timedelta | None = None, decision_id: str | None = None, dry_run: bool = False
    ) -> Purged:
        """Delete what nobody needs any more, or say what that would be.

        ``decision_id``: this one, whatever it does now. Otherwise jobs that are over, beyond the newest ones that
        pages show, and with ``older_than`` decisions that were not changed or measured for so long, unless a job of
        theirs is under way or waits.
        """
        ...

    # jobs, seen from the pages; ``subject`` None: any
    def enqueue(self, kind: JobKind[Q, R], request: Q, by: Requester = NOBODY, *, decision_id: str = "") -> Job[Q, R]:
        """Queue a job; the active one of its kind (and subject, where each has its own) is returned as it is.

        ``decision_id`` is the decision that it belongs to, where its kind is ``of_decision``. Raises ``QuotaError``.
        """
        ...

    def resume(self, job_id: str, by: Requester = NOBODY) -> Job[Any, Any]:
        """Queue an interrupted job again; what is finished of it stays. The active one wins, as in ``enqueue``. Raises
        ``QuotaError``."""
        ...

    def request_cancel(self, job_id: str) -> None:
        """A waiting job is cancelled at once, one under way as soon as its executor sees it."""
        ...

    def job(self, job_id: str) -> Job[Any, Any] | None: ...
    def latest(self, kind: JobKind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
        """The newest one."""
        ...

    def version(self, kind: JobKind[Any, Any], subject: str | None = None) -> tuple[str, int] | None:
        """(id, version) of the newest one: a cheap look for pages that poll."""
        ...

    def done(self, kind: JobKind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
        """The newest one that came to its end; where none did, the newest that was cut off with a result.

        So nobody takes figures away from others by beginning anew and cancelling.
        """
        ...

    def finished(self, kind: JobKind[Any, Any], subject: str | None = None) -> tuple[tuple[str, int], ...]:
        """(id, version) of what ``done`` finds for each subject, newest first. Cheap: no result is read."""
        ...

    def history(self, kind: JobKind[Any, Any], subject: str) -> tuple[tuple[str, int], ...]:
        """(id, version) of those that are over and have a result, newest first, ``kind.kept`` at most. Cheap."""
        ...

    def known(self, conditions: Conditions, *, decision_id: str) -> tuple[KnownResult, ...]:
        """The newest finished measurement of each probe under ``conditions``: the decision's own, and that of others.

        By probe; of other decisions only runs that came to their end count. Cheap: no result is read.
        """
        ...

    def adopt(self, decision_id: str, result: RunResult) -> Job[RunRequest, RunResult]:
        """Keep a finished run that was measured for another decision as one of this decision's own.

        Its rounds and dates stay as they are. The decision's active run wins, if there is one, and what was taken over
        before isn't taken over again: that run is returned.
        """
        ...

    def queue(self) -> tuple[QueueEntry, ...]:
        """What is under way, then what waits, in the order in which it will be taken. Cheap: no result is read."""
        ...

    def executor(self) -> ExecutorStatus:
        """Whether somebody is there to take what is queued."""
        ...

    # jobs, seen from the executor
    def claim(self, worker: str) -> Job[Any, Any] | None:
        """Take the job whose turn it is, unless this worker has one. One transaction, so that two never take the same.

        What is written of a job from then on is refused with ``LostError`` unless it comes from the store that claimed
        it, and nobody has claimed it since.
        """
        ...

    def cancel_requested(self, job_id: str) -> bool:
        """Whether somebody pressed Cancel. Raises ``LostError`` where it was claimed, once it was taken away."""
        ...

    def tell(self, job_id: str, message: str, fraction: float, *, result: Any = None, planned_rounds: int = 0) -> None:
        """What it is doing now, and what there is so far; a result of None keeps what there was."""
        ...

    def finish(self, job_id: str, status: JobStatus, *, reason: str = "", result: Any = None) -> None:
        """The end of a job, or of an attempt (``interrupted``); a result of None keeps what there was.

        A run's rounds are read from it again together with its result: one that was cut off is kept now.
        """
        ...

    def rounds(self, job_id: str) -> tuple[Round, ...]:
        """The whole rounds of a run, oldest first."""
        ...

    def keep_round(self, job_id: str, round_: Round) -> None:
        """One that is whole. The same twice is an error."""
        ...

    def recover(self, worker: str) -> None:
        """Put back what a dead executor left running, or let it fail, as its kind has it: this worker's own, which has
        the machine to itself and is idle, and that of any other worker that was not heard of for minutes."""
        ...

    def beat(self, worker: str, pid: int) -> None:
        """A sign of life, every few seconds."""
        ...

    def leave(self, worker: str) -> None:
        """The last one: this worker takes no more jobs."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a page or a command needs. Built once by ``wiring.build``."""

    store: Store
    runner: ProbeRunner
    clock: Clock
    deployment: Deployment
    operator_key: OperatorKey
    own_models: OwnModels
