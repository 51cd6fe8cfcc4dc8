"""Feeding a training loop from image files with as many workers as there are cores."""

from __future__ import annotations

from probes.contracts import Bench, SingleValue
from probes.workloads import images, pipelines

SPEC = pipelines.spec(
    "pipeline_jpeg_workers",
    "Input from JPEG files, in parallel",
    "How many images a second does an input pipeline read, decode and scale, with a worker for every core?",
    size="image",
    data="jpeg",
    packages=images.PACKAGES,
    every_core=True,
)


def measure(bench: Bench) -> SingleValue:
    """Ten passes over the files in batches of 64. PyTorch's workers are processes that stay."""
    with images.folder(bench) as files:
        loader = images.HALVES[bench.framework](files, bench.sizes["image"], images.workers())
        return pipelines.passed(bench, lambda: loader, len(files), passes=images.PASSES)
