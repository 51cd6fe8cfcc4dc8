"""The executor: takes queued runs and jobs from the store in their turn, one at a time, and writes each finished round
of a run back at once. What was taken away from it meanwhile it drops without a word to the store.

One a machine and database, by a file lock. It outlives a server that is killed in the middle of a run, finishes
that run and then goes; a new server's executor waits for the lock and takes over.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import filelock
import psutil

from advisor.model import RUN, RunRecord
from advisor.ports import LostError, Services, StoreUnavailableError
from advisor.queue.handlers import run_job
from advisor.queue.joining import joined
from probes.schema import Outcome, Progress, Round, RunResult
from probes.system import file_modes, scratch

log = logging.getLogger("fulcrum.executor")

POLL_SECONDS = 0.5  # between looks for a queued run, and for a wish to cancel
PROGRESS_SECONDS = 0.5  # at least so long between two writes of progress
BEAT_SECONDS = 5.0  # between signs of life
RECOVER_SECONDS = 60.0  # between looks for runs that a dead executor of another machine left


@dataclass
class Stop:
    """Why the executor should go: asked to by a signal, or its server is gone."""

    parent: psutil.Process | None = None
    asked: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def when_gone(cls, parent_pid: int | None) -> Stop:
        """A process that isn't there any more counts as gone; ``is_running`` compares creation times."""
        if parent_pid is None:
            return cls()
        try:
            return cls(psutil.Process(parent_pid))
        except psutil.NoSuchProcess:
            stop = cls()
            stop.asked.set()
            return stop

    def idle(self) -> bool:
        """Nothing more to do once the current run is over."""
        return self.asked.is_set() or (self.parent is not None and not _alive(self.parent))


def serve(services: Services, *, lock: Path, worker: str, parent: int | None = None) -> int:
    """Work until told to stop. ``parent``: the server's process id, None if by hand.

    Returns the exit status: 0, or 1 if the store can't be used. Whoever started it tries again; a run that it had is
    taken up then.

    ``lock`` is the file that keeps a second executor waiting, ``worker`` this one's name in the store.
    """
    stop = Stop.when_gone(parent)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.asked.set())
    held = filelock.FileLock(lock, mode=file_modes.FILE)
    if not _acquire(held, stop):
        return 0
    try:
        if swept := scratch.sweep():
            log.info("%d scratch folders of processes that were killed are gone", swept)
        with _signs_of_life(services, worker):
            _work(services, worker, stop)
    except StoreUnavailableError as error:
        log.error("gone, because %s", error, exc_info=log.isEnabledFor(logging.DEBUG))
        return 1
    finally:
        held.release()
    log.info("gone")
    return 0


def _work(services: Services, worker: str, stop: Stop) -> None:
    recovered = float("-inf")
    log.info("ready as %s", worker)
    while not stop.idle():
        if time.monotonic() - recovered >= RECOVER_SECONDS:
            services.store.recover(worker)
            services.jobs.recover(worker)
            recovered = time.monotonic()
        if not _take(services, worker, stop.asked.is_set):
            stop.asked.wait(POLL_SECONDS)


def _take(services: Services, worker: str, stopping: Callable[[], bool]) -> bool:
    """Do what is next, if there is anything. Somebody else may take that meanwhile; then the next of its kind."""
    upcoming = next((entry for entry in services.store.queue() if entry.status == "queued"), None)
    if upcoming is None:
        return False
    if upcoming.work == RUN:
        if record := services.store.claim(worker):
            Execution(services, record, stopping).run()
        return record is not None
    if job := services.jobs.claim(worker):
        run_job(services, job, stopping)
    return job is not None


