"""What was measured before under the same conditions, for whatever decision, and taking it over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from advisor.measured.conditions import KnownResult
from probes.results import RunResult
from probes.schema import Priority

if TYPE_CHECKING:
    from advisor.ports import Services


class ReuseError(Exception):
    """What was measured before can't be taken over. The text says why and what to do."""


def offered(known: Sequence[KnownResult], wanted: Collection[str]) -> tuple[KnownResult, ...]:
    """What another decision knows of the ``wanted`` probes and the asking one doesn't, in order of ``known``."""
    own = {item.probe for item in known if item.own}
    return tuple(item for item in known if not item.own and item.probe in wanted and item.probe not in own)


def take_over(services: Services, decision_id: str, items: Sequence[KnownResult]) -> None:
    """Copy the runs behind ``items`` into a decision, each as a run of its own with its rounds and dates.

    What the other decision could have gained by it stays there, as it follows from that decision's answers; verdicts
    that it had a part in are found anew from the rounds. Raises ``ReuseError`` if a run is gone or can't be read anew.
    """
    newest = {item.run_id: item.measured_at for item in sorted(items, key=lambda item: item.measured_at)}
    copies = [_copy(services, run_id) for run_id in sorted(newest, key=newest.__getitem__)]  # the newest comes last
    for copy in copies:
        services.store.adopt(decision_id, copy)


def _copy(services: Services, run_id: str) -> RunResult:
    run = services.store.job(run_id)
    if run is None or run.result is None:
        raise ReuseError("These results are no longer in the store. Measure again.")
    result: RunResult = run.result
    if not result.priority.gains:
        return result
    stated = result.schedule and replace(result.schedule, idle=())
    copy = replace(result, priority=Priority(), schedule=stated)
    try:
        results = services.runner.results(copy.setup, copy.rounds, planned_rounds=copy.planned_rounds)
    except ValueError as error:
        raise ReuseError(f"These rounds can't be read by this version of Fulcrum ({error}). Measure again.") from error
    return replace(copy, results=results)
