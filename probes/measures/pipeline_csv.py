"""Feeding a training loop from a text file that is too large for memory: read, parse, batch."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, SingleValue
from probes.team_data import tables
from probes.workloads import pipelines

if TYPE_CHECKING:
    from probes.contracts import Arrays

SAMPLES = 1_024

SPEC = pipelines.spec(
    "pipeline_csv",
    "Input from CSV",
    "How many rows a second does an input pipeline parse from a CSV file, line by line?",
    size="inputs",
    data="csv",
)


@dataclass(frozen=True, slots=True)
class Table:
    """A file of numbers, and what of it is read."""

    path: Path
    columns: int
    label: int  # the column with the labels
    rows: int
    head: int = 0  # lines before the first row
    whole: bool = True  # whether labels are classes

    @property
    def kept(self) -> list[int]:
        """The other columns."""
        return [column for column in range(self.columns) if column != self.label]


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: what was delivered."""
    agreed = pipelines.agreed_on_own if bench.own_data else pipelines.agreed
    with _table(bench) as table:
        return agreed(lambda: HALVES[bench.framework](table))


def measure(bench: Bench) -> SingleValue:
    """A pass over the rows in the file's order, in batches of 64."""
    with _table(bench) as table:
        return pipelines.passed(bench, lambda: HALVES[bench.framework](table), table.rows)


@contextmanager
def _table(bench: Bench) -> Iterator[Table]:
    """The team's own file, or one with rows of features and a label."""
    import numpy as np

    if own := bench.own_data:
        names = tables.columns(own.path)
        place = tables.label_place(own.path, names, own.data.label)
        yield Table(own.path, len(names), place, own.data.pass_count, head=1, whole=own.data.classes > 0)
        return
    with tempfile.TemporaryDirectory() as folder:
        x, labels = bench.inputs(np.random.default_rng(bench.seed), bench.sizes, SAMPLES)
        path = Path(folder) / "rows.csv"
        np.savetxt(path, np.column_stack([x, labels]), delimiter=",", fmt="%.6g")
        yield Table(path, x.shape[1] + 1, x.shape[1], SAMPLES)


def pytorch(table: Table) -> Any:
    """An ``IterableDataset`` that parses a batch of lines at once with NumPy: PyTorch has no CSV reader of its own."""
    import numpy as np
    import torch
    from torch.utils.data import DataLoader, IterableDataset

    label, last = table.label, table.label == table.columns - 1

    class Rows(IterableDataset):  # type: ignore[misc]
        def __iter__(self) -> Iterator[tuple[Any, Any]]:
            with table.path.open(encoding="utf-8") as file:
                lines = islice(file, table.head, table.head + table.rows)
                while batch := list(islice(lines, pipelines.BATCH)):
                    rows = torch.from_numpy(np.loadtxt(batch, np.float32, delimiter=",", ndmin=2))
                    labels = rows[:, label].long() if table.whole else rows[:, label]
                    yield rows[:, :label] if last else rows[:, table.kept], labels

    return DataLoader(Rows(), batch_size=None)


def tensorflow(table: Table) -> Any:
    """``tf.data`` over the lines, a batch parsed at once: eleven times as fast here as its own ``CsvDataset``."""
    import tensorflow as tf

    label, last = table.label, table.label == table.columns - 1

    def parse(lines: Any) -> tuple[Any, Any]:
        values = tf.strings.to_number(tf.strings.split(lines, ",").values)
        rows = tf.reshape(values, (-1, table.columns))
        labels = tf.cast(rows[:, label], tf.int64) if table.whole else rows[:, label]
        return rows[:, :label] if last else tf.gather(rows, table.kept, axis=1), labels

    lines = tf.data.TextLineDataset(str(table.path)).skip(table.head).take(table.rows)
    return lines.batch(pipelines.BATCH).map(parse).prefetch(tf.data.AUTOTUNE)


HALVES = {"pytorch": pytorch, "tensorflow": tensorflow}
