"""What is special to runs: their rounds, and which probes they measured under which conditions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from advisor.measured.conditions import Conditions, KnownResult, finished, met
from advisor.records import Job
from advisor.storage.rows import result_json, utc
from advisor.storage.tables import JobRow, MeasurementRow, RoundRow
from probes.json_form import from_json, to_json
from probes.results import Round, RunResult


def keep(session: Session, row: JobRow, result: RunResult, *, stored_at: datetime) -> None:
    """What a run came to, instead of what there was before: its result, its rounds as rows (those that are whole are
    there already), and the index of what it measured to its end. ``stored_at``: UTC, no zone."""
    row.result, row.planned_rounds = result_json(result), result.planned_rounds
    drop_cut_off(session, row)
    kept = set(session.scalars(select(RoundRow.number).where(RoundRow.job_id == row.id)))
    session.add_all(round_row(row.id, one) for one in result.rounds if one.index not in kept)
    session.execute(delete(MeasurementRow).where(MeasurementRow.job_id == row.id))
    conditions = met(result)
    session.add_all(
        MeasurementRow(
            job_id=row.id,
            probe=probe,
            fingerprint=conditions.fingerprint,
            device=result.request.device,
            on_gpu=conditions.on_gpu,
            threads=conditions.threads,
            sizes=_text(conditions.sizes),
            measured_at=utc(moment),
        )
        for probe, moment in finished(result, stored_at=stored_at.replace(tzinfo=UTC)).items()
    )


def round_row(job_id: str, round_: Round) -> RoundRow:
    return RoundRow(job_id=job_id, number=round_.index, data=to_json(round_))


def rounds(session: Session, job_id: str) -> tuple[Round, ...]:
    """Oldest first; the last may have been cut off."""
    query = select(RoundRow.data).where(RoundRow.job_id == job_id).order_by(RoundRow.number)
    return tuple(from_json(Round, text) for text in session.scalars(query))


def drop_cut_off(session: Session, row: JobRow) -> None:
    """The round that an earlier attempt was cut off in: it is measured anew."""
    cut_off = (RoundRow.job_id == row.id, RoundRow.number >= row.finished_rounds)
    session.execute(delete(RoundRow).where(*cut_off))


def joined(session: Session, job: Job[Any, Any]) -> Job[Any, Any]:
    """A run that is over with its rounds. Under way it is looked at every second, and nobody asks for them."""
    if job.active or not isinstance(job.result, RunResult):
        return job
    return replace(job, result=replace(job.result, rounds=rounds(session, job.id)))


def known(session: Session, conditions: Conditions, *, decision_id: str) -> tuple[KnownResult, ...]:
    own = (JobRow.decision_id == decision_id).label("own")
    newest = func.row_number().over(
        partition_by=(MeasurementRow.probe, own), order_by=(MeasurementRow.measured_at.desc(), JobRow.seq.desc())
    )
    found = (
        select(MeasurementRow.probe, MeasurementRow.job_id, MeasurementRow.measured_at, own, newest.label("rank"))
        .join(JobRow, JobRow.id == MeasurementRow.job_id)
        # Of other decisions only what was measured for them on this installation: a copy has its original, and a file
        # that somebody brought says of this machine what they like.
        .where(
            _under(conditions),
            or_(JobRow.decision_id == decision_id, and_(JobRow.status == "done", JobRow.taken_over.is_(False))),
        )
        .subquery()
    )
    rows = session.execute(select(found).where(found.c.rank == 1).order_by(found.c.probe, found.c.own))
    return tuple(KnownResult(row.probe, row.job_id, row.measured_at.replace(tzinfo=UTC), bool(row.own)) for row in rows)


def adopted(session: Session, decision_id: str, result: RunResult, *, stored_at: datetime) -> JobRow | None:
    """The decision's run that holds the same measurement: a machine measures one thing at a time."""
    moments = finished(result, stored_at=stored_at.replace(tzinfo=UTC))
    if not moments:
        return None
    probe, moment = next(iter(moments.items()))
    return session.scalar(
        select(JobRow)
        .join(MeasurementRow, JobRow.id == MeasurementRow.job_id)
        .where(
            JobRow.decision_id == decision_id,
            MeasurementRow.fingerprint == result.machine.fingerprint,
            MeasurementRow.probe == probe,
            MeasurementRow.measured_at == utc(moment),
        )
        .limit(1)
    )


def _under(conditions: Conditions) -> ColumnElement[bool]:
    """Where nothing was said of the device, runs count that had nothing said to them either."""
    device = (
        MeasurementRow.device == "auto" if conditions.on_gpu is None else MeasurementRow.on_gpu == conditions.on_gpu
    )
    return and_(
        MeasurementRow.fingerprint == conditions.fingerprint,
        MeasurementRow.threads == conditions.threads,
        MeasurementRow.sizes == _text(conditions.sizes),
        device,
    )


def _text(sizes: Mapping[str, Mapping[str, int]]) -> str:
    return json.dumps({model: dict(values) for model, values in sizes.items()}, sort_keys=True)
