"""Deleting what nobody needs any more: old decisions, and results that newer ones took the place of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from advisor.queue.kinds import KINDS
from advisor.records import ACTIVE, Purged
from advisor.storage.decisions import decision_row
from advisor.storage.desk import Desk
from advisor.storage.tables import DecisionRow, JobRow, RoundRow


class Purging(Desk):
    """The part of ``advisor.ports.Store`` that belongs to whoever keeps the database, described there."""

    def purge(
        self, *, older_than: timedelta | None = None, decision_id: str | None = None, dry_run: bool = False
    ) -> Purged:
        with self._writing() as session:
            old: ColumnElement[bool] = false()
            beyond: ColumnElement[bool] = JobRow.id.in_(_beyond())
            if decision_id is not None:
                old, beyond = DecisionRow.id == decision_row(session, decision_id).id, false()
            elif older_than is not None:
                horizon = self._now(session) - older_than
                own = aliased(JobRow)
                needed = or_(own.updated_at >= horizon, own.status.in_(ACTIVE))
                old = (DecisionRow.updated_at < horizon) & ~exists().where(own.decision_id == DecisionRow.id, needed)
            decisions = list(session.scalars(select(DecisionRow.id).where(old)))
            gone = or_(JobRow.decision_id.in_(select(DecisionRow.id).where(old)), beyond)
            rounds = RoundRow.job_id.in_(select(JobRow.id).where(gone))
            size = sum(
                session.scalar(select(func.coalesce(func.sum(func.length(column)), 0)).where(which)) or 0
                for column, which in (
                    (DecisionRow.answers, old),
                    (JobRow.request, gone),
                    (JobRow.result, gone),
                    (RoundRow.data, rounds),
                )
            )
            runs, in_all = session.execute(select(func.count(JobRow.decision_id), func.count()).where(gone)).one()
            if not dry_run:
                session.execute(delete(JobRow).where(gone).execution_options(synchronize_session=False))
                for start in range(0, len(decisions), 500):  # a statement may have so many parameters and no more
                    session.execute(delete(DecisionRow).where(DecisionRow.id.in_(decisions[start : start + 500])))
            return Purged(decisions=len(decisions), runs=runs, jobs=in_all - runs, size=size)


def _beyond() -> Select[Any]:
    """What is over, but for the newest of each, with a result and without: the reason of a failure is news too."""
    groups = (JobRow.kind, JobRow.subject, JobRow.result.is_(None))
    rank = func.row_number().over(partition_by=groups, order_by=JobRow.seq.desc()).label("rank")
    kept = case({kind.name: kind.kept for kind in KINDS.values()}, value=JobRow.kind).label("kept")
    ranked = select(JobRow.id, rank, kept).where(JobRow.status.not_in(ACTIVE)).subquery()
    return select(ranked.c.id).where(ranked.c.rank > ranked.c.kept)
