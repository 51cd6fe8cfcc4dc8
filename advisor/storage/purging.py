"""Deleting what nobody needs any more: old decisions, and results that newer ones took the place of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, delete, exists, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Subquery

from advisor.model import ACTIVE, Purged
from advisor.storage.decisions import decision_row
from advisor.storage.desk import Desk
from advisor.storage.runs import MOST_RUNS
from advisor.storage.tables import DecisionRow, JobRow, RoundRow, RunRow

#: Of each kind and subject pages show the newest job and the newest result; a few more, in case somebody compares.
MOST_JOBS: Final = 5


class Purging(Desk):
    """The part of ``advisor.ports.Store`` that belongs to whoever keeps the database."""

    def purge(
        self, *, older_than: timedelta | None = None, decision_id: str | None = None, dry_run: bool = False
    ) -> Purged:
        """Delete, or only count. See ``advisor.ports.Store.purge``."""
        with self._writing() as session:
            if decision_id is not None:
                decision_row(session, decision_id)
                decisions = select(DecisionRow.id).where(DecisionRow.id == decision_id)
                return _delete(session, decisions, _none(RunRow), _none(JobRow), dry_run=dry_run)
            decisions = _none(DecisionRow)
            if older_than is not None:
                horizon = self._now(session) - older_than
                lately = exists().where(RunRow.decision_id == DecisionRow.id, RunRow.updated_at >= horizon)
                at_work = exists().where(RunRow.decision_id == DecisionRow.id, RunRow.status.in_(ACTIVE))
                untouched = (DecisionRow.updated_at < horizon, ~lately, ~at_work)
                decisions = select(DecisionRow.id).where(*untouched)
            runs = _beyond(RunRow, MOST_RUNS, RunRow.decision_id)
            jobs = _beyond(JobRow, MOST_JOBS, JobRow.kind, JobRow.subject)
            return _delete(session, decisions, runs, jobs, dry_run=dry_run)


def _none(table: type[DecisionRow] | type[RunRow] | type[JobRow]) -> Select[Any]:
    return select(table.id).where(table.id.is_(None))


def _beyond(table: type[RunRow] | type[JobRow], most: int, *of: Any) -> Select[Any]:
    """What is over, but for the newest of each, with a result and without: the reason of a failure is news too."""
    groups = (*of, table.result.is_(None))
    rank = func.row_number().over(partition_by=groups, order_by=table.seq.desc()).label("rank")
    ranked: Subquery = select(table.id, rank).where(table.status.not_in(ACTIVE)).subquery()
    return select(ranked.c.id).where(ranked.c.rank > most)


def _delete(session: Session, decisions: Select[Any], runs: Select[Any], jobs: Select[Any], *, dry_run: bool) -> Purged:
    gone = RunRow.decision_id.in_(decisions) | RunRow.id.in_(runs)
    rounds = RoundRow.run_id.in_(select(RunRow.id).where(gone))
    size = sum(
        session.scalar(select(func.coalesce(func.sum(func.length(column)), 0)).where(which)) or 0
        for column, which in (
            (DecisionRow.answers, DecisionRow.id.in_(decisions)),
            (RunRow.request, gone),
            (RunRow.result, gone),
            (RoundRow.data, rounds),
            (JobRow.request, JobRow.id.in_(jobs)),
            (JobRow.result, JobRow.id.in_(jobs)),
        )
    )
    doomed = list(session.scalars(decisions))  # read before its runs go: they say whether it is old
    found = Purged(
        decisions=len(doomed),
        runs=_count(session, RunRow, gone),
        jobs=_count(session, JobRow, JobRow.id.in_(jobs)),
        size=size,
    )
    if not dry_run:
        for table, ids in ((JobRow, jobs), (RunRow, runs)):
            session.execute(delete(table).where(table.id.in_(ids)).execution_options(synchronize_session=False))
        for start in range(0, len(doomed), 500):  # a statement may have so many parameters and no more
            session.execute(delete(DecisionRow).where(DecisionRow.id.in_(doomed[start : start + 500])))
    return found


def _count(session: Session, table: Any, which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(which)) or 0
