"""Two recordings of one move, made up so that what came of it is known."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.rehearsal import judging
from probes.rehearsal.judging import Recording

RNG = np.random.default_rng(7)


def recording(
    values: dict[str, Any], outputs: list[Any], weights: dict[str, tuple[Any, Any]] | None = None
) -> Recording:
    """``weights``: (array, gradient) by name."""
    arrays = {f"value/{n}": np.asarray(array, np.float32) for n, array in enumerate(values.values())}
    arrays |= {f"output/{n}": np.asarray(array, np.float32) for n, array in enumerate(outputs)}
    for name, (array, gradient) in (weights or {}).items():
        arrays |= {f"weight/{name}": np.asarray(array), f"gradient/{name}": np.asarray(gradient)}
    return Recording(tuple(values), arrays)


def drawn(*shape: int) -> Any:
    return RNG.normal(size=shape).astype(np.float32)


def test_outputs_in_another_order_of_axes_are_the_same() -> None:
    images = drawn(4, 3, 5, 5)
    assert judging.outputs_apart(recording({}, [images]), recording({}, [np.moveaxis(images, 1, -1)])) == 0.0


@pytest.mark.parametrize("outputs", [[], [drawn(4, 2), drawn(4, 2)], [drawn(4, 7)]])
def test_other_outputs_are_infinitely_apart(outputs: list[Any]) -> None:
    assert judging.outputs_apart(recording({}, [drawn(4, 2)]), recording({}, outputs)) == float("inf")


def test_the_same_code_parts_at_the_first_layer_that_differs() -> None:
    a, b, c = drawn(4, 3), drawn(4, 3), drawn(4, 3)
    ours, theirs = recording({"a": a, "b": b, "c": c}, [c]), recording({"a": a, "b": 1.1 * b, "c": 2 * c}, [2 * c])
    parting = judging.parting_of_steps(ours, theirs)
    assert (parting.last_alike, parting.layer) == ("a", "b")
    assert parting.deviation == pytest.approx(0.1, rel=1e-3)


def test_a_fused_layer_isnt_where_both_part() -> None:
    """A converter folds BatchNorm into the convolution in front of it: what the convolution alone gives is nowhere."""
    conv, norm, dense, out = drawn(4, 3, 5, 5), drawn(4, 3, 5, 5), drawn(4, 6), drawn(4, 2)
    ours = recording({"conv": conv, "norm": norm, "dense": dense, "out": out}, [out])
    among = recording({"1": np.moveaxis(norm, 1, -1), "2": dense + 1, "3": out + 1}, [out + 1])
    parting = judging.parting_of_values(ours, among, "move")
    assert (parting.last_alike, parting.layer, parting.stage) == ("norm", "dense", "move")


def test_where_nothing_is_found_the_first_layer_is_told() -> None:
    ours = recording({"a": drawn(4, 3)}, [])
    parting = judging.parting_of_values(ours, recording({"1": drawn(4, 9)}, []), "export")
    assert (parting.last_alike, parting.layer) == ("", "a")


@given(order=st.sampled_from(list(permutations(range(4)))), seed=st.integers(0, 2**16))
def test_a_weight_is_found_in_whatever_order_of_axes(order: tuple[int, ...], seed: int) -> None:
    rng = np.random.default_rng(seed)
    weight, gradient = rng.normal(size=(2, 3, 2, 4)), rng.normal(size=(2, 3, 2, 4))
    ours = recording({}, [], {"w": (weight, gradient)})
    theirs = recording({}, [], {"other": (weight.transpose(order), gradient.transpose(order))})
    found = judging.learning(ours, theirs, "gradient")
    assert (found.weights, found.kept) == (1, 1)
    assert found.deviation == pytest.approx(0.0, abs=1e-9)
    assert judging.learns_alike(found)


def test_of_weights_that_are_alike_each_goes_with_its_gradient() -> None:
    """Biases begin as zeros, all of them."""
    zeros, first, second = np.zeros(4), drawn(4), drawn(4)
    ours = recording({}, [], {"a": (zeros, first), "b": (zeros, second)})
    theirs = recording({}, [], {"x": (zeros, second), "y": (zeros, first)})
    assert judging.learns_alike(judging.learning(ours, theirs, "gradient"))


def test_what_only_one_kind_of_step_trains_is_no_weight_of_the_other() -> None:
    """A head beside the output is used in training alone, and its bias is zeros as others are."""
    zeros, first = np.zeros(4), drawn(4)
    ours, theirs = recording({}, [], {"a": (zeros, first)}), recording({}, [], {"x": (zeros, first)})
    head = {"weight/head": zeros, "steady/head": drawn(4)}
    for one, other in ((Recording((), ours.arrays | head), theirs), (ours, Recording((), theirs.arrays | head))):
        found = judging.learning(one, other, "gradient")
        assert (found.weights, found.kept) == (1, 1)
        assert judging.learns_alike(found)


def test_constants_dont_learn() -> None:
    ours = recording({}, [], {"a": (drawn(3, 3), drawn(3, 3)), "b": (drawn(3), drawn(3))})
    found = judging.learning(ours, recording({}, []), "gradient")
    assert (found.weights, found.kept, found.deviation) == (2, 0, None)
    assert not judging.learns_alike(found)


def test_another_gradient_is_named_with_its_weight() -> None:
    weight, gradient = drawn(3, 3), drawn(3, 3)
    ours = recording({}, [], {"dense.kernel": (weight, gradient)})
    found = judging.learning(ours, recording({}, [], {"w": (weight, 1.5 * gradient)}), "gradient")
    assert (found.worst, found.deviation) == ("dense.kernel", pytest.approx(0.5, rel=1e-4))
    assert not judging.learns_alike(found)
