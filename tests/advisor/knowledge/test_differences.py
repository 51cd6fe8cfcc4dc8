"""What is said to differ between two halves really stands in them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from advisor.knowledge import DataError
from advisor.knowledge.differences import Difference, Differences, differences
from advisor.source_code import sources
from advisor.source_code.sources import Part
from probes.schema import FRAMEWORKS
from probes.system.data_files import DATA, parsed


def part_called(name: str) -> Part:
    kind, _, own = name.partition(".")
    if kind in ("training", "inference"):
        return sources.methods(kind)
    return sources.network(own) if kind == "network" else sources.measure(own)


@pytest.mark.parametrize(
    ("part", "difference"),
    [(part, difference) for part, entries in differences().items() for difference in entries],
    ids=lambda value: value if isinstance(value, str) else value.title,
)
def test_every_quote_stands_in_the_half_it_speaks_of(part: str, difference: Difference) -> None:
    sides = part_called(part).sides
    for side in FRAMEWORKS:
        quote = difference.pytorch if side == "pytorch" else difference.tensorflow
        assert any(quote in line for excerpt in sides[side] for line in excerpt.text.splitlines()), quote


def test_every_network_and_both_loops_say_what_differs() -> None:
    needed = {f"network.{entry.id}" for entry in sources.networks()} | {"training", "inference"}
    assert needed <= set(differences())
    assert all(len(entries) >= 3 for part, entries in differences().items() if part in needed)
    assert len({entry.title for entry in differences()["training"]}) == len(differences()["training"])


@pytest.mark.parametrize(
    ("part", "entry", "message"),
    [
        ("training", {"title": "", "why": "x", "pytorch": "y"}, "differences.yaml: parts.training.0.title: "),
        ("training", {"title": "x", "pytorch": "y"}, "differences.yaml: parts.training.0.why: is missing"),
        ("training", {"title": "x", "why": "x"}, "training.0: 'x' quotes neither half; name words of"),
        (
            "training",
            {"title": "x", "why": "x", "jax": "y"},
            "training.0.jax: no such key; allowed: title, why, pytorch",
        ),
        ("export", {"title": "x", "why": "x", "pytorch": "y"}, "differences.yaml: parts.export"),
        ("network.MLP", {"title": "x", "why": "x", "pytorch": "y"}, "differences.yaml: parts.network.MLP"),
    ],
)
def test_a_bad_entry_gives_one_clear_error(part: str, entry: dict[str, str], message: str) -> None:
    content: Any = copy.deepcopy(parsed(DATA, Differences.file))
    content["parts"][part] = [entry]
    with pytest.raises(DataError) as error:
        Differences.understood(content)
    assert message in str(error.value)


def test_parts_must_be_a_mapping() -> None:
    with pytest.raises(DataError, match=r"differences\.yaml: parts: .*got \[1\]"):
        Differences.understood({"schema": 1, "parts": [1]})