@contextmanager
def _signs_of_life(services: Services, worker: str) -> Iterator[None]:
    """A thread of its own: a run keeps the main one for minutes."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            try:
                services.store.beat(worker, os.getpid())
            except StoreUnavailableError as error:  # no reason to lose a run; what the run itself writes will tell
                log.warning("a sign of life could not be written: %s", error)
            except Exception:
                log.warning("a sign of life could not be written", exc_info=True)

    services.store.beat(worker, os.getpid())
    thread = threading.Thread(target=beat, name="signs-of-life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        with suppress(StoreUnavailableError):  # then others will notice its silence
            services.store.leave(worker)


def _acquire(lock: filelock.BaseFileLock, stop: Stop) -> bool:
    """Wait for the lock, unless there is nothing to wait for any more."""
    waiting = False
    while not stop.idle():
        try:
            lock.acquire(timeout=POLL_SECONDS)
        except filelock.Timeout:
            if not waiting:
                log.info("another executor is at work; waiting for it to go")
            waiting = True
        else:
            return True
    return False


def _alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


class Execution:
    """One run, from its claim to its end. Every way out leaves a stated status in the store, unless the run was taken
    away: another executor's, or deleted with its decision."""

    def __init__(self, services: Services, record: RunRecord, stopping: Callable[[], bool]) -> None:
        self._services, self._store, self._runner = services, services.store, services.runner
        self._record, self._stopping = record, stopping
        self._asked_at = self._told_at = float("-inf")
        self._untold: Progress | None = None
        self._cancel = self._lost = False

    def run(self) -> None:
        """Measure, and write the end of it."""
        run_id = self._record.id
        log.info("run %s: started, attempt %d", run_id, self._record.attempts)
        try:
            self._measure(run_id)
        except LostError as lost:
            log.warning("run %s: dropped: %s", run_id, lost)

    def _measure(self, run_id: str) -> None:
        """Raises LostError at the end of a run that was taken away, and StoreUnavailableError if a round can't be kept:
        the next executor goes on after the last one that could."""
        try:
            self._setup = joined(self._services, self._record)
            result = self._runner.run(
                self._setup,
                done=self._store.rounds(run_id),
                on_round=self._keep,
                on_progress=self._tell,
                cancelled=self._cancelled,
            )
        except StoreUnavailableError:
            raise
        except Exception as error:  # whatever it is, somebody waits for an answer
            log.exception("run %s failed", run_id)
            self._store.finish(run_id, "failed", reason=f"{type(error).__name__}: {error}")
            return
        self._end(result)

    def _end(self, result: RunResult) -> None:
        run_id = self._record.id
        cut_off = any(row.outcome == Outcome.CANCELLED for row in result.results)
        if cut_off and not self._cancel:
            reason = "Fulcrum was shut down during the run; the finished rounds are kept"
            self._store.finish(run_id, "interrupted", reason=reason, result=result)
        elif cut_off:
            self._store.finish(run_id, "cancelled", reason="Cancelled; what was measured is kept", result=result)
        else:
            self._store.finish(run_id, "done", result=result)
        log.info("run %s: over after %.0f s", run_id, result.seconds)

    @contextmanager
    def _unless_lost(self) -> Iterator[None]:
        """What was taken away is ended as if it were cancelled: in good order, with no process left over."""
        try:
            yield
        except LostError:
            self._cancel = self._lost = True

    @contextmanager
    def _dispensable(self) -> Iterator[None]:
        """A word of progress or a look for Cancel that fails is no reason to lose a run: the next comes soon."""
        try:
            yield
        except StoreUnavailableError as error:
            log.warning("run %s: goes on, although %s", self._record.id, error)

    def _keep(self, round_: Round) -> None:
        with self._unless_lost():
            self._store.save_round(self._record.id, round_)

    def _tell(self, progress: Progress) -> None:
        self._untold = progress
        self._tell_when_due()

    def _tell_when_due(self) -> None:
        """What came too soon after the last write is written at a later look, so that no last word is lost."""
        now = time.monotonic()
        if self._untold is None or now - self._told_at < PROGRESS_SECONDS:
            return
        progress, self._untold, self._told_at = self._untold, None, now
        result = None
        if progress.results:
            result = RunResult(
                machine=self._runner.machine(),
                request=self._setup.request,
                calibration=self._setup.calibration,
                priority=self._setup.priority,
                results=progress.results,
                planned_rounds=progress.rounds,
            )
        with self._unless_lost(), self._dispensable():
            self._store.save_progress(
                self._record.id,
                message=progress.message,
                fraction=progress.fraction,
                planned_rounds=progress.rounds,
                result=result,
            )

    def _cancelled(self) -> bool:
        """Asked several times a second; the store is looked at twice a second."""
        self._tell_when_due()
        now = time.monotonic()
        if now - self._asked_at >= POLL_SECONDS:
            self._asked_at = now
            with self._unless_lost(), self._dispensable():
                self._cancel = self._lost or self._store.cancel_requested(self._record.id)
        return self._cancel or self._stopping()
