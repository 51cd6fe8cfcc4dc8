"""One step of a team's own model before anything is planned: what it costs, and whether it holds still."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from probes.contracts import Subject, TrainingSettings, UnsupportedError
from probes.model_file import trees
from probes.model_file.own_model import OwnModel

#: Samples of the step, as training is measured.
BATCH: Final = 64
#: A first step that takes so long tells enough, unless it was traced; else it has made ready what later ones need not.
LONG_STEP: Final = 2.0


def step_seconds(
    own: OwnModel, mode: str, seed: int, batch: int = BATCH, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Seconds of a training step, or of a prediction where there are no labels, in ``mode``.

    Raises UnsupportedError for inputs that differ from call to call, answers that change their shape, and a loss that
    is no number.
    """
    steady_inputs(own.drawn, seed, batch)
    subject = own.subject(seed, batch, TrainingSettings(), mode=mode, device="cpu")
    shapes = [subject.read(subject.predict()).shape for _ in range(2)]
    if shapes[0] != shapes[1]:
        raise UnsupportedError(
            f"the model changes the shape of its answer from call to call: {shapes[0]}, then {shapes[1]}"
        )
    step = subject.predict if subject.labels is None else subject.train
    seconds = _clocked(subject, step, clock)
    return seconds if seconds >= LONG_STEP and not subject.traces() else _clocked(subject, step, clock)


def steady_inputs(drawn: Callable[[int, int], tuple[Any, Any]], seed: int, batch: int) -> None:
    """Both sides draw for themselves: the same seed has to give the same batch, and one of the size asked for."""
    import numpy as np

    first, second = ([(place, np.asarray(leaf)) for place, leaf in trees.leaves(drawn(seed, batch))] for _ in range(2))
    if [(place, leaf.shape, leaf.dtype) for place, leaf in first] != [
        (place, leaf.shape, leaf.dtype) for place, leaf in second
    ]:
        raise UnsupportedError("inputs(rng, batch) changes the shapes or types of its arrays from call to call")
    for (place, leaf), (_, other) in zip(first, second, strict=True):
        if leaf.tobytes() != other.tobytes():
            raise UnsupportedError(
                f"inputs(rng, batch) gives other numbers for the same rng (in {place}): draw all of them from rng, "
                "so that both sides get the same batch"
            )
    if not any(batch in leaf.shape for _, leaf in first):
        shapes = ", ".join(str(leaf.shape) for _, leaf in first)
        raise UnsupportedError(f"inputs(rng, {batch}) gives no batch of {batch}: the arrays are {shapes}")


def _clocked(subject: Subject, step: Callable[[], Any], clock: Callable[[], float]) -> float:
    start = clock()
    value = subject.read(step())
    subject.settle()
    seconds = clock() - start
    if subject.labels is not None and not trees.is_finite(value):
        raise UnsupportedError("the loss of a training step is not finite (NaN or infinity)")
    return seconds
