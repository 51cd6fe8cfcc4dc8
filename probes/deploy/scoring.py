"""How often a network and what was made of it are right on a team's own labelled samples. Only the number is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from probes.deploy import batches
from probes.deploy.batches import Leaves
from probes.deploy.schema import BATCHES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.engine.child.command_loop import Reply

FILE: Final = "scored.npz"
#: Samples at the most, and what they may take of memory and of each way's time. A share of 2,000 is good to two points.
MOST: Final = 2_000
MOST_BYTES: Final = 2**27
MOST_SECONDS: Final = 30.0


def number(left: int, bytes_each: int, tray_seconds: float) -> int:
    """How many of ``left`` samples are asked, one tray at the least."""
    fitting = MOST_BYTES // max(1, bytes_each)
    timely = BATCHES[-1] * int(MOST_SECONDS / max(tray_seconds, 1e-6))
    return min(left, MOST, max(BATCHES[-1], min(fitting, timely)))


def keep(folder: Path, leaves: Leaves, labels: NDArray[Any]) -> None:
    """Into a file of ``folder`` what ``right`` asks: inputs by place, and a class for each."""
    batches.keep(folder / FILE, leaves, (), labels)


def right(path: Path, predict: Callable[[Leaves], NDArray[Any]]) -> Reply:
    """For how many samples of the file the largest of the scores is its class's. ``predict`` takes full trays only, as
    some artefacts do, and gives (n, classes)."""
    import numpy as np

    asked, tray, found = batches.read(path), BATCHES[-1], 0
    with np.load(path) as kept:
        labels = kept["labels"]
    for start in range(0, len(labels), tray):
        expected = labels[start : start + tray]
        scores = predict(batches.resized(batches.rows(asked, start, start + tray), tray))
        found += int((scores[: len(expected)].argmax(axis=1) == expected).sum())
    return {"right": found, "scored": len(labels)}
