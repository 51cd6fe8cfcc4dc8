"""Which probes were measured under which conditions, and by which run: an index over the results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from advisor.measured.conditions import Conditions, KnownResult, met
from advisor.queue.take_over import finished
from advisor.storage.rows import utc
from advisor.storage.tables import MeasurementRow, RunRow
from probes.schema import RunResult


def keep(session: Session, run_id: str, result: RunResult, *, stored_at: datetime) -> None:
    """Index what a run measured to its end, instead of what was known of it before. ``stored_at``: UTC, no zone."""
    session.execute(delete(MeasurementRow).where(MeasurementRow.run_id == run_id))
    conditions = met(result)
    session.add_all(
        MeasurementRow(
            run_id=run_id,
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


def known(session: Session, conditions: Conditions, *, decision_id: str) -> tuple[KnownResult, ...]:
    """See ``ports.Store.known``."""
    own = (RunRow.decision_id == decision_id).label("own")
    newest = func.row_number().over(
        partition_by=(MeasurementRow.probe, own), order_by=(MeasurementRow.measured_at.desc(), RunRow.seq.desc())
    )
    found = (
        select(MeasurementRow.probe, MeasurementRow.run_id, MeasurementRow.measured_at, own, newest.label("rank"))
        .join(RunRow, RunRow.id == MeasurementRow.run_id)
        .where(_under(conditions), or_(RunRow.decision_id == decision_id, RunRow.status == "done"))
        .subquery()
    )
    rows = session.execute(select(found).where(found.c.rank == 1).order_by(found.c.probe, found.c.own))
    return tuple(KnownResult(row.probe, row.run_id, row.measured_at.replace(tzinfo=UTC), bool(row.own)) for row in rows)


def adopted(session: Session, decision_id: str, result: RunResult, *, stored_at: datetime) -> RunRow | None:
    """The decision's run that holds the same measurement: a machine measures one thing at a time."""
    moments = finished(result, stored_at=stored_at.replace(tzinfo=UTC))
    if not moments:
        return None
    probe, moment = next(iter(moments.items()))
    return session.scalar(
        select(RunRow)
        .join(MeasurementRow, RunRow.id == MeasurementRow.run_id)
        .where(
            RunRow.decision_id == decision_id,
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
