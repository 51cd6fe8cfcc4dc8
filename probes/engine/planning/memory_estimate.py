"""What a network needs in memory, from its sizes alone: asked before anything is built."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Final

from probes import catalog
from probes.engine.planning import plan
from probes.schema import RunSetup

#: Samples whose values a step keeps at most: prediction takes 256 at once and keeps little, training 64 and keeps twice
#: as much, values and their gradients.
BATCH: Final = 256
#: A weight, its gradient, and the two moments of AdamW.
_PER_WEIGHT: Final = 4
_FLOAT: Final = 4  # bytes
#: What a process with a framework in it takes before it builds anything.
FRAMEWORK: Final = 700 * 2**20


def needed(model: ModuleType, sizes: Mapping[str, int]) -> int:
    """Bytes that a process needs about, the framework included."""
    weights, kept = (int(number) for number in model.floats(sizes))
    return FRAMEWORK + _FLOAT * (_PER_WEIGHT * weights + BATCH * kept)


def side_by_side(model: ModuleType, sizes: Mapping[str, int], memory_bytes: int) -> int:
    """How many networks of these sizes both sides can hold at once in so much memory, at least one."""
    one = needed(model, sizes) - FRAMEWORK
    return max(1, (memory_bytes // 2 - FRAMEWORK) // one)


def validate(setup: RunSetup, memory_bytes: int) -> None:
    """As ``plan.validate``; and raise ValueError if a network of these sizes can't fit into so much memory."""
    plan.validate(setup)
    for name in setup.request.sizes:
        model = catalog.modules()[name]
        sizes = model.SPEC.sized(setup.request.sizes)
        if (bytes_ := needed(model, sizes)) > memory_bytes:
            raise ValueError(
                f"sizes.{name}: {', '.join(f'{size} {value}' for size, value in sizes.items())} needs about "
                f"{gib(bytes_)}; allowed: what fits into the {gib(memory_bytes)} of this machine"
            )


def gib(bytes_: int) -> str:
    """«0.7 GiB», «24 GiB»."""
    size = bytes_ / 2**30
    return f"{size:.1f} GiB" if size < 10 else f"{size:,.0f} GiB"
