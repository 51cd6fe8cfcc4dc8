"""The executor: in this process over fakes, and as a real process that gets killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from advisor import wiring
from advisor.answers import Answers
from advisor.model import Requester, RunRecord
from advisor.ports import StoreUnavailableError
from advisor.queue import executor as agent
from advisor.queue.kinds import ENVIRONMENT, ROUTES, EnvironmentRequest
from probes.deploy.schema import RoutesRequest
from probes.schema import Progress, RunRequest, RunResult, RunSetup
from tests import fakes, stores
from tests.advisor.queue import executor_process
from tests.advisor.queue.executor_process import cut_off
from tests.fakes import FakeRunner, FixedClock
from tests.processes import over, wait_until
from tests.stores import OpenStore

PATIENCE = 60.0  # seconds; a test waits for events and fails after this
#: A process of its own for each executor, forked from one that has read the modules already.
PROCESSES: Any = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")


# ------------------------------------------------------------------------------------ in this process


def execute(runner: FakeRunner, *, cancel: bool = False, stopping: bool = False) -> tuple[OpenStore, RunRecord]:
    store = OpenStore(stores.engine(), FixedClock())
    run = store.enqueue(store.create_decision(Answers()).id, RunRequest())
    claimed = store.claim("here")
    assert claimed is not None
    if cancel:
        store.request_cancel(run.id)
    agent.Execution(fakes.services(store, runner), claimed, lambda: stopping).run()
    ended = store.run(run.id)
    assert ended is not None
    return store, ended


@dataclass
class CutOffRunner(FakeRunner):
    """Stops where it is told to, as the engine does."""

    def run(self, setup: RunSetup, **doors: Any) -> RunResult:
        result = super().run(setup, **doors)
        return cut_off(result) if doors["cancelled"]() else result


@dataclass
class BrokenRunner(FakeRunner):
    """Something nobody thought of."""

    def run(self, setup: RunSetup, **doors: Any) -> RunResult:
        raise OSError("no space left on device")


@dataclass
class ChattyRunner(FakeRunner):
    """Tells progress far more often than anybody could read."""

    told: list[Progress] = field(default_factory=list)

    def run(self, setup: RunSetup, **doors: Any) -> RunResult:
        for step in range(1000):
            doors["on_progress"](Progress(f"step {step}", None, 1, 2, step / 1000, self.recording.results))
        return self.recording


def test_a_run_ends_done_with_its_rounds_and_its_result() -> None:
    runner = FakeRunner.replay("quick.json")
    store, ended = execute(runner)
    assert (ended.status, ended.fraction, ended.result) == ("done", 1.0, runner.recording)
    assert store.rounds(ended.id) == runner.recording.rounds


def test_cancelled_by_a_person() -> None:
    _, ended = execute(CutOffRunner.replay("quick.json"), cancel=True)
    assert ended.status == "cancelled"
    assert "kept" in ended.reason


def test_stopped_with_the_server_is_interrupted_not_cancelled() -> None:
    _, ended = execute(CutOffRunner.replay("quick.json"), stopping=True)
    assert ended.status == "interrupted"
    assert "shut down" in ended.reason


def test_whatever_goes_wrong_is_a_stated_failure() -> None:
    _, ended = execute(BrokenRunner())
    assert (ended.status, ended.reason) == ("failed", "OSError: no space left on device")


def test_progress_is_written_sparingly() -> None:
    _, ended = execute(ChattyRunner())
    assert ended.version < 20


@dataclass
class LastWordsRunner(FakeRunner):
    """Says two things at once and then works in silence."""

    def run(self, setup: RunSetup, **doors: Any) -> RunResult:
        doors["on_progress"](Progress("building", None, 1, 2, 0.0))
        doors["on_progress"](Progress("training", None, 1, 2, 0.1))
        end = time.monotonic() + PATIENCE
        while not doors["cancelled"]() and time.monotonic() < end:
            time.sleep(0.02)
        return cut_off(self.recording)


def test_what_was_said_last_is_shown_even_if_it_came_too_soon() -> None:
    store = OpenStore(stores.engine(), FixedClock())
    run = store.enqueue(store.create_decision(Answers()).id, RunRequest())
    claimed = store.claim("here")
    assert claimed is not None
    services = fakes.services(store, LastWordsRunner())
    seen = []

    def stopping() -> bool:
        now = store.run(run.id)
        seen.append(now.message if now else "")
        return seen[-1] == "training"

    agent.Execution(services, claimed, stopping).run()
    assert seen[0] == "building"
    assert seen[-1] == "training"


@dataclass
class LosingRunner(FakeRunner):
    """Somebody takes the run away after the first round; then it works until it is told to stop."""

    lose: Any = None
    told_to_stop: bool = False

    def run(self, setup: RunSetup, **doors: Any) -> RunResult:
        doors["on_round"](self.recording.rounds[0])
        self.lose()
        doors["on_progress"](Progress("late", None, 1, 2, 0.9, self.recording.results))
        doors["on_round"](self.recording.rounds[1])
        self.told_to_stop = doors["cancelled"]()
        return cut_off(self.recording)


@pytest.mark.parametrize("how", ["taken over", "deleted"])
def test_what_was_taken_away_is_dropped_without_a_word(how: str, caplog: pytest.LogCaptureFixture) -> None:
    clock, runner = FixedClock(), LosingRunner.replay("quick.json")
    store = OpenStore(stores.engine(), clock)
    other = OpenStore(store.engine, clock)
    made = store.create_decision(Answers())
    run = store.enqueue(made.id, RunRequest())
    claimed = store.claim("here")
    assert claimed is not None

    def lose() -> None:
        if how == "deleted":
            other.delete_decision(made.id)
        else:
            other.recover("here")
            other.claim("there")

    runner.lose = lose
    agent.Execution(fakes.services(store, runner), claimed, lambda: False).run()
    assert runner.told_to_stop
    assert "dropped" in caplog.text
    after = store.run(run.id)
    if how == "deleted":
        assert after is None
    else:
        assert after is not None
        assert (after.status, after.message, after.finished_rounds) == ("running", "Starting", 1)


class Forgetful(OpenStore):
    """Its database comes and goes."""

    away: frozenset[str] = frozenset()

    def save_progress(self, *args: Any, **values: Any) -> None:
        self.fail("progress")
        super().save_progress(*args, **values)

    def save_round(self, *args: Any) -> None:
        self.fail("round")
        super().save_round(*args)

    def fail(self, what: str) -> None:
        if what in self.away:
            raise StoreUnavailableError("the disk is full")


@pytest.mark.parametrize("away", ["progress", "round"])
def test_a_database_that_fails_costs_words_but_never_a_run(away: str, tmp_path: Path) -> None:
    store = Forgetful(stores.engine(), FixedClock())
    run = store.enqueue(store.create_decision(Answers()).id, RunRequest())
    store.away = frozenset({away})
    services = fakes.services(store, FakeRunner.replay("quick.json"))

    class Ending(agent.Stop):
        def idle(self) -> bool:
            found = store.run(run.id)
            return found is not None and not found.active

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agent.Stop, "when_gone", classmethod(lambda cls, parent: Ending()))
        status = agent.serve(services, lock=tmp_path / "lock", worker="here")
        found = store.run(run.id)
        assert found is not None
        if away == "progress":
            assert (status, found.status) == (0, "done")
            return
        assert (status, found.status) == (1, "running"), "nothing was said, and nothing is lost"
        store.away = frozenset()
        assert agent.serve(services, lock=tmp_path / "lock", worker="here") == 0
    ended = store.run(run.id)
    assert ended is not None
    assert (ended.status, ended.attempts) == ("done", 2)


def test_an_executor_whose_server_is_gone_goes_too(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    services = fakes.services()
    assert agent.serve(services, lock=tmp_path / "lock", worker="here", parent=dead.pid) == 0


@dataclass
class Order:
    """Notes what is done, and stops the executor when all is."""

    done: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def note(self, what: str) -> None:
        self.done.append(what)
        if len(self.done) == 3:
            self.over.set()


def test_runs_and_jobs_wait_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, order = FixedClock(), Order()
    store, jobs = stores.both(clock)
    jobs.enqueue(ENVIRONMENT, EnvironmentRequest("executorch"), Requester("ana", "office"))
    clock.time += timedelta(seconds=1)
    store.enqueue(store.create_decision(Answers()).id, RunRequest(), Requester("bob", "home"))
    clock.time += timedelta(seconds=1)
    jobs.enqueue(ROUTES, RoutesRequest(), Requester("eve", "inn"))

    def end_run(execution: agent.Execution) -> None:
        order.note("run")
        store.finish(execution._record.id, "done")

    monkeypatch.setattr(agent.Execution, "run", end_run)
    monkeypatch.setattr(agent, "run_job", lambda services, job, stopping: order.note(job.kind.name))
    agent._work(replace(fakes.services(), store=store, jobs=jobs), "here", agent.Stop(asked=order.over))
    assert order.done == ["environment", "run", "routes"]


# ------------------------------------------------------------------------------------ as a process


@dataclass
class House:
    """Executors over one data directory, with a stand-in for the server that they belong to."""

    folder: Path
    store: wiring.Services
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    executors: list[Any] = field(default_factory=list)

    def server(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        self.servers.append(process)
        return process

    def executor(self, server: subprocess.Popen[bytes], machine: str = "") -> Any:
        process = PROCESSES.Process(target=executor_process.main, args=(self.folder, server.pid, machine))
        process.start()
        self.executors.append(process)
        return process

    def go(self, number: int) -> None:
        (self.folder / f"go-{number}").touch()

    def child(self, number: int, machine: str = "") -> psutil.Process:
        path = self.folder / f"child-{number}{machine}"
        text = wait_until(lambda: path.exists() and path.read_text(), f"child {number}")
        return psutil.Process(int(text))


@pytest.fixture
def house() -> Iterator[House]:
    PROCESSES.set_forkserver_preload([executor_process.__name__])
    found = House(Path(os.environ["FULCRUM_DATA_DIR"]), wiring.build())
    yield found
    for executor in found.executors:
        executor.kill()
        executor.join()
    for server in found.servers:
        server.kill()
        server.wait()


def queued(house: House) -> str:
    store = house.store.store
    return store.enqueue(store.create_decision(Answers()).id, RunRequest()).id


def status(house: House, run_id: str) -> str:
    run = house.store.store.run(run_id)
    assert run is not None
    return run.status


def test_a_killed_executor_loses_no_round_and_leaves_no_orphan(house: House) -> None:
    run_id, server = queued(house), house.server()
    first = house.executor(server)
    child = house.child(0)
    house.go(0)
    wait_until(lambda: house.store.store.rounds(run_id), "the first round")
    assert house.store.store.executor().pid == first.pid
    first.kill()
    first.join()
    wait_until(lambda: over(child), "the child to follow its executor")
    assert status(house, run_id) == "running", "nobody has noticed yet"

    house.executor(server)
    house.child(1)  # it went on after round 0, and did not measure it again
    house.go(1)
    wait_until(lambda: status(house, run_id) == "done", "the end of the run")
    assert [r.index for r in house.store.store.rounds(run_id)] == [0, 1]


def test_a_run_outlives_its_server_and_then_the_executor_goes(house: House) -> None:
    run_id, server = queued(house), house.server()
    executor = house.executor(server)
    house.child(0)
    server.kill()
    server.wait()
    house.go(0)
    house.go(1)
    wait_until(lambda: status(house, run_id) == "done", "the end of the run")
    wait_until(lambda: not executor.is_alive(), "the executor to go")
    assert executor.exitcode == 0
    assert not house.store.store.executor().alive, "it said goodbye"


def test_a_second_executor_waits_and_takes_over(house: House) -> None:
    run_id, first_server, second_server = queued(house), house.server(), house.server()
    first = house.executor(first_server)
    house.child(0)
    second = house.executor(second_server)
    first_server.kill()
    first_server.wait()
    house.go(0)
    house.go(1)
    wait_until(lambda: status(house, run_id) == "done", "the end of the run")
    wait_until(lambda: not first.is_alive(), "the first executor to go")
    another = queued(house)
    wait_until(lambda: status(house, another) == "done", "the second executor's run")
    assert second.is_alive()


def test_cancel_reaches_a_running_executor(house: House) -> None:
    run_id = queued(house)
    house.executor(house.server())
    child = house.child(0)
    house.store.store.request_cancel(run_id)
    wait_until(lambda: status(house, run_id) == "cancelled", "the end of the run")
    wait_until(lambda: over(child), "its child to go")
    assert status(house, run_id) == "cancelled", "and stays so"


def test_sigterm_leaves_the_run_interrupted_and_it_can_go_on(house: House) -> None:
    run_id, server = queued(house), house.server()
    executor = house.executor(server)
    house.child(0)
    house.go(0)
    wait_until(lambda: house.store.store.rounds(run_id), "the first round")
    executor.terminate()
    executor.join(PATIENCE)
    assert executor.exitcode == 0
    assert status(house, run_id) == "interrupted"
    house.store.store.resume(run_id)
    house.executor(server)
    house.go(1)
    wait_until(lambda: status(house, run_id) == "done", "the end of the run")


@pytest.mark.skipif(os.name != "posix", reason="SIGSTOP")
def test_a_machine_that_slept_finds_its_run_taken_over_and_says_nothing(house: House) -> None:
    run_id, server = queued(house), house.server()
    sleeper = house.executor(server, "sleeper")
    child = house.child(0, "sleeper")
    with house.store.store._writing() as session:  # stopped in the middle of a write it would keep all from writing
        session.connection()
        os.kill(sleeper.pid, signal.SIGSTOP)
    house.executor(server, "other")
    house.child(0, "other")
    house.go(0)
    house.go(1)
    wait_until(lambda: status(house, run_id) == "done", "the end of the run")
    ended, rounds = house.store.store.run(run_id), house.store.store.rounds(run_id)
    os.kill(sleeper.pid, signal.SIGCONT)
    wait_until(lambda: over(child), "the sleeper to end what it had begun")
    another = queued(house)
    wait_until(lambda: status(house, another) == "done", "one of them to go on working")
    assert sleeper.is_alive()
    assert (house.store.store.run(run_id), house.store.store.rounds(run_id)) == (ended, rounds)
    assert ended is not None
    assert (ended.attempts, [round_.index for round_ in rounds]) == (2, [0, 1])
