"""Feeding a training loop from arrays in memory: shuffle, batch, hand over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, SingleValue
from probes.workloads import pipelines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays

SAMPLES = 20_480

SPEC = pipelines.spec(
    "pipeline_numpy",
    "Input from arrays",
    "How many samples a second does a shuffled input pipeline deliver from arrays in memory?",
    size="inputs",
)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: what was delivered."""
    return pipelines.agreed(lambda: HALVES[bench.framework](*_arrays(bench)))


def measure(bench: Bench) -> SingleValue:
    """A pass in shuffled batches of 64."""
    x, labels = _arrays(bench)
    return pipelines.passed(bench, lambda: HALVES[bench.framework](x, labels), SAMPLES)


def _arrays(bench: Bench) -> tuple[NDArray[Any], NDArray[Any]]:
    import numpy as np

    return bench.inputs(np.random.default_rng(bench.seed), bench.sizes, SAMPLES)


def pytorch(x: NDArray[Any], labels: NDArray[Any]) -> Any:
    """A ``DataLoader`` without workers: for arrays in memory they would only copy."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(torch.from_numpy(x), torch.from_numpy(labels))
    return DataLoader(data, batch_size=pipelines.BATCH, shuffle=True)


def tensorflow(x: NDArray[Any], labels: NDArray[Any]) -> Any:
    """``tf.data`` with a buffer that holds everything, as the other side shuffles everything."""
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices((x, labels))
    return data.shuffle(len(x)).batch(pipelines.BATCH).prefetch(tf.data.AUTOTUNE)


HALVES = {"pytorch": pytorch, "tensorflow": tensorflow}
