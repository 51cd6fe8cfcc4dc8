"""What a run can go by, and what is refused. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from probes import catalog
from probes.budgets import SECONDS
from probes.engine.planning.significance import ENGINE
from probes.schema import Device, RunSetup

SHORTEST, LONGEST = 30.0, 86_400.0
MOST_THREADS = 1024
PACES = (0.1, 20.0)
MARGINS, SPREADS, MOST_FREEDOM = (0.001, 0.5), (0.0005, 0.5), 1000


def validate(setup: RunSetup) -> None:
    """Raise ValueError naming field, value and allowed values if no run can go by it."""
    request, calibration = setup.request, setup.calibration
    if request.model_file is not None:
        catalog.adopt(request.model_file)
    if request.data is not None:
        catalog.adopt_data(request.data)
    for probe_id in request.probes:
        catalog.find(probe_id)
    budget_seconds(request.budget)
    if request.device not in get_args(Device):
        raise ValueError(f"device: {request.device!r}; allowed: {', '.join(get_args(Device))}")
    _whole("threads", request.threads, 1, MOST_THREADS)
    check_seed(request.seed)
    check_range("margin", calibration.margin, *MARGINS)
    check_range("spread", calibration.spread, *SPREADS)
    _whole("spread_freedom", calibration.spread_freedom, 0, MOST_FREEDOM)
    _whole("engine", calibration.engine, 1, ENGINE)
    check_range("pace", calibration.pace, *PACES)
    for probe_id, own in calibration.spreads.items():
        check_range(f"spreads.{catalog.find(probe_id).spec.id}", own, *SPREADS)
    for probe_id, gain in setup.priority.gains.items():
        check_range(f"gains.{catalog.find(probe_id).spec.id}", gain, 0.0, 1.0)
    of_data = (catalog.model(request.data.id).SPEC,) if request.data is not None else ()
    known = {model.id: {size.name: size for size in model.sizes} for model in (*catalog.models(), *of_data)}
    if request.model not in known and request.model_file is None:
        raise ValueError(f"model: {request.model!r} doesn't exist; allowed: {', '.join(known)}")
    for model, sizes in request.sizes.items():
        if model not in known:
            raise ValueError(f"sizes: model {model!r} doesn't exist; allowed: {', '.join(known)}")
        for name, value in sizes.items():
            if name not in known[model]:
                raise ValueError(f"sizes.{model}: {name!r} is not a size; allowed: {', '.join(known[model])}")
            _whole(f"sizes.{model}.{name}", value, known[model][name].low, known[model][name].high)


def budget_seconds(budget: object, named: Mapping[str, float] = SECONDS) -> float:
    """What a budget's name stands for, or the seconds that it is. Raises ValueError for anything else."""
    if isinstance(budget, str):
        if budget not in named:
            raise ValueError(f"budget: {budget!r}; allowed: {', '.join(named)}, or a number of seconds")
        return named[budget]
    if isinstance(budget, bool) or not isinstance(budget, int | float) or not SHORTEST <= budget <= LONGEST:
        raise ValueError(f"budget: {budget!r} seconds; allowed: {SHORTEST:g} to {LONGEST:g}, or {', '.join(SECONDS)}")
    return float(budget)


def check_seed(seed: object) -> None:
    """Raise ValueError naming value and range unless everything random can begin with it."""
    _whole("seed", seed, 0, 2**63 - 1)


def check_range(field: str, value: object, low: float, high: float) -> None:
    """Raise ValueError naming field, value and range unless ``value`` is a number in it; NaN is in none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{field}: {value!r}; allowed: {low:g} to {high:g}")


def _whole(field: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{field}: {value!r}; allowed: a whole number from {low} to {high}")
