"""Layers are paired by what they keep and by their order, whatever they are called and wherever they stand."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.model_file.carrying import Given, NotCarriedError, Parts, matched, pairings

_SIZES = st.tuples(st.integers(1, 4), st.integers(1, 4))
_LAYERS = st.lists(st.tuples(st.sampled_from(["kernel", "table"]), _SIZES, st.booleans()), min_size=1, max_size=8)


def _network(layers: list[tuple[str, tuple[int, int], bool]], prefix: str) -> Parts:
    """A kernel or table a layer, some with a bias."""
    found = []
    for number, (part, shape, biased) in enumerate(layers):
        found.append((f"{prefix}{number}.{part}", np.zeros(shape)))
        if biased:
            found.append((f"{prefix}{number}.bias", np.zeros(shape[1])))
    return found


def _grouped(parts: Parts) -> list[Parts]:
    layers: dict[str, list] = {}
    for name, array in parts:
        layers.setdefault(name.partition(".")[0], []).append((name, array))
    return list(layers.values())


@given(_LAYERS)
def test_the_same_layers_are_paired_in_their_order(layers: list) -> None:
    pairs = matched(_network(layers, "dense"), _network(layers, "fc"))
    assert pairs == {f"fc{rest}": f"dense{rest}" for rest in (name[2:] for name, _ in _network(layers, "fc"))}


@given(_LAYERS, st.randoms(use_true_random=False))
def test_in_any_order_every_part_finds_one_of_its_kind_and_shape(layers: list, chance: random.Random) -> None:
    ours, theirs = _network(layers, "dense"), _network(layers, "fc")
    shuffled = _grouped(theirs)
    chance.shuffle(shuffled)
    pairs = matched(ours, [part for layer in shuffled for part in layer])
    assert sorted(pairs.values()) == sorted(name for name, _ in ours)
    shapes = {name: array.shape for name, array in [*ours, *theirs]}
    for their, our in pairs.items():
        assert shapes[their] == shapes[our]
        assert their.rpartition(".")[2] == our.rpartition(".")[2]


@given(_LAYERS, _SIZES)
def test_of_what_a_side_has_more_is_said(layers: list, size: tuple[int, int]) -> None:
    extra = [("extra.gamma", np.zeros((*size, 1)))]
    with pytest.raises(NotCarriedError, match=r"keep gamma \(.*, 1\), PyTorch has 1 and Keras 0 \('extra'\)"):
        matched(_network(layers, "dense"), [*_network(layers, "fc"), *extra])
    with pytest.raises(NotCarriedError, match=r"keep gamma \(.*, 1\), PyTorch has 0 and Keras 1 \('extra'\)"):
        matched([*_network(layers, "dense"), *extra], _network(layers, "fc"))


def test_a_layer_of_a_kind_too_many_is_counted() -> None:
    dense = [("a.kernel", np.zeros((2, 2))), ("b.kernel", np.zeros((2, 2)))]
    with pytest.raises(NotCarriedError, match=r"keep kernel \(2, 2\), PyTorch has 2 and Keras 1 \('a', 'b'\)"):
        matched(dense[:1], dense)


def _given(parts: Parts, *orders: tuple[str, ...]) -> Given:
    return Given(dict(parts), orders or (tuple(name for name, _ in parts),), np.zeros(2))


def test_what_one_side_has_as_a_layer_the_other_may_keep_as_bare_parameters() -> None:
    theirs = _given([("norm.0.value", np.zeros(3)), ("norm.1.value", np.zeros(3)), ("fc.kernel", np.zeros((3, 2)))])
    ours = [("LayerNormalization1.scale", np.zeros(3)), ("LayerNormalization1.offset", np.zeros(3))]
    ours += [("Dense2.kernel", np.zeros((3, 2)))]
    assert list(pairings([ours], theirs)) == [
        {
            "norm.0.value": "LayerNormalization1.scale",
            "norm.1.value": "LayerNormalization1.offset",
            "fc.kernel": "Dense2.kernel",
        }
    ]


def test_whole_layers_are_paired_before_bare_parameters() -> None:
    three = np.zeros(3)
    theirs = [("scale.value", three), ("norm.0.value", three), ("norm.1.value", three), ("fc.bias", three)]
    ours = [("Dense1.bias", three), ("LayerNormalization2.scale", three), ("LayerNormalization2.offset", three)]
    assert matched([*ours, ("Scale3.value", three)], theirs) == {
        "scale.value": "Scale3.value",
        "norm.0.value": "LayerNormalization2.scale",
        "norm.1.value": "LayerNormalization2.offset",
        "fc.bias": "Dense1.bias",
    }


def test_each_order_gives_a_pairing_of_its_own_and_none_comes_twice() -> None:
    theirs = _given(
        [("a.kernel", np.zeros((2, 2))), ("b.kernel", np.zeros((2, 2)))],
        ("a.kernel", "b.kernel"),
        ("b.kernel", "a.kernel"),
    )
    ours = [("Dense1.kernel", np.zeros((2, 2))), ("Dense2.kernel", np.zeros((2, 2)))]
    found = list(pairings([ours, ours[::-1]], theirs))
    assert found == [
        {"a.kernel": "Dense1.kernel", "b.kernel": "Dense2.kernel"},
        {"b.kernel": "Dense1.kernel", "a.kernel": "Dense2.kernel"},
    ]


def test_without_any_pairing_it_says_what_has_no_counterpart() -> None:
    with pytest.raises(NotCarriedError, match=r"\(3, 2\)"):
        list(pairings([[("Dense1.kernel", np.zeros((2, 2)))]], _given([("a.kernel", np.zeros((3, 2)))])))


def test_what_is_given_survives_its_file(tmp_path: Path) -> None:
    weights = {"layer/0.kernel": np.arange(6.0).reshape(2, 3), "b.bias": np.ones(3, np.float32)}
    one = Given(weights, (("layer/0.kernel", "b.bias"), ("b.bias", "layer/0.kernel")), np.arange(4.0))
    one.save(tmp_path / "weights.npz")
    found = Given.load(tmp_path / "weights.npz")
    assert found.orders == one.orders
    assert found.weights.keys() == weights.keys()
    assert all((found.weights[name] == array).all() for name, array in weights.items())
    assert (found.outputs == one.outputs).all()
