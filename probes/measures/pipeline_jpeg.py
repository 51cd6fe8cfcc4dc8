"""Feeding a training loop from image files, in the process that trains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.contracts import Bench, SingleValue
from probes.workloads import images, pipelines

if TYPE_CHECKING:
    from probes.contracts import Arrays

SPEC = pipelines.spec(
    "pipeline_jpeg",
    "Input from JPEG files",
    "How many images a second does an input pipeline read, decode and scale, without workers?",
    size="image",
    data="jpeg",
    packages=images.PACKAGES,
)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: the decoded pixels; scaling may round them by one of 255 levels."""
    agreed = pipelines.agreed_on_images if bench.own_data else pipelines.agreed
    with images.folder(bench) as files:
        delivered = agreed(lambda: images.HALVES[bench.framework](files, bench.sizes["image"], 0))
    if bench.own_data:
        return delivered
    return {"result/pixels": delivered["outputs"], "result/counts": delivered["result/counts"]}


def measure(bench: Bench) -> SingleValue:
    """A pass over the files in batches of 64."""
    with images.folder(bench) as files:
        half = images.HALVES[bench.framework]
        return pipelines.passed(bench, lambda: half(files, bench.sizes["image"], 0), len(files))
