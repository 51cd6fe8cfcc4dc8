"""Readers draw one at a time, editors never wait, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.processes import wait_until
from ui.kit import turns as module
from ui.kit.turns import Turns


@contextmanager
def held(turn: Callable[[], object], *, give_way: Callable[[], None] = lambda: None) -> Iterator[threading.Event]:
    """A thread that takes a turn and keeps it until the end of the block; the event says that it has got it."""
    got, leave = threading.Event(), threading.Event()

    def work() -> None:
        with turn():  # type: ignore[attr-defined]
            give_way()
            got.set()
            leave.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield got
    finally:
        leave.set()
        thread.join(10)
        assert not thread.is_alive()


def test_readers_draw_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    turns, drawn = Turns(), []

    def draw() -> None:
        with turns.reading():
            drawn.append(threading.get_ident())

    others = [threading.Thread(target=draw) for _ in range(5)]
    with held(turns.reading) as first:
        assert first.wait(10)
        for other in others:
            other.start()
        assert not any(_ends(other, 0.05) for other in others)
        assert not drawn
    assert all(_ends(other, 10) for other in others)
    assert sorted(drawn) == sorted(other.ident for other in others if other.ident)


def test_an_editor_goes_at_once_and_the_next_reader_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    turns = Turns()
    with held(turns.reading) as first:
        assert first.wait(10)
        with held(turns.editing) as editor:
            assert editor.wait(10), "a reader's turn is nothing to an editor"
            with held(turns.editing) as other:
                assert other.wait(10), "nor another editor's"
    with held(turns.editing) as editor:
        assert editor.wait(10)
        waiting = threading.Thread(target=turns.wait)
        waiting.start()
        assert not _ends(waiting, 0.1)
    assert _ends(waiting, 10)


def test_a_reader_stops_within_its_page_while_an_editor_s_script_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 60.0)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    turns = Turns()
    with held(turns.editing) as editor:
        assert editor.wait(10)
        stopped = held(turns.reading, give_way=turns.give_way)
        reader = stopped.__enter__()
        assert not reader.wait(0.1)
    assert reader.wait(10)
    stopped.__exit__(None, None, None)
    turns.give_way()  # who has no turn waits for nobody


def test_a_page_that_never_ends_and_editors_that_never_stop_are_overtaken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    turns = Turns()
    with held(turns.reading) as stuck, held(turns.editing) as editor:
        assert stuck.wait(10)
        assert editor.wait(10)
        with held(turns.reading) as late:
            assert late.wait(10)


def test_a_turn_that_was_waited_for_is_kept_for_its_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    monkeypatch.setattr(module, "KEPT", 60.0)
    turns = Turns()
    turns.wait()
    other = threading.Thread(target=turns.wait)
    other.start()
    assert not _ends(other, 0.1)
    with turns.reading():  # at once, before who waits
        pass
    assert _ends(other, 10)


def test_a_turn_that_nobody_uses_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    monkeypatch.setattr(module, "KEPT", 0.05)
    turns = Turns()
    gone = threading.Thread(target=turns.wait)
    gone.start()
    assert _ends(gone, 10)
    other = threading.Thread(target=turns.wait)
    other.start()
    assert _ends(other, 10)


def test_who_came_first_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    monkeypatch.setattr(module, "_LOOK", 0.001)  # the first one looks often, and stays the first
    turns, order = Turns(), []

    def draw(number: int) -> None:
        with turns.reading():
            order.append(number)

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(8)]
    with held(turns.reading) as first:
        assert first.wait(10)
        for number, thread in enumerate(threads, 1):
            thread.start()
            wait_until(lambda number=number: len(turns._queue) == number, "it waits")  # type: ignore[misc]
    assert all(_ends(thread, 10) for thread in threads)
    assert order == list(range(8))


def test_a_turn_ends_with_its_page_however_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    turns = Turns()
    for turn in (turns.reading, turns.editing):
        with pytest.raises(RuntimeError), turn():
            raise RuntimeError
    ended = threading.Thread(target=turns.wait)
    ended.start()
    assert _ends(ended, 10)


def _ends(thread: threading.Thread, seconds: float) -> bool:
    thread.join(seconds)
    return not thread.is_alive()
