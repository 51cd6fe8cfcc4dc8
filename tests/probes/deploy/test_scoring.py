"""Right answers are counted in full trays, and only their number is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from probes.deploy import scoring


@pytest.mark.parametrize("count", [1, 64, 65, 200])
def test_the_last_tray_is_filled_up_and_what_fills_it_does_not_count(tmp_path: Path, count: int) -> None:
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(count, 3)), rng.integers(0, 3, count)
    scoring.keep(tmp_path, (x,), labels)
    sizes = []

    def predict(leaves: tuple[np.ndarray, ...]) -> np.ndarray:
        sizes.append(len(leaves[0]))
        return leaves[0]

    found = scoring.right(tmp_path / scoring.FILE, predict)
    assert found == {"right": int((x.argmax(1) == labels).sum()), "scored": count}
    assert set(sizes) == {64}


@pytest.mark.parametrize(
    ("left", "bytes_each", "seconds", "asked"),
    [
        (5000, 100, 0.001, 2000),
        (300, 100, 0.001, 300),
        (5000, 2**20, 0.001, 128),
        (5000, 2**30, 0.001, 64),
        (5000, 100, 4.0, 448),
        (5000, 100, 99.0, 64),
    ],
)
def test_how_many_are_asked(left: int, bytes_each: int, seconds: float, asked: int) -> None:
    assert scoring.number(left, bytes_each, seconds) == asked
