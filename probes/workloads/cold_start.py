"""A cold start, clocked part by part: what every new process pays before it can train."""

from __future__ import annotations

from probes.contracts import Bench, Subject

PARTS = ("import_s", "build_s", "first_step_s")


def cold_start(bench: Bench, batch: int) -> tuple[Subject, dict[str, float]]:
    """A subject after its first training step, and the seconds of each of ``PARTS`` in this child.

    The import was clocked when the child loaded the framework; building includes what a framework loads lazily;
    the first step includes tracing.
    """
    start = bench.clock()
    subject = bench.build(batch=batch)
    built = bench.clock()
    with subject.uncached():  # who changed the network has nothing on the disk for it
        subject.read(subject.train())
    figures = (bench.import_seconds, built - start, bench.clock() - built)
    return subject, dict(zip(PARTS, figures, strict=True))
