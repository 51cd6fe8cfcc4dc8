"""What is clocked of a model that writes text."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from probes.contracts import Bench
from probes.measures import generation_first_token, generation_tokens
from probes.workloads.writing import generated


class Fake:
    """Counts on from the prompt 7, 8."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def generated(self, number: int) -> Any:
        self.asked.append(number)
        return np.arange(7, 9 + number)[None]

    def read(self, value: Any) -> Any:
        return value


@pytest.fixture
def writer() -> Fake:
    return Fake()


@pytest.fixture
def bench(writer: Fake) -> Bench:
    return cast(Bench, SimpleNamespace(build=lambda *, batch: {1: writer}[batch]))


def test_an_answer_is_what_follows_the_prompt(bench: Bench) -> None:
    np.testing.assert_array_equal(generated(bench, 3), [9, 10, 11])


def test_a_step_is_one_token_or_a_whole_answer(bench: Bench, writer: Fake) -> None:
    generation_first_token.prepare(bench).step()
    generation_tokens.prepare(bench).step()
    assert writer.asked == [1, 64]


def test_the_rate_is_of_the_tokens_of_an_answer() -> None:
    assert generation_tokens.SPEC.value(0.5) == 128  # 64 tokens in half a second
