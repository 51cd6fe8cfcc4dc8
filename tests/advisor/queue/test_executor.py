"""The executor: in this process over fakes, and as a real process that gets killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from advisor import wiring
from advisor.answers import Answers
from advisor.ports import StoreUnavailableError
from advisor.queue import executor as agent
from advisor.queue.kinds import ENVIRONMENT, ROUTES, EnvironmentRequest
from advisor.records import Job, Requester, SweepPart
from probes.deploy.schema import RoutesRequest
from probes.schema import RunRequest
from tests import fakes, stores
from tests.advisor.queue import executor_process
from tests.fakes import FakeRunner, FixedClock
from tests.processes import over, wait_until
from tests.stores import OpenStore, measure, the

RECORDING = FakeRunner.replay("quick.json").recording
PATIENCE = 60.0  # seconds; a test waits for events and fails after this
#: A process of its own for each executor, forked from one that has read the modules already.
PROCESSES: Any = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")


# ------------------------------------------------------------------------------------ in this process


class Forgetful(OpenStore):
    """Its database comes and goes."""

    away: frozenset[str] = frozenset()

    def tell(self, *args: Any, **values: Any) -> None:
        self.fail("progress")
        super().tell(*args, **values)

    def keep_round(self, *args: Any) -> None:
        self.fail("round")
        super().keep_round(*args)

    def fail(self, what: str) -> None:
        if what in self.away:
            raise StoreUnavailableError("the disk is full")


@pytest.mark.parametrize("away", ["progress", "round"])
def test_a_database_that_fails_costs_words_but_never_a_run(away: str, tmp_path: Path) -> None:
    store = Forgetful(stores.engine(), FixedClock())
    run = measure(store)
    store.away = frozenset({away})
    services = fakes.services(store, FakeRunner.replay("quick.json"))

    class Ending(agent.Stop):
        def idle(self) -> bool:
            return not the(store.job(run.id)).active

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agent.Stop, "when_gone", classmethod(lambda cls, parent: Ending()))
        status = agent.serve(services, lock=tmp_path / "lock", worker="here")
        found = the(store.job(run.id))
        if away == "progress":
            assert (status, found.status) == (0, "done")
            return
        assert (status, found.status) == (1, "running"), "nothing was said, and nothing is lost"
        store.away = frozenset()
        assert agent.serve(services, lock=tmp_path / "lock", worker="here") == 0
    ended = the(store.job(run.id))
    assert (ended.status, ended.attempts) == ("done", 2)


def test_an_executor_whose_server_is_gone_goes_too(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    services = fakes.services()
    assert agent.serve(services, lock=tmp_path / "lock", worker="here", parent=dead.pid) == 0


def test_everything_waits_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, over, done = FixedClock(), threading.Event(), list[str]()
    store = stores.new(clock)
    store.enqueue(ENVIRONMENT, EnvironmentRequest("executorch"), Requester("ana", "office"))
    clock.time += timedelta(seconds=1)
    measure(store, by=Requester("bob", "home"))
    clock.time += timedelta(seconds=1)
    store.enqueue(ROUTES, RoutesRequest(), Requester("eve", "inn"))

    def end(_: object, job: Job[Any, Any], stopping: object) -> None:
        done.append(job.kind.name)
        store.finish(job.id, "done")
        if len(done) == 3:
            over.set()

    monkeypatch.setattr(agent, "run_job", end)
    agent.work(fakes.services(store), "here", agent.Stop(asked=over))
    assert done == ["environment", "run", "routes"]


def test_machines_work_side_by_side_and_each_on_one_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run waits for one on the other machine: one after the other they would wait for ever."""
    store, stop, both = stores.new(FixedClock()), agent.Stop(), threading.Barrier(2)
    decision = store.create_decision(Answers())
    parts = [SweepPart(RunRequest(machine="a", seed=number), ("a", "b")) for number in range(6)]
    sweep = store.begin_sweep(decision.id, parts, Requester(operator=True))
    at_work: set[str] = set()
    began = list[tuple[str, int]]()

    def measured(_: object, job: Job[Any, Any], stopping: object) -> None:
        assert job.request.machine not in at_work
        at_work.add(job.request.machine)
        began.append((job.request.machine, job.request.seed))
        both.wait(PATIENCE)
        at_work.remove(job.request.machine)
        store.finish(job.id, "done", result=RECORDING)
        if the(store.sweep(decision.id)).done == len(parts):
            stop.asked.set()

    monkeypatch.setattr(agent, "run_job", measured)
    agent.work(fakes.services(store), "here", stop)
    assert sorted(seed for _, seed in began) == list(range(6)), "each once"
    assert sorted(machine for machine, _ in began) == ["a"] * 3 + ["b"] * 3
    assert the(store.sweep(sweep.decision_id)).fraction == 1.0


def test_so_many_machines_have_work_and_one_that_another_executor_has_takes_no_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(agent, "MOST_MACHINES", 2)
    store, gate = stores.new(FixedClock()), threading.Event()
    decision = store.create_decision(Answers())
    parts = [SweepPart(RunRequest(machine=name), (name,)) for name in ("a", "a", "b", "c", "d")]
    store.begin_sweep(decision.id, parts, Requester(operator=True))
    store.claim("elsewhere", "a")
    began, most, ended = list[str](), 0, list[str]()

    class Looking(agent.Stop):
        def idle(self) -> bool:
            nonlocal most
            most = max(most, len(began) - len(ended))
            if len(began) >= 2:  # whoever else were to begin would have been sent along with them
                gate.set()
            return len(ended) == 3

    def measured(_: object, job: Job[Any, Any], stopping: object) -> None:
        began.append(job.request.machine)
        gate.wait(PATIENCE)
        store.finish(job.id, "done", result=RECORDING)
        ended.append(job.request.machine)

    monkeypatch.setattr(agent, "run_job", measured)
    agent.work(fakes.services(store), "here", Looking())
    assert (sorted(began), most) == (["b", "c", "d"], 2)


def test_a_store_that_fails_ends_what_all_machines_do(monkeypatch: pytest.MonkeyPatch) -> None:
    store, stop = stores.new(FixedClock()), agent.Stop()
    for machine in ("a", "b"):
        measure(store, RunRequest(machine=machine), Requester(operator=True))
    ended = list[str]()

    def run(_: object, job: Job[Any, Any], stopping: Callable[[], bool]) -> None:
        if job.request.machine == "a":
            raise StoreUnavailableError("the disk is full")
        wait_until(stopping, "the word to stop")
        ended.append(job.request.machine)

    monkeypatch.setattr(agent, "run_job", run)
    with pytest.raises(StoreUnavailableError):
        agent.work(fakes.services(store), "here", stop)
    assert ended == ["b"]


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
    return measure(house.store.store).id


def status(house: House, run_id: str) -> str:
    return the(house.store.store.job(run_id)).status


@pytest.mark.slow
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
    ended, rounds = the(house.store.store.job(run_id)), house.store.store.rounds(run_id)
    os.kill(sleeper.pid, signal.SIGCONT)
    wait_until(lambda: over(child), "the sleeper to end what it had begun")
    another = queued(house)
    wait_until(lambda: status(house, another) == "done", "one of them to go on working")
    assert sleeper.is_alive()
    assert (house.store.store.job(run_id), house.store.store.rounds(run_id)) == (ended, rounds)
    assert (ended.attempts, [round_.index for round_ in rounds]) == (2, [0, 1])
