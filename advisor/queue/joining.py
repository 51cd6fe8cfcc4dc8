"""What a run goes by, joined where it begins: what was asked, what this machine knows of itself, what the decision
wants (docs/adr/0022)."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING

from advisor import knowledge
from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.decision.evidence.route_runs import taken_over
from advisor.decision.explain.next_steps import probe_gains
from advisor.measured.result_sets import Run, result_sets
from advisor.model import Decision
from advisor.queue.kinds import CHECK, MEASURE, ROUTES, CheckRequest
from probes.check.calibration import expected_device
from probes.schema import Calibration, Device, Priority, RunSetup

if TYPE_CHECKING:
    from advisor.ports import Services


def joined(services: Services, run: Run) -> RunSetup:
    """All that ``run`` goes by. One that was interrupted goes on with what it began with."""
    if run.result is not None:
        return run.result.setup
    record = services.store.decision(run.subject)
    answers = record.answers if record else Answers()
    wanted = priority(services, answers, lambda: _decision(services, run.subject, answers))
    return RunSetup(run.request, calibration(services, run.request.device), wanted)


def calibration(services: Services, device: Device) -> Calibration:
    """What the newest standard self-check of this very machine teaches a run on ``device``."""
    looked_at = expected_device(device, services.runner.machine())
    known = services.store.done(CHECK, CheckRequest("standard", looked_at).subject)
    return services.runner.calibration(device, known.result if known else None)


def priority(services: Services, answers: Answers, decision: Callable[[], Decision]) -> Priority:
    """What knowing each probe better would gain the decision; nothing was answered yet: all count alike."""
    if answers == Answers():
        return Priority()
    return Priority(probe_gains(decision().next_steps, {offer.probe.id for offer in services.runner.catalog()}))


def _decision(services: Services, decision_id: str, answers: Answers) -> Decision:
    """As the pages show it at this moment."""
    here = services.runner.machine().fingerprint
    jobs = [services.store.job(job_id) for job_id, _ in reversed(services.store.finished(ROUTES))]
    tried = [job.result for job in jobs if job and job.result and job.result.machine.fingerprint == here]
    known = reduce(taken_over, tried, knowledge.load(on=services.clock.now().date()))
    runs = [services.store.job(job_id) for job_id, _ in services.store.history(MEASURE, decision_id)]
    bodies = result_sets([run for run in runs if run], here=here)
    return decide(answers, known, bodies[0].result if bodies else None)
