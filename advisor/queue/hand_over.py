"""A run that another machine measured, brought as a file: looked at from all sides, then one of a decision's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.lifecycle.wheels import never_released
from advisor.measured.result_sets import Run
from advisor.queue.kinds import MEASURE
from advisor.wording.quantities import counted
from probes.records import RecordError
from probes.records.trusting import shared_rounds, trusted

if TYPE_CHECKING:
    from advisor.ports import Services

#: Runs that a decision takes as files: as many as its evidence is looked for in.
MOST: Final = MEASURE.kept


class HandOverError(Exception):
    """A record isn't taken. The text says why, and what would be."""


def hand_over(services: Services, decision_id: str, content: bytes, name: str) -> Run:
    """Keep the run in a file's ``content`` as one of the decision's; ``name``: what the file is called.

    Raises HandOverError: for what ``trusted`` refuses, for versions that nobody released, for rounds that the decision
    has already, and while a measurement of the decision is under way.
    """
    try:
        result = trusted(content, name)
    except RecordError as error:
        raise HandOverError(str(error)) from error
    if wrong := never_released(result.machine.versions):
        raise HandOverError(f"{name}: {wrong} was never released: the record was edited")
    held = [run.result for run in _runs(services, decision_id) if run.result is not None]
    for other in held:
        if number := shared_rounds(result, other):
            raise HandOverError(
                f"{name}: {counted(number, 'round')} of it {'are' if number > 1 else 'is'} part of this decision "
                "already: they would count twice"
            )
    if sum(bool(other.file) for other in held) >= MOST:
        raise HandOverError(
            f"{name}: {MOST} records were handed over for this decision already; that is as many as count"
        )
    latest = services.store.latest(MEASURE, decision_id)
    if latest is not None and latest.active:
        raise HandOverError(f"{name}: a measurement of this decision is under way: hand it over when that has ended")
    return services.store.adopt(decision_id, result)


def _runs(services: Services, decision_id: str) -> list[Run]:
    looks = services.store.runs(decision_id)
    return [run for job_id, _ in looks if (run := services.store.job(job_id)) is not None]
