"""The child that is spoilt on purpose: how each fault shows between its clocks. No framework is imported."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from probes.check import worker
from probes.contracts import Timed
from probes.engine.child import worker_bench


def prepared(seconds: float = 0.0) -> tuple[worker.CheckWorker, list[int]]:
    """A worker with an instance whose steps take ``seconds``, and the steps that it did."""
    steps: list[int] = []

    def step() -> None:
        time.sleep(seconds)
        steps.append(1)

    subject: Any = SimpleNamespace(settle=lambda: None, traces=lambda: 0)
    made = worker.CheckWorker("pytorch")
    made._timed = {"mlp.train_step": Timed(subject, step, lambda _: None)}
    return made, steps


def test_extra_steps_are_done_and_not_counted() -> None:
    made, steps = prepared(0.001)
    made.tamper(extra_every=2)
    slow = made.block(steps=10, discard=1)
    assert len(steps) == 1 + 15
    assert slow["wall"] >= 0.0015, "seconds a counted step"
    made.tamper()
    made.block(steps=10, discard=0)
    assert len(steps) == 16 + 10, "it is whole again"


def test_steps_that_nobody_waits_for_come_late() -> None:
    made, steps = prepared(0.01)
    made.tamper(unfinished=True)
    reply = made.block(steps=5, discard=0)
    assert len(steps) == 5
    assert reply["late"] > 5 * reply["wall"]


def test_other_weights_come_from_another_seed() -> None:
    made, _ = prepared()
    made._choose("mlp.train_step", 7, {})
    assert made.seed == 7
    made.tamper(other_weights=True)
    made._choose("mlp.train_step", 7, {})
    assert made.seed == 8


def test_a_neighbour_lives_until_the_side_is_whole_again(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    hog = SimpleNamespace(**{name: (lambda name=name: said.append(name)) for name in ("begin", "end", "close")})
    monkeypatch.setattr(worker, "Hog", lambda: hog)
    made, _ = prepared()
    made.tamper(hog=True)
    made.block(steps=1, discard=1)
    made.tamper()
    made.block(steps=1, discard=0)
    assert said == ["begin", "end", "close"]


def test_the_measured_child_knows_no_fault() -> None:
    assert set(worker.COMMANDS) - set(worker_bench.COMMANDS) == {"tamper", "reference", "cost"}
    assert not any(hasattr(worker_bench.Worker, name) for name in ("tamper", "reference", "cost"))
