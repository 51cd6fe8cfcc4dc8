"""A team's samples in the form of what its file draws, and what doesn't fit, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probes.contracts import DataPlace, UnsupportedError
from probes.model_file import fitting
from probes.team_data.looking import look
from probes.team_data.rows import Rows
from tests.probes.team_data import made

X, Y, N = made.features().astype(np.float32), made.classes(), 8


def fitted(path: Path, x: Any, labels: Any, label: str = "") -> tuple[Any, Any]:
    """Eight samples, drawn from a seed."""
    rows = Rows(DataPlace(look(path, label), path))
    return fitting.replaced(x, labels, rows.drawn(np.random.default_rng(3), N, fitting.picture(x)))


def test_a_table_is_the_one_array_that_the_file_draws(tmp_path: Path) -> None:
    x, labels = fitted(made.table(tmp_path), np.zeros((N, 5)), np.zeros(N, np.int32), "kind")
    places = np.random.default_rng(3).permutation(made.ROWS)[:N]
    assert np.allclose(x, X[places], rtol=1e-5)
    assert (labels == Y[places]).all()
    assert (x.dtype, labels.dtype) == (np.float64, np.int32)


def test_arrays_go_by_the_names_of_the_tree(tmp_path: Path) -> None:
    drawn = {"ids": np.zeros((N, 1), np.int32), "x": np.zeros((N, 5), np.float32)}
    x, labels = fitted(made.archive(tmp_path), drawn, np.zeros((N, 1)))
    assert list(x) == ["ids", "x"]
    assert {name: leaf.dtype for name, leaf in x.items()} == {"ids": np.int32, "x": np.float32}
    assert labels.shape == (N, 1), "as the file's labels are"


@pytest.mark.parametrize(
    ("shape", "dtype"), [((12, 16, 3), np.float32), ((3, 12, 16), np.float32), ((12, 16, 3), np.uint8)]
)
def test_images_come_in_the_layout_and_size_that_the_file_draws(
    tmp_path: Path, shape: tuple[int, ...], dtype: type
) -> None:
    pytest.importorskip("PIL")
    x, labels = fitted(made.images(tmp_path), np.zeros((N, *shape), dtype), np.zeros(N, np.int64))
    assert x.shape == (N, *shape)
    assert x.dtype == dtype
    assert x.max() > (100 if dtype is np.uint8 else 0.4)
    assert set(labels) <= {0, 1}


def test_a_file_without_labels_gets_none(tmp_path: Path) -> None:
    assert fitted(made.table(tmp_path), np.zeros((N, 5)), None, "kind")[1] is None


def test_more_than_there_are_come_again(tmp_path: Path) -> None:
    path = made.table(tmp_path)
    taken = Rows(DataPlace(look(path, "kind"), path)).drawn(np.random.default_rng(0), 300, None)
    assert len(taken.arrays["features"]) == 300
    assert len(np.unique(taken.arrays["features"], axis=0)) == made.ROWS


@pytest.mark.parametrize(
    ("x", "labels", "said"),
    [
        (np.zeros((N, 6)), None, "data: rows.npz has the shape (5,) a sample in «x»; allowed: (6,), as inputs()"),
        (np.zeros((N, 5), np.int64), None, "data: rows.npz has fractions in «x»; allowed: whole numbers (int64)"),
        (
            {"x": np.zeros((N, 5)), "mask": np.zeros((N, 5))},
            None,
            "data: rows.npz has no array «mask», which inputs() dra",
        ),
        (
            np.zeros((N, 5)),
            np.zeros((N, 4)),
            "data: rows.npz has the shape () a label; allowed: (4,), as inputs() draws",
        ),
        (np.zeros((N, 5)), (np.zeros(N), np.zeros(N)), "has one array of labels, and inputs() draws several"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, x: Any, labels: Any, said: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        fitted(made.archive(tmp_path, x=made.features(), labels=Y), x, labels)
    assert said in str(caught.value)


def test_labels_that_are_missing_or_no_classes(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"rows.npz has no labels, and inputs\(\) draws some"):
        fitted(made.archive(tmp_path, x=made.features()), np.zeros((N, 5)), np.zeros(N))
    with pytest.raises(
        UnsupportedError, match=r"rows.csv has labels with fractions, and inputs\(\) draws whole numbers"
    ):
        fitted(made.table(tmp_path), np.zeros((N, 5)), np.zeros(N, np.int64), "e")


def test_images_for_a_model_of_rows(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    with pytest.raises(
        UnsupportedError, match=r"photos holds images, and inputs\(\) draws x \(8, 5\); allowed: one array"
    ):
        fitted(made.images(tmp_path), np.zeros((N, 5)), None)
