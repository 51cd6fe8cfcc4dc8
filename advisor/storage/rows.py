"""Rows to records and back. Times are UTC, kept without a zone because SQLite knows none."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, cast, overload

from sqlalchemy import Row

from advisor.answers import Answers
from advisor.model import DecisionRecord, ExecutorStatus, Requester, RunRecord, RunStatus
from advisor.queue.kinds import KINDS, Glance, Job, JobKind, JobStatus, Q, R
from advisor.storage.tables import DecisionRow, ExecutorRow, JobRow, RunRow
from advisor.wording.plain import STORED
from probes.schema import RunRequest, RunResult, from_json, to_json


def token(size: int) -> str:
    """Unguessable, of ``size`` random bytes, for URLs and for command lines: «-» in front would be an option there."""
    while (made := secrets.token_urlsafe(size)).startswith("-"):
        pass
    return made


def utc(moment: datetime) -> datetime:
    """As it is stored."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def answers_json(answers: Answers) -> str:
    """As the answers file has it, in JSON."""
    return answers.model_dump_json(by_alias=True)


def decision_record(row: DecisionRow, editors: Iterable[str] = ()) -> DecisionRecord:
    """The record of a row."""
    return DecisionRecord(
        id=row.id,
        edit_key=row.edit_key,
        owner=row.owner,
        version=row.version,
        answers=Answers.model_validate_json(row.answers, context=STORED),
        created_at=row.created_at.replace(tzinfo=UTC),
        updated_at=row.updated_at.replace(tzinfo=UTC),
        editors=frozenset(editors),
    )


def run_row(decision_id: str, request: RunRequest, by: Requester, now: datetime, **changes: Any) -> RunRow:
    """A new run that waits, but for what ``changes`` says of it. ``now`` is as it is stored."""
    values: dict[str, Any] = {
        "status": "queued",
        "message": "Waiting for the executor",
        "reason": "",
        "fraction": 0.0,
        "planned_rounds": 0,
        "finished_rounds": 0,
        "cancel_requested": False,
        "attempts": 0,
        "worker": "",
        "result": None,
        "taken_over": False,
    }
    return RunRow(
        id=token(12),
        decision_id=decision_id,
        version=1,
        request=to_json(request),
        created_at=now,
        updated_at=now,
        queued_at=now,
        owner=by.browser,
        address=by.address,
        **(values | changes),
    )


def run_record(row: RunRow) -> RunRecord:
    """The record of a row."""
    return RunRecord(
        id=row.id,
        decision_id=row.decision_id,
        status=cast(RunStatus, row.status),
        version=row.version,
        request=from_json(RunRequest, row.request),
        reason=row.reason,
        message=row.message,
        fraction=row.fraction,
        planned_rounds=row.planned_rounds,
        finished_rounds=row.finished_rounds,
        cancel_requested=row.cancel_requested,
        attempts=row.attempts,
        result=from_json(RunResult, row.result) if row.result else None,
        created_at=row.created_at.replace(tzinfo=UTC),
        updated_at=row.updated_at.replace(tzinfo=UTC),
        taken_over=row.taken_over,
        owner=row.owner,
    )


@overload
def job_record(row: JobRow, kind: JobKind[Q, R]) -> Job[Q, R]: ...
@overload
def job_record(row: JobRow, kind: None = None) -> Job[Any, Any]: ...
def job_record(row: JobRow, kind: JobKind[Any, Any] | None = None) -> Job[Any, Any]:
    """The record of a row. Raises KeyError for a kind that this Fulcrum doesn't know."""
    kind = kind or KINDS[row.kind]
    return Job(
        id=row.id,
        kind=kind,
        subject=row.subject,
        status=cast(JobStatus, row.status),
        version=row.version,
        request=from_json(kind.request, row.request),
        message=row.message,
        fraction=row.fraction,
        reason=row.reason,
        result=from_json(kind.result, row.result) if row.result else None,
        cancel_requested=row.cancel_requested,
        updated_at=row.updated_at.replace(tzinfo=UTC),
        owner=row.owner,
        attempts=row.attempts,
    )


def glance(row: Row[str, str, str, str, int, str, float, str]) -> Glance:
    """Of the columns that it has."""
    return Glance(row[0], row[1], row[2], cast(JobStatus, row[3]), row[4], row[5], row[6], row[7])


def executor_status(row: ExecutorRow | None, *, alive_since: datetime) -> ExecutorStatus:
    """Alive if it was seen at ``alive_since`` (as stored) or later."""
    if row is None:
        return ExecutorStatus(alive=False)
    since = row.since.replace(tzinfo=UTC)
    return ExecutorStatus(row.seen >= alive_since, pid=row.pid, since=since, details={"worker": row.worker})
