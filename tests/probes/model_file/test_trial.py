"""The step that is tried before anything is planned, on subjects and clocks that stand still."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.contracts import UnsupportedError
from probes.model_file import trial
from probes.model_file.own_model import OwnModel


@dataclass
class Ours:
    """An own model and a subject of it in one: each answer and each loss is the next of those given."""

    answers: tuple[tuple[int, ...], ...] = ((4, 3),)
    loss: float = 1.0
    takes: float = 0.5  # seconds a step
    labels: Any = 1
    traced: int = 0
    now: float = 0.0
    steps: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._next = itertools.cycle(self.answers)

    def drawn(self, seed: int, batch: int) -> tuple[Any, Any]:
        return np.random.default_rng(seed).random((batch, 2)), None

    def subject(self, seed: int, batch: int, settings: object, *, mode: str, device: str) -> Ours:
        assert (batch, mode, device) == (trial.BATCH, "eager", "cpu")
        return self

    def predict(self) -> Any:
        self._step("predict")
        return np.zeros(next(self._next))

    def train(self) -> Any:
        self._step("train")
        return np.asarray(self.loss)

    def _step(self, name: str) -> None:
        self.steps.append(name)
        self.now += self.takes

    def read(self, value: Any) -> Any:
        return value

    def settle(self) -> None: ...

    def traces(self) -> int:
        return self.traced


def seconds(ours: Ours) -> float:
    return trial.step_seconds(cast(OwnModel, ours), "eager", 0, clock=lambda: ours.now)


def test_the_second_step_counts_unless_the_first_is_long() -> None:
    assert seconds(short := Ours(takes=0.5)) == 0.5
    assert short.steps == ["predict", "predict", "train", "train"]
    assert seconds(long := Ours(takes=40.0)) == 40.0
    assert long.steps == ["predict", "predict", "train"], "one step of 40 s is enough"
    seconds(traced := Ours(takes=40.0, traced=1))
    assert traced.steps[-2:] == ["train", "train"], "the first of a traced one says nothing of the next"


def test_without_labels_a_prediction_is_the_step() -> None:
    assert seconds(ours := Ours(labels=None)) == 0.5
    assert "train" not in ours.steps


def test_an_answer_whose_shape_changes_is_refused() -> None:
    with pytest.raises(UnsupportedError, match=r"changes the shape of its answer.*\(4, 3\), then \(5, 3\)"):
        seconds(Ours(answers=((4, 3), (5, 3))))


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_is_refused(loss: float) -> None:
    with pytest.raises(UnsupportedError, match="loss of a training step is not finite"):
        seconds(Ours(loss=loss))


Draw = Callable[[int, int], tuple[Any, Any]]


@given(st.integers(0, 2**31), st.integers(1, 50), st.lists(st.integers(1, 4), max_size=2), st.booleans())
def test_inputs_that_are_drawn_from_the_seed_are_steady(
    seed: int, batch: int, rest: list[int], time_first: bool
) -> None:
    asked = []

    def drawn(seed: int, batch: int) -> tuple[Any, Any]:
        asked.append((seed, batch))
        rng = np.random.default_rng(seed)
        shape = (7, batch, *rest) if time_first else (batch, *rest)
        return {"ids": rng.integers(0, 9, shape), "mask": (rng.random(3), rng.random(()))}, rng.random(batch)

    def moved(seed: int, batch: int) -> tuple[Any, Any]:
        x, labels = drawn(seed, batch)
        return {**x, "mask": (x["mask"][0] + len(asked), x["mask"][1])}, labels

    trial.steady_inputs(drawn, seed, batch)
    assert asked == [(seed, batch)] * 2, "drawn, and drawn once more"
    with pytest.raises(UnsupportedError, match=r"other numbers for the same rng \(in 0\.mask\.0\)"):
        trial.steady_inputs(moved, seed, batch)


calls = itertools.count(1)
UNSTEADY: dict[str, tuple[Draw, str]] = {
    "other numbers": (lambda _, n: (np.random.default_rng().random((n, 2)), None), "other numbers for the same rng"),
    "other labels": (lambda _, n: (np.ones((n, 2)), np.full(n, next(calls))), "other numbers for the same rng"),
    "other shapes": (lambda _, n: (np.ones((n, next(calls))), None), "changes the shapes or types"),
    "other types": (lambda _, n: (np.ones(n, ("f4", "f8")[next(calls) % 2]), None), "changes the shapes or types"),
    "other places": (lambda _, n: ({str(next(calls)): np.ones(n)}, None), "changes the shapes or types"),
    "no batch": (lambda *_: (np.ones((1, 3)), None), r"inputs\(rng, 64\) gives no batch of 64: .*\(1, 3\)"),
}  # fmt: skip


@pytest.mark.parametrize(("drawn", "words"), UNSTEADY.values(), ids=UNSTEADY)
def test_inputs_that_both_sides_would_draw_differently_are_refused(drawn: Draw, words: str) -> None:
    with pytest.raises(UnsupportedError, match=words):
        trial.steady_inputs(drawn, 0, trial.BATCH)
