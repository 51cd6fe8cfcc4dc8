"""Digits in the shape of every network's inputs."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from probes import catalog
from probes.deploy import task

MODELS = list(catalog.modules().values())


def sizes_of(model: ModuleType) -> dict[str, int]:
    return {size.name: size.default for size in model.SPEC.sizes}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.SPEC.id)
def test_every_network_gets_inputs_as_it_makes_them_itself(model: ModuleType) -> None:
    sizes = sizes_of(model)
    found = task.data(model, sizes, 0)
    own, labels = model.inputs(np.random.default_rng(0), sizes, 4)
    assert found.asked.shape == (task.ASKED, *own.shape[1:])
    assert found.asked.dtype == own.dtype
    if found.trainable:
        assert found.train_x.shape[1:] == own.shape[1:]
        assert len(found.labels) == task.ASKED
        assert found.labels.dtype == labels.dtype
    else:
        assert len(found.labels) == 0


@pytest.mark.parametrize("model", ["mlp", "cnn", "transformer"])
def test_the_networks_of_the_routes_learn_digits(model: str) -> None:
    module = catalog.modules()[model]
    sizes = sizes_of(module)
    found = task.data(module, sizes, 0)
    assert found.trainable
    assert set(found.labels) == set(range(sizes["classes"]))
    asked = {row.tobytes() for row in found.asked}
    trained = {row.tobytes() for row in found.train_x}
    assert len(asked & trained) < 3, "nothing is asked that it was trained on, but for images that look the same"


def test_the_same_seed_gives_the_same_data() -> None:
    mlp = catalog.modules()["mlp"]
    first, again, other = (task.data(mlp, sizes_of(mlp), seed) for seed in (1, 1, 2))
    assert np.array_equal(first.asked, again.asked)
    assert not np.array_equal(first.asked, other.asked)


def test_fewer_classes_get_fewer_digits() -> None:
    mlp = catalog.modules()["mlp"]
    found = task.data(mlp, sizes_of(mlp) | {"classes": 3}, 0)
    assert set(found.labels) == {0, 1, 2}
