"""Tokens a second: how fast a text is written, with a cache of keys and values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.contracts import Bench, MeasureSpec, Timed
from probes.workloads.writing import generated, written

if TYPE_CHECKING:
    from probes.contracts import Arrays

#: Tokens of an answer: some sentences.
TOKENS = 64

SPEC = MeasureSpec(
    id="generation_tokens",
    title="Generation",
    question="How many tokens a second does it write, one after the other, with a cache of keys and values?",
    metric=f"tokens written per second, {TOKENS} after the prompt",
    unit="tokens/s",
    better="higher",
    kind="timed",
    work=2.0,
    tracks={"careful": "quick"},
    trains=False,
    generates=True,
    group="Answering",
    samples_per_step=TOKENS,
)


def prepare(bench: Bench) -> Timed:
    """A whole answer: the prompt is read, then token follows token."""
    return written(bench, TOKENS)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: the answer, token by token."""
    return {"outputs": generated(bench, TOKENS)}
