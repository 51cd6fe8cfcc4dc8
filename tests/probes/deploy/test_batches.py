"""Inputs and outputs by place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.deploy import batches


@given(st.lists(st.integers(1, 3), min_size=1, max_size=12))
def test_what_is_kept_comes_back_in_its_order(widths: list[int]) -> None:
    import tempfile

    leaves = tuple(np.full((4, width), place, "float32") for place, width in enumerate(widths))
    with tempfile.TemporaryDirectory() as folder:
        batches.keep(Path(folder) / batches.FILE, leaves, batches.rows(leaves, 0, 2), np.zeros(0, np.int64))
        for name, rows in (("asked", 4), ("calibration", 2)):
            kept = batches.read(Path(folder) / batches.FILE, name)
            assert [leaf.shape for leaf in kept] == [(rows, width) for width in widths]
            assert [int(leaf[0, 0]) for leaf in kept] == list(range(len(widths)))


@given(st.permutations(range(4)))
def test_inputs_go_by_their_names_whatever_order_a_file_lists_them_in(order: list[int]) -> None:
    leaves = tuple(np.array([place]) for place in range(4))
    found = batches.fed([f"serve_x{place}:0" for place in order], leaves)
    assert [int(found[f"serve_x{place}:0"][0]) for place in range(4)] == [0, 1, 2, 3]


def test_an_input_that_was_left_out_is_not_fed() -> None:
    leaves = np.array([0]), np.array([1])
    assert {name: int(leaf[0]) for name, leaf in batches.fed(["x1"], leaves).items()} == {"x1": 1}


def test_names_that_are_not_ours_go_by_place_and_never_too_few() -> None:
    leaves = np.array([0]), np.array([1])
    assert list(batches.fed(["ids", "mask"], leaves)) == ["ids", "mask"]
    with pytest.raises(ValueError, match="takes 2 inputs, what was exported takes 1"):
        batches.fed(["ids"], leaves)
    with pytest.raises(ValueError, match=r"takes 3 \(x0, x1, Greater/y:0\): the converter made inputs of its own"):
        batches.fed(["x0", "x1", "Greater/y:0"], leaves)


def test_outputs_lie_side_by_side() -> None:
    outputs = np.ones((2, 3), "float32"), np.ones((2, 2, 2)), np.ones(2)
    assert batches.table(outputs).shape == (2, 8)
    assert batches.widths(outputs) == (3, 4, 1)
    assert batches.table(outputs[:1]) is outputs[0]


@pytest.mark.parametrize("other", [np.ones((3, 2)), np.float32(1)])
def test_outputs_without_an_axis_of_samples_are_refused(other: object) -> None:
    with pytest.raises(ValueError, match="the first axis of its outputs has to be the samples"):
        batches.table([np.ones((2, 2)), np.asarray(other)])
