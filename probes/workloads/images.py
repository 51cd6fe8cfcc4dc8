"""A folder of JPEG files, and both frameworks' ways to read it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from probes.contracts import Bench, UnsupportedError
from probes.team_data import pictures
from probes.workloads import pipelines

SAMPLES = 512
PASSES = 10  # where workers read: starting and ending a pass is then a small part
CLASSES = 4
PACKAGES = ("pillow",)
SIDE = 96  # pixels of a stored image, cut to the network's size by scaling

Files = Sequence[tuple[str, int]]


@contextmanager
def folder(bench: Bench) -> Iterator[Files]:
    """The team's own, as many as a pass reads; else 512 of smoothed noise, which compresses about as photographs do.

    Each with its label.
    """
    import numpy as np

    if own := bench.own_data:
        yield pictures.spread(own.path, own.data.pass_count)
        return

    try:
        from PIL import Image
    except ImportError as error:
        raise UnsupportedError("Pillow, which writes the images, is missing: pip install pillow") from error
    rng = np.random.default_rng(bench.seed)
    with tempfile.TemporaryDirectory() as name:
        files = []
        for index in range(SAMPLES):
            small = rng.integers(0, 256, (SIDE // 8, SIDE // 8, 3), dtype=np.uint8)
            path = Path(name) / f"{index}.jpg"
            Image.fromarray(small).resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(path, quality=90)
            files.append((str(path), index % CLASSES))
        yield files


def workers() -> int:
    """One for every core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pytorch(files: Files, side: int, workers: int, trains_on: str = "") -> Any:
    """A ``Dataset`` that decodes with Pillow, as torchvision's folders do, behind a ``DataLoader``.

    ``trains_on``: the device of a training loop that takes the batches in the careful mode, "" where they are only
    delivered. For a GPU they come in pinned memory; on a CPU pinning would only copy them.
    """
    import numpy as np
    import torch
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset

    class Images(Dataset):  # type: ignore[misc]
        def __len__(self) -> int:
            return len(files)

        def __getitem__(self, index: int) -> tuple[Any, int]:
            path, label = files[index]
            with Image.open(path) as image:
                pixels = image.convert("RGB").resize((side, side), Image.Resampling.BOX)
            return torch.from_numpy(np.asarray(pixels, np.float32) / 255), label

    return DataLoader(
        Images(),
        batch_size=pipelines.BATCH,
        num_workers=workers, persistent_workers=workers > 0,
        pin_memory=trains_on == "cuda",
    )  # fmt: skip


def tensorflow(files: Files, side: int, workers: int, trains_on: str = "") -> Any:
    """``tf.data`` over the names: decode, scale, batch. The decoder is asked for the accurate transform, Pillow's.

    ``trains_on``: as on the other side. For a training loop labels become one-hot rows in here, and for a GPU batches
    are on it when they are taken.
    """
    import tensorflow as tf

    def read(path: Any, label: Any) -> tuple[Any, Any]:
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3, dct_method="INTEGER_ACCURATE")
        return tf.image.resize(image, (side, side), method="area") / 255.0, label

    def encoded(images: Any, labels: Any) -> tuple[Any, Any]:
        return images, tf.one_hot(labels, CLASSES)

    paths, labels = zip(*files, strict=True)
    data = tf.data.Dataset.from_tensor_slices((list(paths), list(labels)))
    parallel = tf.data.AUTOTUNE if workers else None
    batches = data.map(read, num_parallel_calls=parallel).batch(pipelines.BATCH)
    if trains_on:
        batches = batches.map(encoded)
    if trains_on == "cuda":
        return batches.apply(tf.data.experimental.prefetch_to_device("/GPU:0"))
    return batches.prefetch(tf.data.AUTOTUNE)


HALVES = {"pytorch": pytorch, "tensorflow": tensorflow}
