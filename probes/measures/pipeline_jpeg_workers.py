"""Feeding a training loop from image files with as many workers as there are cores."""

from __future__ import annotations

import os

from probes.contracts import Bench, SingleValue
from probes.workloads import images, pipelines

SPEC = pipelines.spec(
    "pipeline_jpeg_workers",
    "Input from JPEG files, in parallel",
    "How many images a second does an input pipeline read, decode and scale, with a worker for every core?",
    size="image",
    packages=images.PACKAGES,
    every_core=True,
)


def measure(bench: Bench) -> SingleValue:
    """A pass over 512 files in batches of 64. PyTorch's workers are processes, and start anew with each pass."""
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with images.folder(bench) as files:
        half = images.HALVES[bench.framework]
        return pipelines.passed(bench, lambda: half(files, bench.sizes["image"], workers), images.SAMPLES)
