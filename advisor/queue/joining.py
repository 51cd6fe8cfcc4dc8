"""What a run goes by, joined where it begins: what was asked, what this machine knows of itself, what the decision
wants (docs/adr/0022)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from advisor.decision.priority import decision_of, priority
from advisor.measured.machines import side_by_side
from advisor.measured.result_sets import Run, result_sets
from advisor.queue.kinds import CHECK, ROUTES, CheckRequest
from probes.check.calibration import expected_device
from probes.schema import Calibration, Device, Priority, RunSetup

if TYPE_CHECKING:
    from advisor.ports import Services


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
    here = services.runner.machine().fingerprint
    jobs = [services.store.job(job_id) for job_id, _ in reversed(services.store.finished(ROUTES))]
    tried = [job.result for job in jobs if job and job.result and job.result.machine.fingerprint == here]
    runs = [services.store.job(job_id) for job_id, _ in services.store.runs(decision_id)]
    measured = result_sets([run for run in runs if run], here=here, judge=services.runner)
    result, day = side_by_side(measured), services.clock.now().date()
    probes = {offer.probe.id for offer in services.runner.catalog()}
    return priority(record.answers, lambda: decision_of(record.answers, tried, result, day=day), probes)
