"""What TensorFlow.js' own training is: it works, and by which factor it is slower than TensorFlow's."""

from __future__ import annotations

from statistics import median

from advisor.measured.browser_training import sentence
from advisor.wording.quantities import number, quantity
from probes.in_browser.schema import TrainingRecord
from probes.results import RunResult
from probes.schema import Outcome


def words(made: TrainingRecord, run: RunResult | None, *, software: bool = False) -> str:
    """How it went, and the factor where ``run`` has TensorFlow's step for the same network.

    ``software``: the browser's GPU is played by the processor.
    """
    said = sentence(made, software=software)
    if made.outcome is not Outcome.OK:
        return said
    said += " It counts for nothing. "
    server = _outside(run)
    if run is None or server is None:
        return said + "Measure «Training step» on the page Probes to see what TensorFlow takes for it elsewhere."
    slower = median(made.step_s) / server
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
