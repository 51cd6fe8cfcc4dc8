"""Training that is fed by its own input pipeline: what a step takes when its batch has to be read first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.contracts import Bench, MeasureSpec, SingleValue
from probes.workloads import images, pipelines
from probes.workloads.agreement import trained

if TYPE_CHECKING:
    from probes.contracts import Arrays

SPEC = MeasureSpec(
    id="train_from_jpeg",
    title="Training from JPEG files",
    question="How many images a second does training take in, when workers read, decode and scale them meanwhile?",
    metric="samples per second trained",
    unit="samples/s",
    better="higher",
    kind="fresh",
    tracks={"careful": "thorough"},
    group=pipelines.GROUP,
    sizes=("image",),
    packages=images.PACKAGES,
    every_core=True,
    seconds={"careful": 20.0},
    spread=0.2,  # as of the pipeline alone
)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: all of training."""
    return trained(bench, pipelines.BATCH)


def measure(bench: Bench) -> SingleValue:
    """Passes over 512 files after one that isn't clocked. ``waiting_share``: of the time, that the loop waited for its
    next batch; the rest is placing it and the step. Either pipeline hands over labels as its side's loss wants them.
    """
    with images.folder(bench) as files:
        loader = images.HALVES[bench.framework](files, bench.sizes["image"], images.workers(), bench.device)
        # As many classes as the files have labels, whatever the run's network has.
        subject = bench.build(batch=pipelines.BATCH, sizes={"classes": images.CLASSES})
        waited = 0.0

        def epoch() -> None:
            nonlocal waited
            batches, loss = iter(loader), None
            while True:
                start = bench.clock()
                batch = next(batches, None)
                waited += bench.clock() - start
                if batch is None:
                    break
                loss = subject.train_on(*subject.place(*batch))
            subject.read(loss)

        epoch()
        waited, start = 0.0, bench.clock()
        for _ in range(images.PASSES):
            epoch()
        seconds = bench.clock() - start
    return SingleValue(
        images.PASSES * images.SAMPLES / seconds,
        {"pass_s": seconds / images.PASSES, "waiting_share": waited / seconds},
    )
