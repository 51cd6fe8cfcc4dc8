"""By how much both sides differ, step by step and in one training step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from probes.compare.pairing import Side, layouts
from probes.compare.schema import STEP_LIMIT, ComparedPart, ComparedStep

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Largest deviation of a loss that is rounding, as a share of it.
LOSS_LIMIT: Final = 1e-4
#: Of a gradient, or of the change of a moving mean, as a share of its length: what ``workloads.agreement`` allows.
PART_LIMIT: Final = 0.01
#: A gradient below this share of the whole gradient is rounding (a bias in front of BatchNorm has none).
_NOTHING: Final = 1e-3


def step(kind: str, names: tuple[str, str], ours: NDArray[Any], theirs: NDArray[Any]) -> ComparedStep:
    """In the order of axes in which both come nearest."""
    shapes = (ours.shape, theirs.shape)
    seen = list(_views(kind, ours, theirs))
    if not seen:
        return ComparedStep(kind, *names, shapes, None, None, "the shapes don't compare")
    largest, ours, theirs = min(((_largest(*pair), *pair) for pair in seen), key=lambda one: one[0])
    scale = _largest(ours, 0 * ours)
    deviation = largest / scale if scale else largest
    return ComparedStep(kind, *names, shapes, largest, deviation, _note(ours, theirs) if deviation > STEP_LIMIT else "")


def gradient(pytorch: Side, keras: Side, layers: Mapping[str, str]) -> ComparedPart | None:
    """The weight whose gradient differs most; None where nothing was trained."""
    pairs = []
    for name, ours, theirs in _parts("gradient", pytorch, keras, layers):
        weights = pytorch.arrays.get(f"weight/{name}"), keras.arrays.get(f"weight/{_other(name, layers)}")
        pairs.append((name, *((ours, theirs) if _alike(*weights) else (_sorted(ours), _sorted(theirs)))))
    whole = sum(_length(ours) ** 2 for _, ours, _ in pairs) ** 0.5
    return _worst((name, ours, theirs, max(_length(ours), _NOTHING * whole)) for name, ours, theirs in pairs)


def statistic(pytorch: Side, keras: Side, layers: Mapping[str, str]) -> ComparedPart | None:
    """The moving mean whose change differs most. Variances differ by Bessel's correction, which is nobody's mistake."""

    def moved(side: Side, name: str, after: NDArray[Any]) -> NDArray[Any]:
        change: NDArray[Any] = after - side.arrays[f"weight/{name}"]
        return change

    return _worst(
        (name, moved(pytorch, name, ours), moved(keras, _other(name, layers), theirs), 0.0)
        for name, ours, theirs in _parts("after", pytorch, keras, layers)
        if name.endswith(".mean")
    )


def _alike(ours: NDArray[Any] | None, theirs: NDArray[Any] | None) -> bool:
    """Whether a weight lies alike on both sides: a file's ``transfer`` may turn it, and its gradient with it."""
    import numpy as np

    return ours is None or theirs is None or bool(np.allclose(ours, theirs, rtol=1e-5, atol=1e-7))


def _sorted(array: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    return np.sort(array, axis=None)


def _parts(
    what: str, pytorch: Side, keras: Side, layers: Mapping[str, str]
) -> Iterable[tuple[str, NDArray[Any], NDArray[Any]]]:
    for name, ours in pytorch.arrays.items():
        kind, _, part = name.partition("/")
        if kind == what and part.rpartition(".")[0] in layers:
            theirs = keras.arrays.get(f"{what}/{_other(part, layers)}")
            if theirs is not None and theirs.shape == ours.shape:
                yield part, ours, theirs


def _other(part: str, layers: Mapping[str, str]) -> str:
    layer, _, name = part.rpartition(".")
    return f"{layers[layer]}.{name}"


def _worst(parts: Iterable[tuple[str, NDArray[Any], NDArray[Any], float]]) -> ComparedPart | None:
    found = []
    for name, ours, theirs, length in parts:
        length, difference = length or _length(ours), _length(ours - theirs)
        found.append(ComparedPart(name, difference / length if length else difference))
    return max(found, key=lambda part: (part.deviation != part.deviation, part.deviation), default=None)


def _views(kind: str, ours: NDArray[Any], theirs: NDArray[Any]) -> Iterable[tuple[NDArray[Any], NDArray[Any]]]:
    for view in layouts(ours.shape, theirs):
        yield ours, view
    if (
        kind == "recurrent" and ours.ndim == theirs.ndim + 1
    ):  # PyTorch gives every output, Keras may give the last alone
        for last in (ours[:, -1], ours[-1]):
            if last.shape == theirs.shape:
                yield last, theirs


def _largest(ours: NDArray[Any], theirs: NDArray[Any]) -> float:
    """Infinite where a side isn't finite."""
    import numpy as np

    difference = np.abs(ours.astype(np.float64) - theirs)
    return float(difference.max(initial=0.0)) if np.isfinite(difference).all() else float("inf")


def _length(array: NDArray[Any]) -> float:
    import numpy as np

    return float(np.sqrt(np.square(array, dtype=np.float64).sum()))


def _note(ours: NDArray[Any], theirs: NDArray[Any]) -> str:
    """What the numbers themselves tell of a difference."""
    import numpy as np

    for side, values in (("PyTorch", ours), ("Keras", theirs)):
        if not np.isfinite(values).all():
            return f"{side} gives values that are not finite"
        if not values.any():
            return f"{side} gives zeros alone"
    if np.allclose(np.sort(ours, axis=None), np.sort(theirs, axis=None), rtol=1e-4, atol=1e-6):
        return "the same numbers in another order"
    sums = [
        values.ndim > 1 and (values >= 0).all() and np.allclose(values.sum(-1), 1, atol=1e-3)
        for values in (ours, theirs)
    ]
    if sums[0] != sums[1]:
        return f"{'PyTorch' if sums[0] else 'Keras'} gives probabilities, the other side doesn't"
    factor = float((ours * theirs).sum() / np.square(ours).sum())
    if np.allclose(theirs, factor * ours, rtol=1e-3, atol=1e-3 * np.abs(theirs).max()):
        return f"Keras gives {factor:.3g} times as much" if abs(factor - 1) > 1e-3 else ""
    return ""
