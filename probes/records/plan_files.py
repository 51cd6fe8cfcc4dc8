"""A plan as a file: what is to be measured on another machine, which has its own calibration and interpreters."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from probes.engine.planning.validation import validate
from probes.records.files import RecordError, contents_of, parsed, understood
from probes.records.sealing import look_at_checksum
from probes.schema import Priority, RunRequest, RunSetup


@dataclass(frozen=True, slots=True)
class MeasurementPlan:
    """What a decision wants measured, fit for any machine: nothing of the one that it was made on."""

    request: RunRequest
    priority: Priority = field(default_factory=Priority)  # what the decision would gain, so that a budget is used well
    kind: Literal["plan"] = "plan"
    schema: Literal[1] = 1

    @classmethod
    def of(cls, request: RunRequest, priority: Priority) -> MeasurementPlan:
        """For whichever machine it is, without the interpreters of the one that asks."""
        return cls(replace(request, interpreters={}, machine=""), priority)


def read_plan(path: Path) -> MeasurementPlan:
    """The plan in ``path``, which can be carried out by this Fulcrum. Raises RecordError."""
    content = contents_of(path)
    fields = parsed(content, str(path), "run --plan")
    if fields.get("kind") != "plan":
        raise RecordError(f"{path} is no plan; allowed: the file that the page «Probes» hands out")
    look_at_checksum(str(path), fields)
    found = understood(content, str(path), MeasurementPlan, "run --plan")
    try:
        validate(RunSetup(found.request, priority=found.priority))
    except ValueError as error:
        raise RecordError(f"{path}: {error}; is this Fulcrum as new as the one that handed the plan out?") from error
    return found
