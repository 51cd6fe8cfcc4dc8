"""Steps are paired by the weights that they keep, others by their kind and order; arrays by their order of axes."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from probes.compare.pairing import Side, layers_paired, layouts, steps_paired
from probes.compare.steps import Step, channels_last_axis, same_padding

_SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


def _step(name: str, kind: str) -> Step:
    return Step(name, kind, name, (), ())


def _side(prefix: str, kernels: list[np.ndarray], between: str = "relu") -> Side:
    steps = []
    for number in range(len(kernels)):
        steps += [_step(f"{prefix}{number}", "dense"), _step(f"{prefix}act{number}", between)]
    arrays = {f"weight/{prefix}{number}.kernel": kernel for number, kernel in enumerate(kernels)}
    shapes = {name.partition("/")[2]: array.shape for name, array in arrays.items()}
    return Side(tuple(steps), shapes, arrays)


@given(st.lists(_SHAPES, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_layers_that_keep_the_same_numbers_are_paired_in_whatever_order_they_stand(
    shapes: list, chance: random.Random
) -> None:
    rng = np.random.default_rng(0)
    kernels = [rng.standard_normal(shape) for shape in shapes]
    order = list(range(len(kernels)))
    chance.shuffle(order)
    pairs = layers_paired(_side("fc", kernels), _side("dense", [kernels[i] for i in order]))
    assert pairs == {f"fc{i}": f"dense{order.index(i)}" for i in range(len(kernels))}


def test_layers_that_keep_the_same_shapes_only_go_by_their_order() -> None:
    ours, theirs = (
        _side(name, [np.full((2, 2), n + offset) for n in range(2)]) for name, offset in (("a", 0), ("b", 9))
    )
    assert layers_paired(ours, theirs) == {"a0": "b0", "a1": "b1"}


def test_an_activation_that_one_side_lacks_leaves_the_others_paired() -> None:
    kernels = [np.eye(3), 2 * np.eye(3)]
    ours, theirs = _side("fc", kernels), _side("dense", kernels)
    theirs = Side(tuple(step for step in theirs.steps if step.name != "denseact0"), theirs.shapes, theirs.arrays)
    assert steps_paired(ours, theirs, layers_paired(ours, theirs)) == [(0, 0), (2, 1), (3, 2)]


def test_a_layer_called_twice_is_two_steps() -> None:
    steps = (_step("fc", "dense"), _step("fc#2", "dense"))
    side = Side(steps, {"fc.kernel": (1, 1)})
    assert steps_paired(side, side, {"fc": "fc"}) == [(0, 0), (1, 1)]


@given(st.integers(2, 5), st.integers(2, 5), st.integers(2, 5), st.integers(2, 5))
def test_channels_last_is_found_among_the_layouts(n: int, h: int, w: int, c: int) -> None:
    ours = np.random.default_rng(0).standard_normal((n, c, h, w))
    assert any(np.array_equal(ours, view) for view in layouts(ours.shape, np.moveaxis(ours, 1, -1)))


@given(_SHAPES, _SHAPES)
def test_every_layout_has_the_shape_and_the_numbers(shape: tuple, other: tuple) -> None:
    theirs = np.arange(np.prod(other)).reshape(other)
    for view in layouts(shape, theirs):
        assert view.shape == shape
        assert np.array_equal(np.sort(view, axis=None), np.sort(theirs, axis=None))


@given(st.integers(1, 40), st.integers(1, 7), st.integers(1, 4), st.integers(1, 3))
def test_same_padding_makes_the_output_a_stride_th_of_the_input(size: int, window: int, stride: int, rate: int) -> None:
    before, after = same_padding(size, window, stride, rate)
    assert 0 <= before <= after <= before + 1
    if before + after or size >= rate * (window - 1) + 1:
        assert (size + before + after - rate * (window - 1) - 1) // stride + 1 == -(-size // stride)


def test_the_channels_stand_last_in_the_words_of_both_sides() -> None:
    assert [channels_last_axis(axis, 4) for axis in (0, 1, 2, 3, -1)] == [0, 3, 1, 2, 2]
    assert [channels_last_axis(axis, 3) for axis in (0, 1, 2, -1)] == [0, 1, 2, 2]
