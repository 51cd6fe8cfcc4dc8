"""What tells whether both sides deliver the same of a team's data: any difference, and no order."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pytest

from probes.workloads import agreement, pipelines

X = np.random.default_rng(0).normal(size=(640, 4)) * np.array([1e-2, 1, 1e3, 1e6])
IDS, Y = np.arange(640)[:, None] % 9, np.random.default_rng(1).integers(0, 3, 640)
Parts = tuple[np.ndarray, ...]


def batched(*arrays: np.ndarray) -> Callable[[], Iterable[Parts]]:
    return lambda: (tuple(array[start : start + 64] for array in arrays) for start in range(0, len(arrays[0]), 64))


def difference(*arrays: np.ndarray) -> str:
    """What is said of the other side that delivers these, while one delivers all as it is."""
    return agreement.compare(pipelines.agreed_on_own(batched(X, IDS, Y)), pipelines.agreed_on_own(batched(*arrays)))[1]


def test_another_order_is_the_same() -> None:
    order = np.random.default_rng(2).permutation(640)
    assert difference(X[order], IDS[order], Y[order]) == ""


def test_rounding_is_the_same() -> None:
    assert difference(X.astype(np.float32), IDS, Y) == ""


@pytest.mark.parametrize(
    "arrays",
    [
        (X, IDS, np.roll(Y, 1)),
        (X[:, [1, 0, 2, 3]], IDS, Y),
        (np.abs(X), IDS, Y),
        (X, np.roll(IDS, 1, axis=0), Y),
        (X[:576], IDS[:576], Y[:576]),
        (np.concatenate([X[:576], X[:64]]), np.concatenate([IDS[:576], IDS[:64]]), np.concatenate([Y[:576], Y[:64]])),
    ],
    ids=["labels of others", "columns swapped", "signs lost", "ids of others", "a batch missing", "a batch twice"],
)
def test_a_mistake_shows(arrays: Parts) -> None:
    assert difference(*arrays) != ""


def pictures(x: np.ndarray, y: np.ndarray) -> str:
    """The same of images."""
    whole = pipelines.agreed_on_images(batched(IMAGES, LABELS))
    return agreement.compare(whole, pipelines.agreed_on_images(batched(x, y)))[1]


IMAGES = np.random.default_rng(3).random((128, 6, 6, 3))
LABELS = np.arange(128) // 64


def test_images_may_be_scaled_with_another_rounding() -> None:
    assert pictures(np.round(IMAGES * 255) / 255, LABELS) == ""


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (IMAGES, np.roll(LABELS, 1)),
        (IMAGES[::-1], LABELS),
        (IMAGES[..., ::-1], LABELS),
        (IMAGES[:, ::-1], LABELS),
        (IMAGES[:64], LABELS[:64]),
        (np.clip(IMAGES * 1.03, 0, 1), LABELS),
    ],
    ids=["label", "order", "colours", "upside down", "a batch missing", "brighter"],
)
def test_other_images_show(x: np.ndarray, y: np.ndarray) -> None:
    assert pictures(x, y) != ""
