"""Feeding a training loop from a text file that is too large for memory: read, parse, batch."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, SingleValue
from probes.workloads import pipelines

if TYPE_CHECKING:
    from probes.contracts import Arrays

SAMPLES = 1_024

SPEC = pipelines.spec(
    "pipeline_csv",
    "Input from CSV",
    "How many rows a second does an input pipeline parse from a CSV file, line by line?",
    size="inputs",
)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: what was delivered."""
    with tempfile.TemporaryDirectory() as folder:
        file = _file(bench, Path(folder))
        return pipelines.agreed(lambda: HALVES[bench.framework](file, bench.sizes["inputs"]))


def measure(bench: Bench) -> SingleValue:
    """A pass over the rows in the file's order, in batches of 64."""
    with tempfile.TemporaryDirectory() as folder:
        file = _file(bench, Path(folder))
        return pipelines.passed(bench, lambda: HALVES[bench.framework](file, bench.sizes["inputs"]), SAMPLES)


def _file(bench: Bench, folder: Path) -> Path:
    """Rows of features and a label."""
    import numpy as np

    x, labels = bench.inputs(np.random.default_rng(bench.seed), bench.sizes, SAMPLES)
    path = folder / "rows.csv"
    np.savetxt(path, np.column_stack([x, labels]), delimiter=",", fmt="%.6g")
    return path


def pytorch(file: Path, features: int) -> Any:
    """An ``IterableDataset`` that parses a batch of lines at once with NumPy: PyTorch has no CSV reader of its own."""
    import numpy as np
    import torch
    from torch.utils.data import DataLoader, IterableDataset

    class Rows(IterableDataset):  # type: ignore[misc]
        def __iter__(self) -> Iterator[tuple[Any, Any]]:
            with file.open(encoding="ascii") as lines:
                while batch := list(islice(lines, pipelines.BATCH)):
                    rows = torch.from_numpy(np.loadtxt(batch, np.float32, delimiter=",", ndmin=2))
                    yield rows[:, :features], rows[:, features].long()

    return DataLoader(Rows(), batch_size=None)


def tensorflow(file: Path, features: int) -> Any:
    """``tf.data`` over the lines, a batch parsed at once: eleven times as fast here as its own ``CsvDataset``."""
    import tensorflow as tf

    def parse(lines: Any) -> tuple[Any, Any]:
        values = tf.strings.to_number(tf.strings.split(lines, ",").values)
        rows = tf.reshape(values, (-1, features + 1))
        return rows[:, :features], tf.cast(rows[:, features], tf.int64)

    return tf.data.TextLineDataset(str(file)).batch(pipelines.BATCH).map(parse).prefetch(tf.data.AUTOTUNE)


HALVES = {"pytorch": pytorch, "tensorflow": tensorflow}
