"""The executor: takes queued jobs from the store in their turn, one at a time on each machine: its own, and those that
it sends work to. What was taken away from it meanwhile it drops without a word to the store.

One a machine and database, by a file lock. It outlives a server that is killed in the middle of a job, finishes
that and then goes; a new server's executor waits for the lock and takes over.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import filelock
import psutil

from advisor.ports import Services, StoreUnavailableError
from advisor.queue.handlers import run_job
from advisor.queue.quotas import MOST_MACHINES
from probes.system import file_modes, scratch

log = logging.getLogger("fulcrum.executor")

POLL_SECONDS = 0.5  # between looks for a queued job
BEAT_SECONDS = 5.0  # between signs of life
RECOVER_SECONDS = 60.0  # between looks for jobs that a dead executor of another machine left


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
        """Nothing more to do once the current job is over."""
        return self.asked.is_set() or (self.parent is not None and not _alive(self.parent))


def serve(services: Services, *, lock: Path, worker: str, parent: int | None = None) -> int:
    """Work until told to stop. ``parent``: the server's process id, None if by hand.

    Returns the exit status: 0, or 1 if the store can't be used. Whoever started it tries again; a job that it had is
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
            work(services, worker, stop)
    except StoreUnavailableError as error:
        log.error("gone, because %s", error, exc_info=log.isEnabledFor(logging.DEBUG))
        return 1
    finally:
        held.release()
    log.info("gone")
    return 0


def work(services: Services, worker: str, stop: Stop) -> None:
    """A thread for each machine that has work. Raises ``StoreUnavailableError``, once every one of them has ended."""
    recovered = float("-inf")
    under_way: dict[str, tuple[str, Future[None]]] = {}  # by machine: the job, and its end
    log.info("ready as %s", worker)
    with ThreadPoolExecutor(MOST_MACHINES, thread_name_prefix="machine") as threads:
        try:
            while not stop.idle():
                if time.monotonic() - recovered >= RECOVER_SECONDS:
                    services.store.recover(worker, {job_id for job_id, _ in under_way.values()})
                    recovered = time.monotonic()
                for machine in sorted(services.store.waited_for() - under_way.keys()):
                    if len(under_way) >= MOST_MACHINES:
                        break  # what waits for others begins when one is free; ``sweeps.crowded`` says so
                    if job := services.store.claim(worker, machine):
                        done = threads.submit(run_job, services, job, stop.asked.is_set)
                        under_way[machine] = job.id, done
                if under_way:
                    wait((done for _, done in under_way.values()), POLL_SECONDS, FIRST_COMPLETED)
                else:
                    stop.asked.wait(POLL_SECONDS)
                for machine, (_, done) in list(under_way.items()):
                    if done.done():
                        del under_way[machine]
                        done.result()
        except BaseException:
            stop.asked.set()  # whoever starts this again takes up what the others had as well
            raise
    for _, done in under_way.values():
        done.result()


@contextmanager
def _signs_of_life(services: Services, worker: str) -> Iterator[None]:
    """A thread of its own: a job keeps the main one for minutes."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            try:
                services.store.beat(worker, os.getpid())
            except StoreUnavailableError as error:  # no reason to lose a job; what the job itself writes will tell
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
