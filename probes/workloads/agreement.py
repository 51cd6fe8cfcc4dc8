"""Do both halves of a model compute the same thing? Asked before any clock starts.

Equal outputs and an equal first step leave much unseen: AdamW's step hardly depends on how long a gradient is, so that
clipping doesn't show; the decay is a ten-thousandth of it; dropout is off, because masks are random; a schedule begins
with the second step. So training is looked at under four settings, each of which shows what the others hide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from probes.contracts import STATISTICS, Bench, Subject, TrainingSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays

#: AdamW's first step is nearly the sign of the gradient, and a gradient that is zero but for rounding (an attention
#: key's bias has none) may have either sign. With this epsilon such weights stay where they are. The learning rate is
#: whole at the first step, then 75 %, 25 % and nothing.
SCHEDULED = TrainingSettings(dropout=0.0, epsilon=1e-5, cosine_steps=3)
#: With so large an epsilon AdamW's step goes with the length of the gradient, which a norm of 0.01 makes so short that
#: the decay is a quarter of the step or more. Without clipping the step is 3 to 50 times as long (measured, all six
#: networks), without the decay 25 to 99 % of it are missing. One step: at later ones Keras' epsilon means less than
#: PyTorch's (see the adapter), and an epsilon so far above the gradients can't be compared.
STRICT = TrainingSettings(dropout=0.0, learning_rate=0.1, weight_decay=0.1, epsilon=1e-3, clip_norm=0.01)
#: Masks that dropout draws, to see the mean and the variance of what comes out of the network.
MASKS = 16

#: Largest absolute difference of logits and of the loss. Float32 sums in another order differ by about 1e-6 here.
OUTPUT_TOLERANCE = 1e-4
#: Largest difference of one step's update, as a share of the update's length (Euclidean norm over all trained
#: weights). Measured for the same network: 0.001-0.009 %, with BatchNorm behind convolutions up to 0.3 %; a learning
#: rate 5 % too high makes 5 %, no label smoothing 13 %. Another GELU or BatchNorm epsilon shows in the outputs.
UPDATE_TOLERANCE = 0.01
#: A weight that the first step moves by this share of the learning rate has a gradient of at least 49 epsilon. What
#: epsilon means at later steps, which differs between the frameworks, matters little to it.
FAR = 0.98
#: Largest difference, by such weights, of what the second and the third step change. Measured: 0.2-0.7 %, up
#: to 1.2 % with wider networks.
SCHEDULE_TOLERANCE = 0.05
#: Largest difference of what a step after the schedule's end changes, as a share of the first step. It is nothing.
END_TOLERANCE = 0.05
#: Largest difference of any other result (gradients, products with a Hessian), as a share of its length over all
#: weights. Measured for the same network: below 1e-6, with BatchNorm behind convolutions 0.06 %.
RESULT_TOLERANCE = 0.01
#: Moving variances may differ by Bessel's correction: PyTorch keeps the unbiased estimate, Keras the biased one.
VARIANCE_TOLERANCE = 0.01
#: Largest distance of dropout's mean and variance, in standard errors over the samples of a batch. Measured: at most
#: 3.1 in 320 pairs of one side with itself, over all six networks; a rate of 0.15 or 0.25 instead of 0.2 shows at 7 to
#: 13, no dropout at 80.
DROPOUT_TOLERANCE = 6.0
#: Largest difference of outputs in mixed bfloat16, as a share of their length. Measured: 0.01-0.7 %.
BFLOAT16_TOLERANCE = 0.05
#: The same of a strict step. Measured: 0.03-1.5 %, and 6-10 % where a convolution's bias sums a gradient over many
#: steps, which TensorFlow does in bfloat16 (each bias is 30-70 % off its own in float32; PyTorch's is 0.5 %).
BFLOAT16_STEP_TOLERANCE = 0.2
#: A side whose outputs in bfloat16 are closer than this to its own in float32 (relative) computed them in float32:
#: numbers of 8 bits are 0.2 % off on the average.
BFLOAT16_ROUNDING = 2e-4


def trained(bench: Bench, batch: int, sizes: Mapping[str, int] | None = None) -> Arrays:
    """All that training consists of: outputs before, steps under a schedule, a strict one, and what dropout does."""
    return one_step(bench, batch, sizes) | strict_step(bench, batch, sizes) | dropout(bench, batch, sizes)


def one_step(bench: Bench, batch: int, sizes: Mapping[str, int] | None = None) -> dict[str, NDArray[Any]]:
    """Outputs before, the loss of the first step, what it changed, what others did until the schedule's end, and how
    much one after it. Without dropout, whose masks are random."""
    subject = bench.build(batch=batch, settings=SCHEDULED, sizes=sizes)
    before = subject.weights()
    outputs, loss = subject.read(subject.predict()), subject.read(subject.train())
    first = _changes(subject, before, "update")
    started = subject.weights()
    for _ in range(SCHEDULED.cosine_steps - 1):
        subject.read(subject.train())
    later = _trained_of(_changes(subject, started, "later_steps"))
    ended = subject.weights()
    subject.read(subject.train())
    rest = _length(_trained_of(_changes(subject, ended, "")).values()) / _length(_trained_of(first).values())
    return {"outputs": outputs, "loss": loss, "schedule_end": np.asarray(rest)} | first | later


def strict_step(
    bench: Bench, batch: int, sizes: Mapping[str, int] | None = None, *, bfloat16: bool = False
) -> dict[str, NDArray[Any]]:
    """What one step changes under much decay, and with gradients that are clipped to next to nothing."""
    settings = replace(STRICT, precision="bfloat16") if bfloat16 else STRICT
    subject = bench.build(batch=batch, settings=settings, sizes=sizes)
    before = subject.weights()
    subject.read(subject.train())
    name = "bfloat16_step" if bfloat16 else "strict_step"
    return _trained_of(_changes(subject, before, name))


def dropout(bench: Bench, batch: int, sizes: Mapping[str, int] | None = None) -> dict[str, NDArray[Any]]:
    """Mean and variance (batch, values) of each logit in training mode, over ``MASKS`` draws."""
    subject = bench.build(batch=batch, sizes=sizes)
    forward = subject.compiled(subject.forward)
    drawn = np.stack([subject.read(forward(subject.x)).astype(np.float64) for _ in range(MASKS)])
    drawn = drawn.reshape(MASKS, batch, -1)
    return {"dropout/mean": drawn.mean(0), "dropout/variance": drawn.var(0, ddof=1)}


def in_bfloat16(bench: Bench, batch: int) -> Arrays:
    """Outputs of training mode in mixed bfloat16, what a strict step changes there, and how far the outputs are from
    this side's own in float32, relative to their length."""
    single, mixed = (
        _forward(bench.build(batch=batch, settings=replace(STRICT, precision=precision)))
        for precision in ("float32", "bfloat16")
    )
    rounding = np.asarray(np.linalg.norm(mixed - single) / np.linalg.norm(single))
    step = strict_step(bench, batch, bfloat16=True)
    return {"bfloat16_outputs/": mixed, "bfloat16_rounding": rounding} | step


