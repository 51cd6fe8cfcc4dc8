"""What became of TensorFlow.js' own training in a browser, in words."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Final

from advisor.wording.quantities import quantity
from probes.in_browser.schema import TRAINING_BATCH, TrainingRecord
from probes.schema import Outcome

_ON: Final[Mapping[str, str]] = {"webgl": "the GPU by WebGL", "cpu": "the processor, in plain JavaScript"}


def sentence(made: TrainingRecord, *, software: bool = False) -> str:
    """How it went. ``software``: the browser's GPU is played by the processor."""
    if made.outcome is not Outcome.OK:
        return f"{made.outcome.value}: {made.reason}"
    on = "WebGL, played by the processor" if software and made.backend == "webgl" else _ON[made.backend]
    return (
        f"It works: a step of {TRAINING_BATCH} inputs takes {quantity(median(made.step_s), 's')} on {on}, and the loss "
        f"went from {made.first_loss:.2f} to {made.last_loss:.2f}."
    )
