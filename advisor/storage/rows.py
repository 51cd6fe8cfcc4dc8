"""Rows to records and back. Times are UTC, kept without a zone because SQLite knows none."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from advisor.answers import Answers
from advisor.queue.kinds import KINDS
from advisor.records import DecisionRecord, ExecutorStatus, Job, JobKind, JobStatus, Q, Requester
from advisor.storage.tables import DecisionRow, ExecutorRow, JobRow, as_places
from advisor.wording.plain import STORED
from probes.json_form import from_json, to_json
from probes.results import RunResult


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


def job_row(
    kind: JobKind[Q, Any], subject: str, request: Q, by: Requester, now: datetime, places: Sequence[str] = ()
) -> JobRow:
    """A new job that waits: for any machine of ``places``, or the one that it names. ``now`` is as it is stored."""
    places = places or (getattr(request, "machine", ""),)
    return JobRow(
        id=token(12),
        kind=kind.name,
        subject=subject,
        decision_id=subject if kind.of_decision else None,
        request=to_json(request),
        status="queued",
        version=1,
        message="Waiting for the executor",
        fraction=0.0,
        reason="",
        result=None,
        cancel_requested=False,
        worker="",
        equals=as_places(places),
        places=as_places(places),
        machine=None,
        sweep=None,
        part=0,
        attempts=0,
        owner=by.browser,
        address=by.address,
        created_at=now,
        updated_at=now,
        queued_at=now,
        planned_rounds=0,
        finished_rounds=0,
        taken_over=False,
    )


def job_record(row: JobRow, kind: JobKind[Any, Any] | None = None) -> Job[Any, Any]:
    """The record of a row, a run without its rounds. Raises KeyError for a kind that this Fulcrum doesn't know."""
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
        created_at=row.created_at.replace(tzinfo=UTC),
        updated_at=row.updated_at.replace(tzinfo=UTC),
        owner=row.owner,
        attempts=row.attempts,
        planned_rounds=row.planned_rounds,
        finished_rounds=row.finished_rounds,
        taken_over=row.taken_over,
        places=tuple(json.loads(row.places)),
    )


def result_json(result: Any) -> str:
    """As it is stored: a run's rounds are rows of their own."""
    return to_json(replace(result, rounds=()) if isinstance(result, RunResult) else result)


def executor_status(row: ExecutorRow | None, *, alive_since: datetime) -> ExecutorStatus:
    """Alive if it was seen at ``alive_since`` (as stored) or later."""
    if row is None:
        return ExecutorStatus(alive=False)
    since = row.since.replace(tzinfo=UTC)
    return ExecutorStatus(row.seen >= alive_since, pid=row.pid, since=since, details={"worker": row.worker})
