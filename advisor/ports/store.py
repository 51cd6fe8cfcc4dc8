"""Decisions, jobs and rounds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from advisor.answers import Answers
from advisor.measured.conditions import Conditions, KnownResult
from advisor.records import (
    NOBODY,
    BrowserVisit,
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
    SweepPart,
    SweepStatus,
)
from probes.in_browser.schema import Visit, VisitPlan
from probes.results import Round, RunResult
from probes.schema import RunRequest


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

    def keep_result(
        self, kind: JobKind[Q, R], request: Q, result: R, by: Requester = NOBODY, *, decision_id: str = ""
    ) -> Job[Q, R]:
        """Keep what needed no executor as a job that is done. An active one of its kind is returned as it is, as in
        ``enqueue``; raises ``QuotaError`` where the kind's own quota is used up."""
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

    def runs(self, decision_id: str) -> tuple[tuple[str, int], ...]:
        """(id, version) of a decision's runs that are over and have a result, whether asked for alone or by a sweep,
        newest first: as many of each as are kept. Cheap."""
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

    # sweeps: many runs that are asked for at once
    def begin_sweep(self, decision_id: str, parts: Sequence[SweepPart], by: Requester = NOBODY) -> SweepStatus:
        """Queue a job for each part; a decision's active sweep is returned as it is. Raises ``QuotaError``, ValueError
        without a part."""
        ...

    def sweep(self, decision_id: str) -> SweepStatus | None:
        """The newest of a decision. Cheap: no result is read."""
        ...

    def cancel_sweep(self, sweep_id: str) -> None:
        """What waits is cancelled at once, what is under way as soon as its executor sees it."""
        ...

    def resume_sweep(self, sweep_id: str, by: Requester = NOBODY) -> None:
        """Queue again what didn't come to its end; what is finished of it stays. Raises ``QuotaError``."""
        ...

    # browsers that measure for a decision
    def invite(self, decision_id: str, plan: VisitPlan) -> tuple[BrowserVisit, str]:
        """A link for one browser: the visit that it stands for, and the token that opens it, once and for a quarter of
        an hour. The oldest links that nobody opened and the oldest visits give way to it."""
        ...

    def open_visit(self, link: str) -> tuple[BrowserVisit, str]:
        """Use the token of a link up: the visit, and the key that its browser writes with. Raises ``VisitError``."""
        ...

    def change_visit(self, key: str, how: Callable[[Visit, datetime], Visit]) -> BrowserVisit:
        """Replace a visit by what ``how`` makes of it at this moment, in one transaction; if it raises, all stays as
        it was. Raises ``VisitError`` for a key that is nobody's."""
        ...

    def visit_of(self, key: str) -> BrowserVisit:
        """That of a browser which has opened its link. Raises ``VisitError``."""
        ...

    def visits(self, decision_id: str) -> tuple[BrowserVisit, ...]:
        """Newest first, without those whose link ran out before somebody opened it."""
        ...

    def visits_version(self, decision_id: str) -> str:
        """Changes when ``visits`` does. Cheap."""
        ...

    # jobs, seen from the executor
    def waited_for(self) -> frozenset[str]:
        """The machines that something waits for, by name; "" is the executor's own. Cheap."""
        ...

    def claim(self, worker: str, machine: str = "") -> Job[Any, Any] | None:
        """Take the job whose turn it is on this machine, unless that has one: "", the worker's own, from this worker,
        any other from whomever. Two never take the same.

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

    def pass_on(self, job_id: str, reason: str, result: RunResult | None) -> bool:
        """The machine that had this part of a sweep is gone: an equal one takes it. Where rounds were finished, those
        stay what they are, with ``result``, and the part is begun anew. False, and nothing done, without such a one."""
        ...

    def recover(self, worker: str, at_work: Collection[str] = ()) -> None:
        """Put back what a dead executor left running, or let it fail, as its kind has it: this worker's own, but for
        the jobs that it is ``at_work`` on, and that of any other worker that was not heard of for minutes."""
        ...

    def beat(self, worker: str, pid: int) -> None:
        """A sign of life, every few seconds."""
        ...

    def leave(self, worker: str) -> None:
        """The last one: this worker takes no more jobs."""
        ...
