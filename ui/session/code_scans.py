"""What is known of a team's code: the newest scan of the decision that is shown, and what it makes each way cost."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.answers import Answers
from advisor.effort.estimate import estimate
from advisor.effort.rehearsals import MOST, of_code
from advisor.effort.report import EffortReport
from advisor.ports import CodeScan, Store
from advisor.queue.kinds import REHEARSE, SCAN, ScanRequest
from advisor.records import Job
from advisor.scan.report import ScanReport
from probes.rehearsal.schema import Rehearsal
from ui.session import state, stored
from ui.session.versioned import versioned


def latest(now: state.Current) -> Job[ScanRequest, CodeScan] | None:
    """The one that was asked for last, however far it is."""
    return stored.latest(now.services.store, SCAN, now.record.id) if now.record else None


def found(now: state.Current) -> CodeScan | None:
    """What the newest scan found that came to its end; a later one that failed takes nothing away."""
    job = stored.read(now.services.store, key(now))
    return job.result if job else None


def key(now: state.Current) -> stored.Look | None:
    """Tells that scan from all others, for caches."""
    if "code_scan" not in now.worked_out:
        over = now.services.store.finished(SCAN, now.record.id) if now.record else ()
        now.worked_out["code_scan"] = over[0] if over else None
    look: stored.Look | None = now.worked_out["code_scan"]
    return look


def effort(now: state.Current) -> EffortReport | None:
    """What each way costs by that scan, with the team's skills and what it said of each part; None without code."""
    scan = found(now)
    if scan is None or scan.report is None:
        return None
    answers = now.answers
    parts = tuple(sorted(answers.code_parts.items()))
    version = key(now), rehearsed_key(now), answers.team.model_dump_json(), parts
    return _effort(version, scan.report, answers, [one for _, one in _rehearsed(now)])


def rehearsed_key(now: state.Current) -> tuple[stored.Look, ...]:
    """Tells the rehearsals that the estimate goes by from all others, for caches."""
    return tuple(look for look, _ in _rehearsed(now))


def _rehearsed(now: state.Current) -> tuple[tuple[stored.Look, Rehearsal], ...]:
    """What was rehearsed here of this very code, whoever asked for it: a file is known again by its bytes."""
    if "rehearsed" not in now.worked_out:
        scan, store = found(now), now.services.store
        now.worked_out["rehearsed"] = ()
        if scan is not None and scan.report is not None and (looks := store.finished(REHEARSE)[:MOST]):
            now.worked_out["rehearsed"] = _of_code((key(now), looks), store, scan.report, looks)
    of: tuple[tuple[stored.Look, Rehearsal], ...] = now.worked_out["rehearsed"]
    return of


@versioned(most=64)
def _of_code(
    store: Store, report: ScanReport, looks: Sequence[stored.Look]
) -> tuple[tuple[stored.Look, Rehearsal], ...]:
    """The newest of each file."""
    jobs = ((look, stored.read(store, look)) for look in looks)
    return of_code(report, ((look, job.result) for look, job in jobs if job is not None and job.result is not None))


@versioned(most=64)
def _effort(report: ScanReport, answers: Answers, rehearsals: Sequence[Rehearsal]) -> EffortReport:
    return estimate(report, answers, survival=answers.code_parts, rehearsals=rehearsals)
