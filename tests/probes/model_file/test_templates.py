"""Trees without their numbers: whatever a file draws comes back as it was."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.contracts import UnsupportedError
from probes.model_file import templates, trees

BATCH = 3
LEAVES = st.builds(
    lambda shape, dtype: np.ones((BATCH, *shape), dtype),
    st.lists(st.integers(1, 3), max_size=2),
    st.sampled_from(["float32", "int64", "bool", "uint8"]),
)
TREES = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.dictionaries(st.text("abcd", min_size=1, max_size=2), part, min_size=1, max_size=3),
        st.lists(part, min_size=1, max_size=3),
        st.lists(part, min_size=1, max_size=3).map(tuple),
    ),
    max_leaves=6,
)


@given(TREES)
def test_leaves_become_the_tree_again_on_the_other_side_of_a_process(tree: Any) -> None:
    found = json.loads(json.dumps(templates.template(tree, BATCH)))
    leaves = [leaf for _, leaf in trees.leaves(tree)]
    again = templates.tree(found, range(len(leaves)))
    numbers = iter(range(len(leaves)))
    assert again == trees.mapped(lambda _: next(numbers), tree)
    assert [(leaf.shape[1:], str(leaf.dtype)) for leaf in leaves] == templates.specs(found)
    assert [leaf.shape for leaf in templates.blank(found)] == [(1, *leaf.shape[1:]) for leaf in leaves]


@given(TREES, st.sampled_from([-1, 1]))
def test_another_number_of_inputs_is_refused(tree: Any, more: int) -> None:
    found = templates.template(tree, BATCH)
    with pytest.raises(ValueError, match=r"too (few|many); expected: \d"):
        templates.tree(found, [None] * (len(templates.specs(found)) + more))


@pytest.mark.parametrize(
    ("tree", "why"),
    [
        ({"a": np.zeros((2, 3))}, r"«a» has the shape \(2, 3\) for 3 samples"),
        (np.float32(1), r"inputs has the shape \(\)"),
        (np.array(["x"] * 3), "asked with numbers, not with <U1"),
        ({}, "there is no array"),
    ],
)
def test_what_cannot_be_taken_apart_is_refused(tree: Any, why: str) -> None:
    with pytest.raises(UnsupportedError, match=why):
        templates.template(tree, BATCH)
