"""What is known of a team's code: the newest scan of the decision that is shown, and what it makes each way cost."""

from __future__ import annotations

from advisor.answers import Answers
from advisor.effort.estimate import estimate
from advisor.effort.report import EffortReport
from advisor.ports import CodeScan
from advisor.queue.kinds import SCAN, ScanRequest
from advisor.records import Job
from advisor.scan.report import ScanReport
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
    version = key(now), answers.team.model_dump_json(), tuple(sorted(answers.code_parts.items()))
    return _effort(version, scan.report, answers)


@versioned(most=64)
def _effort(report: ScanReport, answers: Answers) -> EffortReport:
    return estimate(report, answers, survival=answers.code_parts)
