"""A team's own samples in the form that its model takes: the tree, the shapes and the types of what its file draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from probes.contracts import UnsupportedError
from probes.model_file import trees
from probes.team_data.rows import Extent, Taken

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COLOURS: Final = 3
_LEVELS: Final = 255


def picture(x: Any) -> Extent | None:
    """Height and width of the images that the model takes; None if it takes no images."""
    shape = _picture_shape(x)
    if shape is None:
        return None
    return (shape[0], shape[1]) if shape[2] == _COLOURS else (shape[1], shape[2])


def replaced(x: Any, labels: Any, taken: Taken) -> tuple[Any, Any]:
    """``taken`` as the tree that ``x`` is, with labels if the file draws ``labels``.

    Raises UnsupportedError naming what doesn't fit.
    """
    places = [place for place, _ in trees.leaves(x)]
    named = _named(x, taken, [place or "x" for place in places])
    leaves = iter([_like(leaf, named[place or "x"], place or "x", taken) for place, leaf in trees.leaves(x)])
    fitted = trees.mapped(lambda _: next(leaves), x)
    if labels is None:
        return fitted, None
    if taken.labels is None:
        raise _unfit(taken, "has no labels, and inputs() draws some", "an array of labels, named by --label")
    (_, drawn), *more = trees.leaves(labels)
    if more:
        raise _unfit(taken, "has one array of labels, and inputs() draws several", "a model with one")
    return fitted, trees.mapped(lambda _: _like_label(drawn, taken), labels)


def _named(x: Any, taken: Taken, places: list[str]) -> dict[str, NDArray[Any]]:
    """The samples' arrays by the places of the tree's leaves. One array needs no name."""
    if len(taken.arrays) == len(places) == 1:
        (array,) = taken.arrays.values()
        shape = _picture_shape(x)
        if taken.data.data.kind != "jpeg":
            return {places[0]: array}
        if shape is None:
            raise _unfit(
                taken, f"holds images, and inputs() draws {_shape(x)}", "one array (n, height, width, 3) or (n, 3, …)"
            )
        return {places[0]: array if shape[2] == _COLOURS else array.transpose(0, 3, 1, 2)}
    if missing := [place for place in places if place not in taken.arrays]:
        raise _unfit(taken, f"has no array «{missing[0]}», which inputs() draws", ", ".join(places))
    return taken.arrays


def _like(drawn: Any, array: NDArray[Any], place: str, taken: Taken) -> NDArray[Any]:
    import numpy as np

    wanted = np.asarray(drawn)
    if wanted.shape[1:] != array.shape[1:]:
        raise _unfit(
            taken, f"has the shape {array.shape[1:]} a sample in «{place}»", f"{wanted.shape[1:]}, as inputs()"
        )
    if wanted.dtype.kind in "iu" and array.dtype.kind == "f":
        if taken.data.data.kind == "jpeg":
            return np.ascontiguousarray(np.rint(array * _LEVELS).astype(wanted.dtype))
        if not (array == np.rint(array)).all():
            raise _unfit(taken, f"has fractions in «{place}»", f"whole numbers ({wanted.dtype}), as inputs() draws")
    return np.ascontiguousarray(array.astype(wanted.dtype, copy=False))


def _like_label(drawn: Any, taken: Taken) -> NDArray[Any]:
    import numpy as np

    wanted, labels = np.asarray(drawn), np.asarray(taken.labels)
    if wanted.ndim == labels.ndim + 1 and wanted.shape[-1:] == (1,):
        labels = labels[..., None]
    if wanted.shape[1:] != labels.shape[1:]:
        raise _unfit(taken, f"has the shape {labels.shape[1:]} a label", f"{wanted.shape[1:]}, as inputs() draws")
    if wanted.dtype.kind in "iu" and not taken.data.data.classes and labels.dtype.kind == "f":
        raise _unfit(taken, "has labels with fractions, and inputs() draws whole numbers", "classes from 0 on")
    return labels.astype(wanted.dtype, copy=False)


def _picture_shape(x: Any) -> tuple[int, ...] | None:
    """(height, width, 3) or (3, height, width) of the one array that could be images."""
    found = [leaf for _, leaf in trees.leaves(x)]
    if len(found) != 1 or getattr(found[0], "ndim", 0) != 4 or _COLOURS not in (found[0].shape[1], found[0].shape[3]):
        return None
    return tuple(found[0].shape[1:])


def _shape(x: Any) -> str:
    return ", ".join(f"{place or 'x'} {getattr(leaf, 'shape', ())}" for place, leaf in trees.leaves(x))


def _unfit(taken: Taken, what: str, allowed: str) -> UnsupportedError:
    return UnsupportedError(f"data: {taken.data.data.name} {what}; allowed: {allowed}")
