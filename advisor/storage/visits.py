"""Browsers that measure for a decision: links that open once, and what comes back by them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from advisor.ports import VisitError
from advisor.records import BrowserVisit
from advisor.storage.decisions import decision_row
from advisor.storage.desk import Desk
from advisor.storage.rows import token
from advisor.storage.tables import VisitCellRow, VisitRow
from probes.in_browser.protocol import SILENCE, gone
from probes.in_browser.schema import CellRecord, Visit, VisitPlan
from probes.json_form import from_json, to_json

LINK_LASTS: Final = timedelta(minutes=15)
KEY_LASTS: Final = timedelta(hours=2)  # after the last word: a phone may be put aside meanwhile
LINKS_OF_A_DECISION: Final = 5  # that wait for somebody to open them
VISITS_OF_A_DECISION: Final = 20  # each may hold half a megabyte
_TOKEN_BYTES: Final = 24  # of a link, and of what its browser writes with
_SILENT: Final = timedelta(seconds=SILENCE)


class Visits(Desk):
    """The part of ``advisor.ports.Store`` that knows browsers, described there."""

    def invite(self, decision_id: str, plan: VisitPlan) -> tuple[BrowserVisit, str]:
        with self._writing() as session:
            now, link = self._now(session), token(_TOKEN_BYTES)
            row = VisitRow(
                id=token(12),
                decision_id=decision_row(session, decision_id).id,
                link=_hash(link),
                key=None,
                state="waiting",
                plan=to_json(plan),
                progress=to_json(Visit(_without_plan(plan))),
                created_at=now,
                expires_at=now + LINK_LASTS,
                version=1,
                updated_at=now,
            )
            session.add(row)
            session.flush()
            _make_room(session, row, now)
            return _visit(session, row, now), link

    def open_visit(self, link: str) -> tuple[BrowserVisit, str]:
        with self._writing() as session:
            now = self._now(session)
            row = session.scalar(select(VisitRow).where(VisitRow.link == _hash(link)))
            if row is None:
                raise VisitError(
                    "This link is not valid, or it was cut off. Scan the code again, or ask for a new one."
                )
            if row.key is not None:
                raise VisitError("This link was used already: it opens once. Ask for a new one.")
            if now > row.expires_at:
                raise VisitError("This link has run out: it may be opened for a quarter of an hour. Ask for a new one.")
            key = token(_TOKEN_BYTES)
            row.key = _hash(key)
            found = _visit(session, row, now)
            _keep(session, row, replace(found.visit, state="open"), now)
            return _visit(session, row, now), key

    def change_visit(self, key: str, how: Callable[[Visit, datetime], Visit]) -> BrowserVisit:
        with self._writing() as session:
            now = self._now(session)
            row = _of_key(session, key, now)
            before = _visit(session, row, now).visit
            after = how(before, now.replace(tzinfo=UTC))
            for name, record in after.records.items():
                if before.records.get(name) is not record:
                    session.merge(VisitCellRow(visit_id=row.id, cell=name, data=to_json(record)))
            _keep(session, row, after, now)
            return _visit(session, row, now)

    def visit_of(self, key: str) -> BrowserVisit:
        with self._reading() as session:
            now = self._now(session)
            return _visit(session, _of_key(session, key, now), now)

    def visits(self, decision_id: str) -> tuple[BrowserVisit, ...]:
        with self._reading() as session:
            now = self._now(session)
            of_decision = select(VisitRow).where(VisitRow.decision_id == decision_id).order_by(VisitRow.seq.desc())
            return tuple(
                _visit(session, row, now)
                for row in session.scalars(of_decision)
                if row.key is not None or now <= row.expires_at
            )

    def visits_version(self, decision_id: str) -> str:
        with self._reading() as session:
            now = self._now(session)
            usable = (VisitRow.key.is_not(None)) | (VisitRow.expires_at >= now)
            silent = (VisitRow.state == "running") & (VisitRow.updated_at < now - _SILENT)
            count, newest, versions, quiet = session.execute(
                select(
                    func.count(),
                    func.max(VisitRow.seq),
                    func.sum(VisitRow.version),
                    func.count().filter(silent),
                ).where(VisitRow.decision_id == decision_id, usable)
            ).one()
            return f"{count}-{newest}-{versions}-{quiet}" if count else ""


def _hash(text: str) -> str:
    """What is kept of a token: who reads the database can't use it."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _of_key(session: Session, key: str, now: datetime) -> VisitRow:
    row = session.scalar(select(VisitRow).where(VisitRow.key == _hash(key)))
    if row is None or now > row.updated_at + KEY_LASTS:
        raise VisitError("This page's right to send results has run out. What was sent is kept. Ask for a new link.")
    return row


def _without_plan(plan: VisitPlan) -> VisitPlan:
    """The plan is kept once, not at each step."""
    kit = replace(plan.kit, answers={}, exports=(), labels=())
    return replace(plan, kit=kit, cells=(), orders={})


def _keep(session: Session, row: VisitRow, visit: Visit, now: datetime) -> None:
    progress = replace(visit, plan=_without_plan(visit.plan), records={})
    row.change(now, state=visit.state, progress=to_json(progress))
    session.flush()


def _visit(session: Session, row: VisitRow, now: datetime) -> BrowserVisit:
    """As it is to be read now: one that fell silent is over."""
    cells = session.scalars(select(VisitCellRow.data).where(VisitCellRow.visit_id == row.id))
    records = {record.cell.id: record for record in (from_json(CellRecord, text) for text in cells)}
    visit = replace(from_json(Visit, row.progress), plan=from_json(VisitPlan, row.plan), records=records)
    heard = row.updated_at.replace(tzinfo=UTC)
    return BrowserVisit(
        id=row.id,
        decision_id=row.decision_id,
        visit=gone(visit, heard, now.replace(tzinfo=UTC)),
        version=row.version,
        created_at=row.created_at.replace(tzinfo=UTC),
        updated_at=heard,
        expires_at=row.expires_at.replace(tzinfo=UTC),
    )


def _make_room(session: Session, row: VisitRow, now: datetime) -> None:
    """The newest links and visits of a decision stay; a link that ran out unopened is of no use to anybody."""
    own = VisitRow.decision_id == row.decision_id
    unopened = own & VisitRow.key.is_(None)
    waiting = select(VisitRow.id).where(unopened).order_by(VisitRow.seq.desc()).limit(LINKS_OF_A_DECISION)
    opened = (
        select(VisitRow.id).where(own, VisitRow.key.is_not(None)).order_by(VisitRow.seq.desc())
        .limit(VISITS_OF_A_DECISION)
    )  # fmt: skip
    kept = set(session.scalars(waiting)) | set(session.scalars(opened))
    useless = (VisitRow.id.not_in(kept)) | (VisitRow.key.is_(None) & (VisitRow.expires_at < now))
    session.execute(delete(VisitRow).where(own, useless))