def _forward(subject: Subject) -> NDArray[Any]:
    return subject.read(subject.compiled(subject.forward)(subject.x))


def _changes(subject: Subject, before: Arrays, name: str) -> dict[str, NDArray[Any]]:
    after = subject.weights()
    return {f"{name}/{part}": after[part] - before[part] for part in before}


def _trained_of(changes: Arrays) -> dict[str, NDArray[Any]]:
    """Without moving statistics."""
    return {name: change for name, change in changes.items() if not name.endswith(STATISTICS)}


def _length(arrays: Iterable[NDArray[Any]]) -> float:
    """Euclidean norm over all."""
    return float(np.sqrt(sum(np.square(array, dtype=np.float64).sum() for array in arrays)))


#: Largest deviations that are rounding. ``weights`` have none of their own: their update says it better.
LIMITS: Mapping[str, float] = {
    "outputs": OUTPUT_TOLERANCE,
    "loss": OUTPUT_TOLERANCE,
    "update": UPDATE_TOLERANCE,
    "later_steps": SCHEDULE_TOLERANCE,
    "schedule_end": END_TOLERANCE,
    "strict_step": UPDATE_TOLERANCE,
    "dropout": DROPOUT_TOLERANCE,
    "bfloat16_outputs": BFLOAT16_TOLERANCE,
    "bfloat16_step": BFLOAT16_STEP_TOLERANCE,
    "result": RESULT_TOLERANCE,
    "variance": VARIANCE_TOLERANCE,
}
#: All that a record may hold.
NAMES = LIMITS.keys() | {"weights"}
_RELATIVE = ("update", "strict_step", "bfloat16_outputs", "bfloat16_step", "result")


