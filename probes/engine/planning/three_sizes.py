"""A network at three sizes: as asked for, with eight times the weights, and as large as may be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

from probes.engine.planning.memory_estimate import gib, needed
from probes.schema import ModelSpec

FACTOR = 8  # in weights: at default sizes calling the operations takes longer than what they compute
#: In weights; a step grows about as they do, and beyond this one takes seconds on a core.
MOST = 64
#: Of the machine's memory, for the two processes of a pair together.
SHARE = 0.5
_FINENESS = 16  # widths grow in steps of a sixteenth


@dataclass(frozen=True, slots=True)
class ThreeSizes:
    """Sets of sizes by the number of weights, growing; ``note`` says why there are fewer than three, or less far."""

    sizes: Mapping[int, Mapping[str, int]]
    note: str = ""


def three_sizes(model: ModuleType, sizes: Mapping[str, int], memory_bytes: int) -> ThreeSizes:
    """``sizes``, then those with about ``FACTOR`` and at most ``MOST`` times the weights.

    What grows are the model's ``widths``, all by one factor, up to their bounds and to what a pair of processes may
    take of ``memory_bytes``. A set that isn't twice as large as the one before it is left out.
    """
    spec: ModelSpec = model.SPEC
    found = {_weights(model, sizes): dict(sizes)}
    (start,) = found
    reasons: list[str] = []
    for factor in (FACTOR, MOST):
        grown, weights, stop = _largest(model, sizes, factor * start, memory_bytes)
        if weights > 2 * max(found):
            found[weights] = grown
        if stop:
            reasons.append(stop)
    if not spec.widths:
        reasons = ["none of this network's sizes is stated to be a width"]
    return ThreeSizes(found, f"grows no further: {reasons[-1]}" if reasons else "")


def _largest(
    model: ModuleType, sizes: Mapping[str, int], most: int, memory_bytes: int
) -> tuple[dict[str, int], int, str]:
    """The largest sizes with at most ``most`` weights that fit, how many they have, and what else stood in the way."""
    best, step, stop = dict(sizes), 0, ""
    while True:
        step += 1
        grown = _grown(model.SPEC, sizes, 1 + step / _FINENESS)
        if grown == best and grown == _grown(model.SPEC, sizes, 1e9):
            stop = "its widths are as large as they may be"
            break
        if _weights(model, grown) > most:
            break
        if 2 * needed(model, grown) > SHARE * memory_bytes:
            stop = f"a pair of processes may take half of the {gib(memory_bytes)} of this machine"
            break
        best = grown
    return best, _weights(model, best), stop


def _grown(spec: ModelSpec, sizes: Mapping[str, int], factor: float) -> dict[str, int]:
    high = {size.name: size.high for size in spec.sizes if size.name in spec.widths}
    return {
        name: max(value, min(high[name], round(value * factor))) if name in high else value
        for name, value in sizes.items()
    }


def _weights(model: ModuleType, sizes: Mapping[str, int]) -> int:
    return int(model.floats(sizes)[0])
