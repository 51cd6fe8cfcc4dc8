"""Time to the first token: how long until a text that somebody waits for begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.contracts import Bench, MeasureSpec, Timed
from probes.workloads.writing import written

if TYPE_CHECKING:
    from probes.contracts import Arrays

SPEC = MeasureSpec(
    id="generation_first_token",
    title="Time to first token",
    question="How long does it take from the prompt to the first token of the answer?",
    metric="time until the first token",
    unit="s",
    better="lower",
    kind="timed",
    work=0.2,
    tracks={"careful": "quick"},
    trains=False,
    generates=True,
    group="Answering",
)


def prepare(bench: Bench) -> Timed:
    """The prompt is read and one token is written, by what each side's library offers users for it."""
    return written(bench, 1)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: what is likely to come next, at every place of the prompt."""
    subject = bench.build(batch=1)
    return {"outputs": subject.read(subject.predict())}