def compare(
    pytorch: Arrays, tensorflow: Arrays, called: tuple[str, str] = ("PyTorch", "TensorFlow")
) -> tuple[dict[str, float], str]:
    """Deviations by name, and why the sides, ``called`` so, don't compare ("" if they do).

    Names: ``outputs``, ``loss``, ``weights`` (largest absolute differences; of weights after one step), ``variance``
    (the same, of moving variances), ``dropout`` (standard errors), all others relative. Which there are depends on what
    the measure checks.
    """
    both = (pytorch, tensorflow)
    if pytorch.keys() != tensorflow.keys():
        first, *more = sorted(pytorch.keys() ^ tensorflow.keys())
        return {}, f"the sides name different arrays: {first}{f' and {len(more)} more' if more else ''}"
    for name in pytorch:
        if pytorch[name].shape != tensorflow[name].shape:
            shapes = (f"{side[name].shape} in {title}" for side, title in zip(both, called, strict=True))
            return {}, f"{name} has shape {', '.join(shapes)}"
        if not (np.isfinite(pytorch[name]).all() and np.isfinite(tensorflow[name]).all()):
            return {}, f"{name} holds values that are not finite"
    deviations = {name: _largest(pytorch, tensorflow, [name]) for name in ("outputs", "loss") if name in pytorch}
    variances = [name for name in pytorch if name.startswith("update/") and name.endswith(".variance")]
    for kind in _RELATIVE:
        if names := [name for name in pytorch if name.startswith(f"{kind}/") and name not in variances]:
            if kind == "update":
                deviations["weights"] = _largest(pytorch, tensorflow, names)
            deviations[kind] = _relative(pytorch, tensorflow, names)
    if "schedule_end" in pytorch:
        deviations |= _under_schedule(pytorch, tensorflow)
    if "dropout/mean" in pytorch:
        deviations["dropout"] = _standard_errors(pytorch, tensorflow)
    if variances:
        deviations["variance"] = _largest(pytorch, tensorflow, variances)
    return deviations, _not_bfloat16(both, called) or disagreement(deviations, called)


def disagreement(deviations: Mapping[str, float], called: tuple[str, str] = ("PyTorch", "TensorFlow")) -> str:
    """What is beyond its limit, in words; "" if nothing is."""
    beyond = [
        f"{name.replace('_', ' ')} by {deviations[name]:.2g} (allowed: {limit:g})"
        for name, limit in LIMITS.items()
        if deviations.get(name, 0.0) > limit
    ]
    return f"{' and '.join(called)} disagree on {', '.join(beyond)}" if beyond else ""


def _under_schedule(pytorch: Arrays, tensorflow: Arrays) -> dict[str, float]:
    """``later_steps``, by the weights that the first step moved far, if there are any; and ``schedule_end``."""
    later = "later_steps/"
    far = {
        name: np.abs(pytorch[name.replace(later, "update/")]) >= FAR * SCHEDULED.learning_rate
        for name in pytorch
        if name.startswith(later)
    }
    ours, theirs = ([side[name][moved] for name, moved in far.items()] for side in (pytorch, tensorflow))
    found = {"schedule_end": abs(float(pytorch["schedule_end"] - tensorflow["schedule_end"]))}
    if length := _length(ours):
        found["later_steps"] = _length(a - b for a, b in zip(ours, theirs, strict=True)) / length
    return found


def _not_bfloat16(both: tuple[Arrays, Arrays], called: tuple[str, str]) -> str:
    """Which side took no notice of the precision; "" if both did, or none was asked to."""
    for side, arrays in zip(called, both, strict=True):
        if "bfloat16_rounding" in arrays and arrays["bfloat16_rounding"] < BFLOAT16_ROUNDING:
            return f"{side}'s outputs in bfloat16 are its outputs in float32: nothing was rounded"
    return ""


def _standard_errors(pytorch: Arrays, tensorflow: Arrays) -> float:
    """How far dropout's variance and mean lie apart, the larger of both, in standard errors over the samples.

    Of each sample: its variances' difference as a share of their sum; and what its means differ by beyond what the
    variances explain, as a share of that. Both are 0 on the average where masks are drawn alike. Logits of a sample
    share their masks, those of different samples don't; hence a sample is what is counted.
    """
    of_mean = np.square(pytorch["dropout/mean"] - tensorflow["dropout/mean"]).mean(1)
    variances = [arrays["dropout/variance"].mean(1) for arrays in (pytorch, tensorflow)]
    total = variances[0] + variances[1]
    rounding = 1e-8 * np.square(pytorch["dropout/mean"]).mean()
    if total.max() <= rounding:
        return 0.0  # no dropout on either side: what else differs shows in the outputs
    total = np.maximum(total, rounding)  # of a sample that no mask changes (units behind a ReLU that are all dead)
    spread, shift = (variances[0] - variances[1]) / total, of_mean / (total / MASKS) - 1

    def errors(values: NDArray[Any]) -> float:
        # Alike sides scatter by more than 0.1; sides that differ all in the same way may not scatter at all.
        return float(values.mean() / max(values.std(ddof=1), 0.1) * len(values) ** 0.5)

    return max(abs(errors(spread)), errors(shift))


def _largest(pytorch: Arrays, tensorflow: Arrays, names: list[str]) -> float:
    return max(float(np.abs(pytorch[n].astype(np.float64) - tensorflow[n]).max(initial=0.0)) for n in names)


def _relative(pytorch: Arrays, tensorflow: Arrays, names: list[str]) -> float:
    """Length of the difference as a share of PyTorch's length; the difference itself where that is zero."""
    length = _length(pytorch[name] for name in names)
    difference = _length(pytorch[name] - tensorflow[name] for name in names)
    return difference / length if length else difference
