"""Feeding a training loop from arrays in memory: shuffle, batch, hand over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.contracts import Bench, SingleValue
from probes.team_data import archives
from probes.workloads import pipelines

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from probes.contracts import Arrays

SAMPLES = 20_480

SPEC = pipelines.spec(
    "pipeline_numpy",
    "Input from arrays",
    "How many samples a second does a shuffled input pipeline deliver from arrays in memory?",
    size="inputs",
    data="npz",
)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: what was delivered."""
    arrays = _arrays(bench)
    agreed = pipelines.agreed_on_own if bench.own_data else pipelines.agreed
    return agreed(lambda: HALVES[bench.framework](*arrays))


def measure(bench: Bench) -> SingleValue:
    """A pass in shuffled batches of 64."""
    arrays = _arrays(bench)
    return pipelines.passed(bench, lambda: HALVES[bench.framework](*arrays), len(arrays[-1]))


def _arrays(bench: Bench) -> tuple[NDArray[Any], ...]:
    """One or more inputs and, last, the labels. Of a team's own the first ones, as many as a pass reads."""
    import numpy as np

    if (own := bench.own_data) is None:
        return bench.inputs(np.random.default_rng(bench.seed), bench.sizes, SAMPLES)
    features, labels = archives.arrays(own.path, own.data.label)
    return tuple(array[: own.data.pass_count] for array in (*features.values(), labels) if array is not None)


def pytorch(*arrays: NDArray[Any]) -> Any:
    """A ``DataLoader`` without workers: for arrays in memory they would only copy."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(*map(torch.from_numpy, arrays))
    return DataLoader(data, batch_size=pipelines.BATCH, shuffle=True)


def tensorflow(*arrays: NDArray[Any]) -> Any:
    """``tf.data`` with a buffer that holds everything, as the other side shuffles everything."""
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices(arrays)
    return data.shuffle(len(arrays[-1])).batch(pipelines.BATCH).prefetch(tf.data.AUTOTUNE)


HALVES = {"pytorch": pytorch, "tensorflow": tensorflow}
