"""Do both halves of a model compute the same thing? Asked before any clock starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from probes.contracts import Bench, TrainingSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays

#: Largest absolute difference of logits and of the loss. Float32 sums in another order differ by about 1e-6 here.
OUTPUT_TOLERANCE = 1e-4
#: AdamW's first step is nearly the sign of the gradient, and a gradient that is zero but for rounding (an attention
#: key's bias has none) may have either sign. With this epsilon such weights stay where they are.
EPSILON = 1e-5
#: Largest difference of one step's update, as a share of the update's length (Euclidean norm over all trained
#: weights). Measured for the same network: 0.001-0.009 %, with BatchNorm behind convolutions up to 0.3 %; a learning
#: rate 5 % too high makes 5 %, no label smoothing 13 %. Another GELU or BatchNorm epsilon shows in the outputs.
UPDATE_TOLERANCE = 0.01
#: Largest difference of any other result (gradients, products with a Hessian), as a share of its length over all
#: weights. Measured for the same network: below 1e-6, with BatchNorm behind convolutions 0.06 %.
RESULT_TOLERANCE = 0.01
#: Moving variances may differ by Bessel's correction: PyTorch keeps the unbiased estimate, Keras the biased one.
VARIANCE_TOLERANCE = 0.01


def one_step(bench: Bench, batch: int, sizes: Mapping[str, int] | None = None) -> Arrays:
    """Outputs before, the loss of one training step, and what it changed. Without dropout, whose masks are random."""
    subject = bench.build(batch=batch, settings=TrainingSettings(dropout=0.0, epsilon=EPSILON), sizes=sizes)
    before = subject.weights()
    outputs, loss = subject.read(subject.predict()), subject.read(subject.train())
    after = subject.weights()
    return {"outputs": outputs, "loss": loss} | {f"update/{name}": after[name] - before[name] for name in before}


def compare(pytorch: Arrays, tensorflow: Arrays) -> tuple[dict[str, float], str]:
    """Deviations by name, and why the sides don't compare ("" if they do).

    Names: ``outputs``, ``loss``, ``weights`` (largest absolute differences; of weights after one step),
    ``update``, ``result`` (relative, see above), ``variance``. Which there are depends on what the measure checks.
    """
    if pytorch.keys() != tensorflow.keys():
        return {}, f"the sides name different arrays: {sorted(pytorch.keys() ^ tensorflow.keys())}"
    for name in pytorch:
        if pytorch[name].shape != tensorflow[name].shape:
            return {}, f"{name} has shape {pytorch[name].shape} in PyTorch, {tensorflow[name].shape} in TensorFlow"
        if not (np.isfinite(pytorch[name]).all() and np.isfinite(tensorflow[name]).all()):
            return {}, f"{name} holds values that are not finite"
    deviations = {name: _largest(pytorch, tensorflow, [name]) for name in ("outputs", "loss") if name in pytorch}
    updates = [name for name in pytorch if name.startswith("update/")]
    variances = [name for name in updates if name.endswith(".variance")]
    trained = [name for name in updates if name not in variances]
    if trained:
        deviations["weights"] = _largest(pytorch, tensorflow, trained)
        deviations["update"] = _relative(pytorch, tensorflow, trained)
    if results := [name for name in pytorch if name.startswith("result/")]:
        deviations["result"] = _relative(pytorch, tensorflow, results)
    if variances:
        deviations["variance"] = _largest(pytorch, tensorflow, variances)
    return deviations, _verdict(deviations)


def _verdict(deviations: Mapping[str, float]) -> str:
    limits = {
        "outputs": OUTPUT_TOLERANCE,
        "loss": OUTPUT_TOLERANCE,
        "update": UPDATE_TOLERANCE,
        "result": RESULT_TOLERANCE,
        "variance": VARIANCE_TOLERANCE,
    }
    beyond = [
        f"{name} by {deviations[name]:.2g} (allowed: {limit:g})"
        for name, limit in limits.items()
        if deviations.get(name, 0.0) > limit
    ]
    return f"PyTorch and TensorFlow disagree on {', '.join(beyond)}" if beyond else ""


def _largest(pytorch: Arrays, tensorflow: Arrays, names: list[str]) -> float:
    return max(float(np.abs(pytorch[n].astype(np.float64) - tensorflow[n]).max(initial=0.0)) for n in names)


def _relative(pytorch: Arrays, tensorflow: Arrays, names: list[str]) -> float:
    """Length of the difference as a share of PyTorch's length; the difference itself where that is zero."""

    def norm(arrays: Iterable[NDArray[Any]]) -> float:
        return float(np.sqrt(sum(np.square(array, dtype=np.float64).sum() for array in arrays)))

    length = norm(pytorch[name] for name in names)
    difference = norm(pytorch[name] - tensorflow[name] for name in names)
    return difference / length if length else difference
