"""Which end a measurement of a working server must have: what else the machine does may be seen in the trials only."""

from __future__ import annotations

from probes.schema import Outcome
from probes.serving import figures
from probes.serving.schema import ServingRecord


def outcome_by_trials(record: ServingRecord, limit_ms: float) -> Outcome:
    """Too noisy exactly where no rate kept the limit and the client sent late."""
    best, _ = figures.bracket(record.trials, limit_ms / 1e3)
    late = any(figures.disturbed(trial, limit_ms / 1e3) for trial in record.trials)
    return Outcome.TOO_NOISY if best is None and late else Outcome.OK
