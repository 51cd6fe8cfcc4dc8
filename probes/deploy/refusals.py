"""What each way out would refuse of a team's own model, as far as its inputs and halves tell: nothing is exported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from probes.catalog import NONE
from probes.contracts import UnsupportedError
from probes.deploy import catalog
from probes.deploy.schema import Way, WayAvailability
from probes.engine.running.interpreters import SidePythons
from probes.model_file import templates
from probes.schema import TITLES, Outcome
from probes.team_files import ModelFile

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Its shape for a batch of ``BATCH``, and its dtype.
_Array = tuple[tuple[int, ...], str]
BATCH: Final = 2


def refusals(
    file: ModelFile, inputs: Sequence[_Array], outputs: Sequence[_Array], pythons: SidePythons = NONE
) -> tuple[WayAvailability, ...]:
    """Every way of ``catalog.availability``; unsupported with the reason where it wouldn't take this model. ``inputs``
    by place and ``outputs``: what the file said that they are, none where that isn't known."""
    common = _common(inputs)
    return tuple(
        replace(offer, outcome=Outcome.UNSUPPORTED, reason=reason) if reason else offer
        for offer in catalog.availability(pythons)
        for reason in [_of_half(file, offer.way) or offer.reason or common or _of_way(offer.way, inputs, outputs)]
    )


def _of_half(file: ModelFile, way: Way) -> str:
    if way.framework in file.sides:
        return ""
    return f"{file.name} has no half for {TITLES[way.framework]}"


def _common(inputs: Sequence[_Array]) -> str:
    """What no way takes."""
    if not inputs:
        return ""
    try:
        templates.template(_zeros(inputs), BATCH)
    except UnsupportedError as error:
        return str(error)
    return ""


def _of_way(way: Way, inputs: Sequence[_Array], outputs: Sequence[_Array]) -> str:
    look_at = getattr(catalog.modules()[way.route], "look_at", None)
    if look_at is None or not inputs or not outputs:
        return ""
    try:
        look_at(_zeros(inputs), _zeros(outputs))
    except UnsupportedError as error:
        return str(error)
    return ""


def _zeros(arrays: Sequence[_Array]) -> tuple[NDArray[Any], ...]:
    """64-bit floats go out as 32-bit ones."""
    import numpy as np

    return tuple(np.zeros(shape, "float32" if dtype == "float64" else dtype) for shape, dtype in arrays)
