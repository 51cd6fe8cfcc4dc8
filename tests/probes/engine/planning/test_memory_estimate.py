"""What a network needs in memory, before it is built."""

from __future__ import annotations

import pytest

from probes import catalog
from probes.engine.planning import memory_estimate
from probes.schema import RunRequest, RunSetup

MACHINE = 4 * 2**30


def test_the_usual_sizes_fit_into_a_small_machine() -> None:
    assert catalog.modules()
    for name, model in catalog.modules().items():
        assert memory_estimate.needed(model, {size.name: size.default for size in model.SPEC.sizes}) < MACHINE
        memory_estimate.validate(RunSetup(RunRequest(sizes={name: {}})), MACHINE)


@pytest.mark.parametrize(
    ("model", "sizes"),
    [
        ("mlp", {"inputs": 16_384, "hidden1": 8_192, "hidden2": 8_192, "classes": 10_000}),
        ("cnn", {"image": 256, "width": 256}),
        ("transformer", {"length": 2_048, "heads": 32, "head": 128, "layers": 24}),
        ("recommender", {"categories": 2_000_000, "embedding": 512}),
    ],
)
def test_what_cannot_fit_is_refused_with_the_estimate(model: str, sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=rf"sizes\.{model}: .* needs about .* GiB; allowed: what fits into") as caught:
        memory_estimate.validate(RunSetup(RunRequest(sizes={model: sizes})), MACHINE)
    assert all(f"{name} {value}" in str(caught.value) for name, value in sizes.items())


def test_the_estimate_is_near_what_the_weights_alone_take() -> None:
    model = catalog.modules()["recommender"]
    sizes = {size.name: size.default for size in model.SPEC.sizes} | {"categories": 1_000_000, "embedding": 64}
    weights = 4 * 1_000_000 * (64 + 2)
    assert 4 * weights < memory_estimate.needed(model, sizes) - memory_estimate.FRAMEWORK < 4.2 * weights
