"""One run at a time on a machine, whoever starts it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from filelock import FileLock

from probes.engine.running import lock
from probes.engine.running.child import CancelledError
from probes.engine.running.lock import machine_lock


def test_the_lock_is_held_by_one_run_at_a_time(tmp_path: Path) -> None:
    waiting, release, entered = threading.Event(), threading.Event(), threading.Event()

    def second() -> None:
        with machine_lock(waiting=waiting.set, cancelled=lambda: False, folder=tmp_path):
            entered.set()

    with machine_lock(waiting=lambda: None, cancelled=lambda: False, folder=tmp_path):
        other = threading.Thread(target=second)
        other.start()
        assert waiting.wait(10), "a run that waits says so"
        assert not entered.is_set()
        release.set()
    other.join(10)
    assert entered.is_set()


def test_waiting_for_the_lock_can_be_cancelled(tmp_path: Path) -> None:
    held = machine_lock(waiting=lambda: None, cancelled=lambda: False, folder=tmp_path)
    impatient = machine_lock(waiting=lambda: None, cancelled=lambda: True, folder=tmp_path)
    with held, pytest.raises(CancelledError), impatient:
        pytest.fail("two runs at once")


def test_a_file_of_another_user_gives_way_to_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    taken: list[str] = []

    def take(held: FileLock, **doors: object) -> None:
        taken.append(Path(held.lock_file).name)
        if len(taken) == 1:
            raise PermissionError

    monkeypatch.setattr(lock, "take", take)
    with machine_lock(waiting=lambda: None, cancelled=lambda: False, folder=tmp_path):
        assert taken[0] == lock.NAME
        assert taken[1].endswith(f"-{lock.NAME}")
    assert len(taken) == 2
