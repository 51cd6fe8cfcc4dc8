"""Every way that can be tried stands beside a row of knowledge, and no row names one that doesn't exist."""

from __future__ import annotations

import pytest

from advisor.knowledge import load
from probes.deploy import catalog

ROWS = [route for sides in load().routes.values() for rows in sides.values() for route in rows]


def test_a_row_names_only_ways_that_exist() -> None:
    named = {name: route for route in ROWS for name in route.tried_by}
    unknown = {name: f"{route.target}.{route.framework}.{route.tool}" for name, route in named.items()}
    for name in catalog.modules():
        unknown.pop(name, None)
    assert unknown == {}


@pytest.mark.parametrize("name", sorted(catalog.modules()))
def test_every_way_is_named_by_a_row_of_its_framework(name: str) -> None:
    """A way that nobody deploys by would be measured for nothing; one beside the other framework's row would count
    for the wrong side."""
    sides = {route.framework for route in ROWS if name in route.tried_by}
    assert sides == {catalog.modules()[name].SPEC.framework}
