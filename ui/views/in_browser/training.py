"""What TensorFlow.js' own training is: it works, and by which factor it is slower than TensorFlow's."""

from __future__ import annotations

from statistics import median

from advisor.wording.quantities import number, quantity
from probes.in_browser.schema import TRAINING_BATCH, TrainingRecord
from probes.results import RunResult
from probes.schema import Outcome

_ON = {"webgl": "the GPU by WebGL", "cpu": "the processor, in plain JavaScript"}


def words(made: TrainingRecord, run: RunResult | None, *, software: bool = False) -> str:
    """One sentence, and a second one with the factor where ``run`` has TensorFlow's step for the same network.

    ``software``: the browser's GPU is played by the processor.
    """
    if made.outcome is not Outcome.OK:
        return f"{made.outcome.value}: {made.reason}"
    step = median(made.step_s)
    on = "WebGL, played by the processor" if software and made.backend == "webgl" else _ON[made.backend]
    said = (
        f"It works: a step of {TRAINING_BATCH} inputs takes {quantity(step, 's')} on {on}, and the loss "
        f"went from {made.first_loss:.2f} to {made.last_loss:.2f}. It counts for nothing. "
    )
    server = _outside(run)
    if run is None or server is None:
        return said + "Measure «Training step» on the page Probes to see what TensorFlow takes for it elsewhere."
    slower = step / server
    compared = f"{number(slower)} times as long as" if slower >= 1 else f"{number(slower)} of the time of"
    return said + (
        f"That is {compared} TensorFlow on {run.machine.name}: {quantity(server, 's')} for the same network and batch, "
        "clipping and AdamW included."
    )


def _outside(run: RunResult | None) -> float | None:
    """Seconds of TensorFlow's fastest training step of the article's network; None where it wasn't measured."""
    rows = [row for row in (run.results if run else ()) if (row.model, row.measure) == ("mlp", "train_step")]
    sides = [side for row in rows if (side := row.sides.get("tensorflow")) is not None]
    return min((side.median for side in sides if side.median), default=None)
