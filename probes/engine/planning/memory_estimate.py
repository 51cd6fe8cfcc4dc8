"""What a network needs in memory, from its sizes alone: asked before anything is built."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import ModuleType
from typing import Final

from probes import catalog
from probes.engine.planning import plan, validation
from probes.places import titles
from probes.schema import RunRequest, RunSetup
from probes.team_files import ModelFile

#: Samples whose values a step keeps at most: prediction takes 256 at once and keeps little, training 64 and keeps twice
#: as much, values and their gradients.
BATCH: Final = 256
#: A weight, its gradient, and the two moments of AdamW.
_PER_WEIGHT: Final = 4
_FLOAT: Final = 4  # bytes
#: Steps on each side that come before a first ratio: warming up takes 12, the fewest superblocks 14, building one.
_FEWEST_STEPS: Final = 27 * plan.FEWEST_ROUNDS * plan.LEAST_INSTANCES
#: ``MeasureSpec.work`` of a training step, which is what is tried when a file is looked at.
_STEP_WORK: Final = 2.0
#: What a process with a framework in it takes before it builds anything.
FRAMEWORK: Final = 700 * 2**20


def needed(model: ModuleType, sizes: Mapping[str, int]) -> int:
    """Bytes that a process needs about, the framework included."""
    if model.SPEC.own:
        return FRAMEWORK + max(model.FILE.step_bytes.values(), default=0)
    weights, kept = (int(number) for number in model.floats(sizes))
    return FRAMEWORK + _FLOAT * (_PER_WEIGHT * weights + BATCH * kept)


def side_by_side(model: ModuleType, sizes: Mapping[str, int], memory_bytes: int) -> int:
    """How many networks of these sizes both sides can hold at once in so much memory, at least one."""
    one = max(1, needed(model, sizes) - FRAMEWORK)
    return max(1, (memory_bytes // 2 - FRAMEWORK) // one)


def validate(setup: RunSetup, memory_bytes: int) -> None:
    """As ``validation.validate``; and raise ValueError if a network of these sizes can't fit into so much memory, or
    a step of a team's own takes so long that no budget of this size has time for a ratio."""
    validation.validate(setup)
    if setup.request.model_file is not None:
        _validate_own(setup.request, setup.request.model_file, memory_bytes)
    for name in setup.request.sizes:
        model = catalog.model(name)
        sizes = model.SPEC.sized(setup.request.sizes)
        if (bytes_ := needed(model, sizes)) > memory_bytes:
            raise ValueError(
                f"sizes.{name}: {', '.join(f'{size} {value}' for size, value in sizes.items())} needs about "
                f"{gib(bytes_)}; allowed: what fits into the {gib(memory_bytes)} of this machine"
            )


def _validate_own(request: RunRequest, file: ModelFile, memory_bytes: int) -> None:
    """By what a step took when the file was looked at: better refused here than after the budget is spent."""
    took = len(file.step_bytes) * FRAMEWORK + sum(file.step_bytes.values())  # both sides live at the same time
    if took > memory_bytes:
        raise ValueError(
            f"model_file: a step of {file.title} needs about {gib(took)} on all sides together; allowed: what fits "
            f"into the {gib(memory_bytes)} of this machine. Make the model smaller"
        )
    seconds = validation.budget_seconds(request.budget)
    works = [catalog.find(probe).measure_spec.work for probe in request.probes]
    number = math.ceil(_FEWEST_STEPS * min(max(works, default=_STEP_WORK), _STEP_WORK) / _STEP_WORK)
    least = number * sum(file.step_seconds.values())
    if least > seconds:
        called = titles(request.interpreters)
        steps = " and ".join(f"{step:.3g} s in {called[side]}" for side, step in file.step_seconds.items())
        raise ValueError(
            f"budget: {seconds:g} s; allowed: {least:.0f} s or more, because a step of {file.title} takes {steps}, and "
            f"the shortest run takes as long as {number} of them. Make the model smaller, or give it that time"
        )


def gib(bytes_: int) -> str:
    """«0.7 GiB», «24 GiB»."""
    size = bytes_ / 2**30
    return f"{size:.1f} GiB" if size < 10 else f"{size:,.0f} GiB"
