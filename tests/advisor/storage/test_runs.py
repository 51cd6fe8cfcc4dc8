"""The contract of ``ports.Store``."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from advisor.answers import Answers, Project
from advisor.model import Requester
from advisor.ports import LostError, NotFoundError, Store
from advisor.storage import SqlStore, StoreError, open_database
from probes.schema import RunRequest, RunResult
from tests.advisor.storage.conftest import Ticking
from tests.fakes import FakeRunner, FixedClock

HERE, THERE = "this-machine", "that-machine"
ANSWERS = Answers(project=Project(name="Shelf <b>scanner</b>"), stage="prototype")


def somebody(number: int) -> Requester:
    """Each a browser and an address of its own."""
    return Requester(f"browser-{number}", f"address-{number}")


def recording() -> RunResult:
    return FakeRunner.replay("quick.json").recording


def test_a_decision_comes_back_as_it_was_saved(store: Store) -> None:
    made = store.create_decision(ANSWERS, owner="abc")
    assert store.decision(made.id) == made
    assert (made.answers, made.owner, made.version) == (ANSWERS, "abc", 1)
    assert store.decision("nobody-knows-this") is None
    assert store.decision("nobody\x00knows\ud800this") is None
    assert store.decision_version("nobody-knows-this") is None


def test_ids_and_keys_hold_at_least_128_random_bits(store: Store) -> None:
    made = [store.create_decision(ANSWERS) for _ in range(20)]
    for token in [d.id for d in made] + [d.edit_key for d in made]:
        assert len(token) * 6 >= 128  # URL-safe base64: 6 bits a character
    assert len({d.id for d in made} | {d.edit_key for d in made}) == 40


def test_changing_answers_grows_the_version(store: Store) -> None:
    made = store.create_decision(Answers())
    change = store.change_answers(made.id, lambda _: ANSWERS)
    assert (change.before, change.after) == (made, store.decision(made.id))
    assert (change.after.answers, change.after.version) == (ANSWERS, 2)
    assert store.decision_version(made.id) == 2
    same = store.change_answers(made.id, lambda answers: answers.model_copy())
    assert same.before == same.after == change.after, "nothing to change, no new version"
    with pytest.raises(NotFoundError):
        store.change_answers("nobody-knows-this", lambda _: ANSWERS)


def test_a_change_that_fails_leaves_everything_as_it_was(store: Store) -> None:
    made = store.create_decision(ANSWERS)

    def broken(answers: Answers) -> Answers:
        raise ValueError(answers.stage)

    with pytest.raises(ValueError, match="prototype"):
        store.change_answers(made.id, broken)
    assert store.decision(made.id) == made
    assert store.change_answers(made.id, lambda _: Answers()).after.version == 2, "and keeps nobody waiting"


def test_a_decision_has_at_most_one_active_run(store: Store) -> None:
    made = store.create_decision(ANSWERS)
    first = store.enqueue(made.id, RunRequest(seed=1))
    assert store.enqueue(made.id, RunRequest(seed=2)) == first
    store.request_cancel(first.id)
    assert store.enqueue(made.id, RunRequest(seed=2)).id != first.id
    with pytest.raises(LookupError):
        store.enqueue("nobody-knows-this", RunRequest())


def test_runs_are_claimed_one_at_a_time_and_in_order(store: Store) -> None:
    runs = [store.enqueue(store.create_decision(ANSWERS).id, RunRequest(seed=i), somebody(i)) for i in range(3)]
    assert [store.queue_position(run.id) for run in runs] == [0, 1, 2]
    claimed = store.claim(HERE)
    assert claimed is not None
    assert (claimed.id, claimed.status, claimed.attempts) == (runs[0].id, "running", 1)
    assert store.claim(HERE) is None, "this machine is busy"
    assert [store.queue_position(run.id) for run in runs] == [0, 1, 2]
    store.finish(claimed.id, "done")
    second = store.claim(HERE)
    assert second is not None
    assert second.id == runs[1].id


def test_another_machine_takes_another_run(store: Store) -> None:
    runs = [store.enqueue(store.create_decision(ANSWERS).id, RunRequest(seed=i), somebody(i)) for i in range(2)]
    taken = [store.claim(HERE), store.claim(THERE), store.claim(THERE)]
    assert [run and run.id for run in taken] == [runs[0].id, runs[1].id, None]


def test_rounds_come_back_exactly_and_in_order(store: Store) -> None:
    run = store.enqueue(store.create_decision(ANSWERS).id, RunRequest())
    store.claim(HERE)
    rounds = recording().rounds
    assert len(rounds) == 2
    for round_ in rounds:
        store.save_round(run.id, round_)
    assert store.rounds(run.id) == rounds
    after = store.run(run.id)
    assert after is not None
    assert after.finished_rounds == len(rounds)


def test_progress_shows_and_its_version_grows(store: Store) -> None:
    decision = store.create_decision(ANSWERS)
    run = store.enqueue(decision.id, RunRequest())
    store.claim(HERE)
    before = store.run_version(decision.id)
    store.save_progress(run.id, message="Round 1", fraction=0.25, planned_rounds=2, result=recording())
    after = store.latest_run(decision.id)
    assert after is not None
    assert before is not None
    assert store.run_version(decision.id) == (run.id, after.version)
    assert after.version > before[1]
    assert (after.message, after.fraction, after.planned_rounds, after.result) == ("Round 1", 0.25, 2, recording())


def test_finished_runs_come_newest_first_and_only_with_results(store: Store) -> None:
    decision = store.create_decision(ANSWERS)
    ended = []
    for result in (recording(), None, recording()):
        run = store.enqueue(decision.id, RunRequest())
        store.claim(HERE)
        assert run.id not in dict(store.finished_runs(decision.id)), "it is still running"
        store.finish(run.id, "done", result=result)
        ended.append(run.id)
    found = store.finished_runs(decision.id)
    assert [run_id for run_id, _ in found] == [ended[2], ended[0]]
    last = store.run(ended[2])
    assert last is not None
    assert dict(found)[ended[2]] == last.version


def test_cancelling_a_waiting_run_ends_it_and_a_running_one_is_told(store: Store) -> None:
    decision = store.create_decision(ANSWERS)
    waiting = store.enqueue(decision.id, RunRequest())
    store.request_cancel(waiting.id)
    cancelled = store.run(waiting.id)
    assert cancelled is not None
    assert cancelled.status == "cancelled"
    running = store.enqueue(decision.id, RunRequest())
    store.claim(HERE)
    assert not store.cancel_requested(running.id)
    store.request_cancel(running.id)
    assert store.cancel_requested(running.id)
    store.finish(running.id, "cancelled")
    store.request_cancel(running.id)
    ended = store.run(running.id)
    assert ended is not None
    assert ended.status == "cancelled"


def test_progress_that_comes_late_does_not_wake_a_finished_run(store: Store) -> None:
    run = store.enqueue(store.create_decision(ANSWERS).id, RunRequest())
    store.claim(HERE)
    store.finish(run.id, "done", result=recording())
    with pytest.raises(LostError):
        store.save_progress(run.id, message="late", fraction=0.5, planned_rounds=2, result=None)
    ended = store.run(run.id)
    assert ended is not None
    assert (ended.status, ended.message, ended.fraction) == ("done", "", 1.0)


def test_what_a_dead_executor_left_goes_on_and_then_waits_for_a_person(store: Store) -> None:
    run = store.enqueue(store.create_decision(ANSWERS).id, RunRequest())
    for attempt in (1, 2):
        claimed = store.claim(HERE)
        assert claimed is not None
        assert claimed.attempts == attempt
        store.recover(THERE)
        untouched = store.run(run.id)
        assert untouched is not None
        assert untouched.status == "running", "another machine's run is none of its business"
        store.recover(HERE)
    interrupted = store.run(run.id)
    assert interrupted is not None
    assert interrupted.status == "interrupted"
    assert "2 times" in interrupted.reason
    resumed = store.resume(run.id)
    assert (resumed.status, resumed.attempts) == ("queued", 0)
    assert store.claim(HERE) is not None


def test_resuming_never_makes_a_second_active_run(store: Store) -> None:
    decision = store.create_decision(ANSWERS)
    old = store.enqueue(decision.id, RunRequest(seed=1))
    store.claim(HERE)
    store.finish(old.id, "interrupted", reason="shut down")
    new = store.enqueue(decision.id, RunRequest(seed=2))
    assert store.resume(old.id).id == new.id
    interrupted = store.run(old.id)
    assert interrupted is not None
    assert interrupted.status == "interrupted"


def test_an_executor_is_there_from_its_first_sign_of_life_until_it_leaves_or_falls_silent(ticking: Ticking) -> None:
    store, began = ticking.store, ticking.clock.now()
    assert not store.executor().alive
    store.beat(HERE, 41)
    ticking.passes(seconds=10)
    store.beat(HERE, 41)
    there = store.executor()
    assert (there.alive, there.pid, there.since, there.details["worker"]) == (True, 41, began, HERE)
    ticking.passes(seconds=30)
    assert not store.executor().alive
    store.beat(HERE, 42)
    assert store.executor().since == ticking.clock.now(), "another process, another beginning"
    store.leave(HERE)
    assert not store.executor().alive


def test_a_run_of_a_machine_that_never_came_back_goes_on_elsewhere(ticking: Ticking) -> None:
    store = ticking.store
    runs = [store.enqueue(store.create_decision(ANSWERS).id, RunRequest(), somebody(i)) for i in range(2)]

    def statuses() -> list[str]:
        return [found.status for run in runs if (found := store.run(run.id))]

    store.claim("silent-machine")
    store.claim("busy-machine")
    ticking.passes(minutes=4)
    store.recover(HERE)
    assert statuses() == ["running", "running"]
    ticking.passes(minutes=2)
    store.beat("busy-machine", 1)
    store.recover(HERE)
    assert statuses() == ["queued", "running"]


def test_a_cancelled_run_is_not_brought_back(store: Store) -> None:
    run = store.enqueue(store.create_decision(ANSWERS).id, RunRequest())
    store.claim(HERE)
    store.request_cancel(run.id)
    store.recover(HERE)
    after = store.run(run.id)
    assert after is not None
    assert after.status == "cancelled"


def test_two_processes_never_take_the_same_run(connect: Callable[[], Engine]) -> None:
    stores = [SqlStore(connect(), FixedClock()) for _ in range(4)]
    for seed in range(12):
        stores[0].enqueue(stores[0].create_decision(ANSWERS).id, RunRequest(seed=seed), somebody(seed))

    def take(number: int) -> list[str]:
        # Every store is a machine of its own here: nothing but the claim itself keeps them apart.
        taken = []
        while run := stores[number].claim(f"machine-{number}"):
            taken.append(run.id)
            stores[number].finish(run.id, "done")
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [run_id for ids in pool.map(take, range(4)) for run_id in ids]
    assert len(taken) == 12
    assert len(set(taken)) == 12


def test_many_who_ask_at_once_get_one_run(connect: Callable[[], Engine]) -> None:
    """Each looks first and writes then: whoever comes in between must wait."""
    stores = [SqlStore(connect(), FixedClock()) for _ in range(4)]
    made = stores[0].create_decision(Answers())

    def work(store: SqlStore) -> str:
        store.beat(HERE, 42)
        return store.enqueue(made.id, RunRequest()).id

    with ThreadPoolExecutor(4) as pool:
        runs = set(pool.map(work, stores))
    assert len(runs) == 1, "a decision has at most one active run"


def test_answers_survive_reopening_the_database(connect: Callable[[], Engine]) -> None:
    made = SqlStore(connect(), FixedClock()).create_decision(ANSWERS)
    assert SqlStore(connect(), FixedClock()).decision(made.id) == made


@pytest.mark.parametrize("again", range(5))
def test_many_may_open_a_new_database_at_once(connect: Callable[[], Engine], again: int) -> None:
    """Changing a new file to WAL fails at once where another process has it open: about one time in a hundred."""
    del again  # a database of its own
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(lambda _: SqlStore(connect(), FixedClock()), range(6)))
    made = stores[0].create_decision(ANSWERS)
    assert all(store.decision(made.id) == made for store in stores)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////proc/nowhere/x.db",
        "nosuchdialect://x/y",
        "mysql+pymysql://me@127.0.0.1/db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
    ],
)
def test_a_database_that_cannot_be_opened_is_one_clear_error(url: str) -> None:
    with pytest.raises(StoreError, match="FULCRUM_DATABASE_URL") as caught:
        open_database(url)
    assert "\n" not in str(caught.value)


def test_unknown_runs_are_named(connect: Callable[[], Engine]) -> None:
    store = SqlStore(connect(), FixedClock())
    with pytest.raises(NotFoundError, match="no-run"):
        store.request_cancel("no-run")
    with pytest.raises(LostError, match="no-run"):
        store.finish("no-run", "done")
