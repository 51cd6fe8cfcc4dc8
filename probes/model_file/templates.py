"""What inputs look like without their numbers: what crosses a process, so that arrays by place become a tree again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from probes.contracts import UnsupportedError
from probes.model_file import trees

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: JSON: {"dict": {name: …}}, {"list": […]}, {"tuple": […]} or a leaf, {"shape": […], "dtype": "float32"}, whose shape
#: is that of one sample.
Template = Mapping[str, Any]
_KINDS = "biuf"  # of arrays, as NumPy calls them: truth values, integers, floats


def template(tree: Any, batch: int) -> Template:
    """Of inputs for ``batch`` samples. Raises UnsupportedError where they can't be taken apart sample by sample."""
    places = dict(trees.leaves(tree))
    for place, leaf in places.items():
        called = f"inputs: «{place}»" if place else "inputs"
        if leaf.dtype.kind not in _KINDS:
            raise UnsupportedError(f"{called}: ways out are asked with numbers, not with {leaf.dtype}")
        if not leaf.ndim or len(leaf) != batch:
            raise UnsupportedError(
                f"{called} has the shape {leaf.shape} for {batch} samples: ways out are asked in batches of several "
                "sizes, for which the first axis has to be the samples"
            )
    if not places:
        raise UnsupportedError("inputs: there is no array in them")
    return _template(tree)


def _template(tree: Any) -> Template:
    if isinstance(tree, Mapping):
        return {"dict": {str(name): _template(part) for name, part in tree.items()}}
    if isinstance(tree, tuple | list):
        # A named tuple goes by place: whoever rebuilds it may not have its class.
        return {"list" if isinstance(tree, list) else "tuple": [_template(part) for part in tree]}
    return {"shape": list(tree.shape[1:]), "dtype": str(tree.dtype)}


def specs(of: Template) -> list[tuple[tuple[int, ...], str]]:
    """(shape of a sample, dtype) of every leaf, by place."""
    if "shape" in of:
        return [(tuple(of["shape"]), of["dtype"])]
    parts = of["dict"].values() if "dict" in of else of.get("list", of.get("tuple", ()))
    return [spec for part in parts for spec in specs(part)]


def blank(of: Template) -> tuple[NDArray[Any], ...]:
    """One sample of zeros."""
    import numpy as np

    return tuple(np.zeros((1, *shape), dtype) for shape, dtype in specs(of))


def is_leaf(of: Template) -> bool:
    """Whether it is one array and no tree."""
    return "shape" in of


def tree(of: Template, leaves: Sequence[Any]) -> Any:
    """The tree with ``leaves``, which may be arrays or any framework's tensors. Raises ValueError for another number
    of them."""
    rest = iter(leaves)
    try:
        built = _tree(of, rest)
    except StopIteration:
        raise ValueError(f"{len(leaves)} inputs are too few; expected: {len(specs(of))}") from None
    if len(leaves) != (expected := len(specs(of))):
        raise ValueError(f"{len(leaves)} inputs are too many; expected: {expected}")
    return built


def _tree(of: Template, leaves: Any) -> Any:
    if "shape" in of:
        return next(leaves)
    if "dict" in of:
        return {name: _tree(part, leaves) for name, part in of["dict"].items()}
    parts = [_tree(part, leaves) for part in of.get("list", of.get("tuple"))]
    return parts if "list" in of else tuple(parts)
