"""What an export said that its user should hear."""

from __future__ import annotations

import warnings

import pytest

from probes.deploy import exporter


def told(*said: tuple[str, type[Warning]]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for text, category in said:
            warnings.warn(text, category, stacklevel=1)
    return exporter._told(caught)


def test_deprecations_are_told_once_and_nothing_else() -> None:
    jit = "`torch.jit.trace` is deprecated. Please switch to `torch.compile` or `torch.export`."
    found = told((jit, DeprecationWarning), (jit, DeprecationWarning), ("it is slow", UserWarning))
    assert found == [jit]


def test_a_deprecation_may_come_as_any_warning() -> None:
    assert told(("This API is deprecated:\n  use that", UserWarning)) == ["This API is deprecated: use that"]


@pytest.mark.parametrize(
    "text",
    [
        "`isinstance(treespec, LeafSpec)` is deprecated, use `treespec.is_leaf()` instead.",
        "__array__ implementation doesn't accept a copy keyword",
        "read_text is deprecated. Use files() instead.",
        "pkg_resources is deprecated as an API.",
        "In the future `np.object` will be defined as the corresponding NumPy scalar.",
    ],
)
def test_what_libraries_do_to_each_other_is_not(text: str) -> None:
    assert told((text, DeprecationWarning)) == []
