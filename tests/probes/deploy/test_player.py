"""What a player finds out of whatever answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from probes.deploy import summary
from probes.deploy.player import Player
from probes.deploy.schema import Logits


def playing(predict: Callable[[Any], Any], inputs: int = 100) -> Player:
    player = Player()
    player._asked = (np.arange(1, inputs * 2 + 1, dtype=np.float32).reshape(inputs, 2),)
    player._predict = predict
    return player


def refusing(x: Any) -> Any:
    if len(x) not in (1, 64):
        raise ValueError(f"made for batches of 1 and 64, not of {len(x)}")
    return x


@pytest.mark.parametrize(
    ("predict", "dynamic", "reason"),
    [
        (lambda x: x, True, ""),
        (lambda x: x * (1 + 0.02 * (len(x) > 1)), True, ""),
        (refusing, False, "ValueError: made for batches of 1 and 64, not of 3"),
        (lambda x: x * len(x), False, "a batch of 3 is answered otherwise than its inputs alone"),
        (lambda x: x[:1], False, "a batch of 3 is answered otherwise than its inputs alone"),
    ],
    ids=["any", "one scale a batch", "fixed", "mixed up", "too few"],
)
def test_whether_it_takes_a_batch_that_it_was_not_made_for(
    predict: Callable[[Any], Any], dynamic: bool, reason: str
) -> None:
    assert playing(predict).any_batch() == {"dynamic": dynamic, "reason": reason}


def test_answers_come_in_full_trays_and_in_order() -> None:
    trays: list[int] = []

    def predict(x: Any) -> Any:
        trays.append(len(x))
        return x

    player = playing(predict)
    answers = Logits(**player.answer()["answers"])
    assert np.array_equal(summary.unpack(answers), player._asked[0])
    assert trays == [64, 36, *[1] * 8]


def test_a_block_is_the_median_of_its_parts_by_call() -> None:
    calls: list[int] = []
    player = playing(lambda x: calls.append(len(x)))
    assert player.warm(1)["calls"] >= 1
    before = len(calls)
    assert player.block(1, 5)["wall"] > 0
    assert len(calls) - before == 15


def test_nothing_is_asked_before_something_is_opened() -> None:
    with pytest.raises(RuntimeError, match="no artefact was opened"):
        Player().weigh()
