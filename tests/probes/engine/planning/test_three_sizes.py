"""Three sizes of a network: growing, within bounds, within memory, and fewer with the reason."""

from __future__ import annotations

import itertools
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes import catalog
from probes.engine.planning.memory_estimate import needed
from probes.engine.planning.three_sizes import FACTOR, MOST, SHARE, three_sizes

MODELS = list(catalog.modules().values())
GIB = 2**30


@given(st.sampled_from(MODELS), st.integers(1, 64), st.data())
@settings(max_examples=60, deadline=None)
def test_sizes_grow_within_bounds_and_memory(model: ModuleType, gib: int, data: st.DataObject) -> None:
    sizes = {s.name: data.draw(st.integers(s.low, min(s.high, 2 * s.default))) for s in model.SPEC.sizes}
    found = three_sizes(model, sizes, gib * GIB)
    weights = list(found.sizes)
    assert found.sizes[weights[0]] == sizes, "what was asked for comes first, whatever it needs"
    assert 1 <= len(weights) <= 3
    assert len(weights) == 3 or found.note, "fewer have a reason"
    for at, grown in found.sizes.items():
        assert model.floats(grown)[0] == at <= max(MOST * weights[0], at if at == weights[0] else 0)
        assert at == weights[0] or 2 * needed(model, grown) <= SHARE * gib * GIB
        for size in model.SPEC.sizes:
            bound = grown[size.name] <= size.high if size.name in model.SPEC.widths else True
            assert bound
            assert grown[size.name] >= sizes[size.name]
            assert size.name in model.SPEC.widths or grown[size.name] == sizes[size.name]
    assert all(later > 2 * earlier for earlier, later in itertools.pairwise(weights))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.SPEC.id))
def test_with_room_every_network_has_eight_and_more_times_its_weights(model: ModuleType) -> None:
    first, middle, last = three_sizes(model, model.SPEC.sized({}), 64 * GIB).sizes
    assert middle / first == pytest.approx(FACTOR, rel=0.15)
    assert last / first == pytest.approx(MOST, rel=0.15)


def test_a_small_machine_says_what_stood_in_the_way() -> None:
    mlp = catalog.modules()["mlp"]
    found = three_sizes(mlp, mlp.SPEC.sized({}), 3 * GIB)
    assert len(found.sizes) == 2
    assert found.note == "grows no further: a pair of processes may take half of the 3.0 GiB of this machine"
    widest = {**mlp.SPEC.sized({}), "hidden1": 8192, "hidden2": 8192}
    assert three_sizes(mlp, widest, 512 * GIB).note == "grows no further: its widths are as large as they may be"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.SPEC.id))
def test_widths_are_sizes(model: ModuleType) -> None:
    assert set(model.SPEC.widths) <= {size.name for size in model.SPEC.sizes}
