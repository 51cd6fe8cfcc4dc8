"""What a run goes by, joined where it begins: what was asked, what this machine knows of itself, what the decision
wants (docs/adr/0022)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

from advisor.decision.decide import decide
from advisor.decision.evidence.browser_visits import in_browsers
from advisor.decision.evidence.route_runs import taken_over
from advisor.decision.evidence.scanned_code import with_effort
from advisor.decision.priority import priority
from advisor.effort.estimate import estimate
from advisor.effort.rehearsals import of_code
from advisor.effort.report import EffortReport
from advisor.knowledge import Knowledge, load
from advisor.measured.machines import side_by_side
from advisor.measured.result_sets import Run, result_sets
from advisor.model.decision import Decision
from advisor.queue.kinds import CHECK, REHEARSE, ROUTES, SCAN, CheckRequest
from advisor.records import DecisionRecord, JobKind, Q, R
from probes.check.calibration import expected_device
from probes.schema import Calibration, Device, Priority, RunSetup

if TYPE_CHECKING:
    from advisor.ports import Services, Store


def joined(services: Services, run: Run) -> RunSetup:
    """All that ``run`` goes by. One that was interrupted goes on with what it began with."""
    if run.result is not None:
        return run.result.setup
    request = replace(run.request, interpreters=services.runner.interpreters())
    return RunSetup(request, calibration(services, request.device), _priority(services, run.subject))


def calibration(services: Services, device: Device) -> Calibration:
    """What the newest standard self-check of this very machine teaches a run on ``device``."""
    looked_at = expected_device(device, services.runner.machine())
    known = services.store.done(CHECK, CheckRequest("standard", looked_at).subject)
    return services.runner.calibration(device, known.result if known else None)


def _priority(services: Services, decision_id: str) -> Priority:
    """Of the decision as the pages show it at this moment."""
    record = services.store.decision(decision_id)
    if record is None:
        return Priority()

    def decided() -> Decision:
        """All runs of the decision are read and judged for it: dozens, as the last parts of a sweep begin."""
        here = services.runner.machine().fingerprint
        runs = [services.store.job(job_id) for job_id, _ in services.store.runs(decision_id)]
        measured = result_sets([run for run in runs if run], here=here, judge=services.runner)
        return decide(record.answers, _known(services, record), side_by_side(measured))

    probes = {offer.probe.id for offer in services.runner.catalog()}
    return priority(record.answers, decided, probes)


def _known(services: Services, record: DecisionRecord) -> Knowledge:
    """What is known today, with what was tried on this machine and in browsers, and read of the team's code."""
    here = services.runner.machine().fingerprint
    tried = [run for _, run in _results(services.store, ROUTES) if run.machine.fingerprint == here]
    known = reduce(taken_over, reversed(tried), load(on=services.clock.now().date()))
    return with_effort(in_browsers(known, services.store.visits(record.id)), _effort(services.store, record))


def _effort(store: Store, record: DecisionRecord) -> EffortReport | None:
    """By the newest scan, and what was rehearsed of that code; None without code."""
    scan = next((found for _, found in _results(store, SCAN, record.id)), None)
    if scan is None or scan.report is None:
        return None
    rehearsals = [one for _, one in of_code(scan.report, _results(store, REHEARSE))]
    return estimate(scan.report, record.answers, survival=record.answers.code_parts, rehearsals=rehearsals)


def _results(store: Store, kind: JobKind[Q, R], subject: str | None = None) -> Iterator[tuple[str, R]]:
    """(id of the job, its result), newest first."""
    for job_id, _ in store.finished(kind, subject):
        job = store.job(job_id)
        if job is not None and job.result is not None:
            yield job_id, job.result
