"""A team's own model may answer with anything: garbage is told from rounding in each output's own scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.deploy import catalog, summary
from probes.deploy.schema import Logits

PLAIN, ROUNDED = catalog.find("pytorch_onnxruntime"), catalog.find("pytorch_onnxruntime.int8-dynamic")
BOXES, SCORE = np.random.default_rng(0).normal(size=(32, 4)), np.random.default_rng(1).uniform(size=(32, 1))


def packed(boxes: object, score: object) -> Logits:
    return replace(summary.pack(np.hstack([boxes, score]).astype("f4")), outputs=(4, 1))


@given(st.floats(1e-6, 1e6), st.floats(0.0, 1e-3))
def test_whether_float32_is_faithful_hangs_on_no_scale(scale: float, off: float) -> None:
    source, answers = packed(BOXES * scale, SCORE), packed((BOXES + off) * scale, SCORE)
    reason = summary.unfaithful(PLAIN, 1e-4, answers, source)
    limit = 1e-4 * np.abs(BOXES).max()
    if off < 0.9 * limit:
        assert not reason
    elif off > 1.1 * limit:
        assert "in output 1 differ" in reason


@pytest.mark.parametrize("way", [PLAIN, ROUNDED])
def test_a_large_output_hides_no_garbage_in_a_small_one(way: object) -> None:
    source, answers = packed(BOXES * 1e4, SCORE), packed(BOXES * 1e4, SCORE[::-1])
    assert "in output 2" in summary.unfaithful(way, 1e-4, answers, source)  # type: ignore[arg-type]


@given(st.floats(0.0, 2.0))
def test_rounding_may_move_less_than_another_input_does(share: float) -> None:
    answers = packed(BOXES + share * BOXES.std(axis=0).max(), SCORE)
    reason = summary.unfaithful(ROUNDED, 1e-4, answers, packed(BOXES, SCORE))
    if abs(share - summary.LARGEST_ROUNDING) > 0.01:
        assert bool(reason) == (share > summary.LARGEST_ROUNDING)


def test_a_regression_upside_down_is_no_rounding_though_its_largest_column_is_the_same() -> None:
    source = replace(summary.pack(SCORE.astype("f4")), outputs=(1,))
    upside_down = summary.pack(-SCORE.astype("f4"))
    assert summary.agreement(upside_down, source) == 1.0
    assert "rounding moves its answers" in summary.unfaithful(ROUNDED, 1e-4, upside_down, source)


def test_what_is_not_a_number_is_refused() -> None:
    source = packed(BOXES, SCORE)
    assert "not a number" in summary.unfaithful(ROUNDED, 1e-4, packed(BOXES * np.nan, SCORE), source)
