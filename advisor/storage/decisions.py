"""Decisions: the answers, and who may change them."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from advisor.answers import Answers
from advisor.ports import NotFoundError
from advisor.queue.quotas import A_DAY, EDITORS_OF_A_DECISION, check_decisions
from advisor.records import Change, DecisionRecord
from advisor.storage.desk import Desk
from advisor.storage.rows import answers_json, decision_record, token
from advisor.storage.tables import DecisionRow, EditorRow


class Decisions(Desk):
    """The part of ``advisor.ports.Store`` that knows decisions, described there."""

    def create_decision(self, answers: Answers, *, owner: str = "", address: str = "") -> DecisionRecord:
        """A new decision with an unguessable id and edit key (144 random bits each). Raises ``QuotaError``."""
        with self._writing() as session:
            now = self._now(session)
            lately = select(func.count()).where(DecisionRow.address == address, DecisionRow.created_at > now - A_DAY)
            in_all = select(func.count()).select_from(DecisionRow)
            check_decisions(session.scalar(lately) or 0, session.scalar(in_all) or 0)
            row = DecisionRow(
                id=token(18),
                edit_key=token(18),
                owner=owner,
                address=address,
                version=1,
                answers=answers_json(answers),
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            session.flush()
            return decision_record(row)

    def decision(self, decision_id: str) -> DecisionRecord | None:
        with self._reading() as session:
            row = _found(session, decision_id)
            return decision_record(row, _editors(session, row.id)) if row else None

    def decision_version(self, decision_id: str) -> int | None:
        with self._reading() as session:
            return session.scalar(select(DecisionRow.version).where(DecisionRow.id == decision_id))

    def change_answers(self, decision_id: str, how: Callable[[Answers], Answers]) -> Change:
        """Read, change and write in one transaction, so that of two changes at once neither is lost."""
        with self._writing() as session:
            row = decision_row(session, decision_id)
            before = decision_record(row, _editors(session, row.id))
            answers = how(before.answers)
            if answers == before.answers:
                return Change(before, before)
            row.answers, row.version, row.updated_at = answers_json(answers), row.version + 1, self._now(session)
            session.flush()
            return Change(before, decision_record(row, before.editors))

    def grant_edit(self, decision_id: str, edit_key: str, browser: str) -> bool:
        """Whether the key is right; then this browser is an editor from now on. The version stays."""
        with self._writing() as session:
            row = decision_row(session, decision_id)
            # As bytes: of text, compare_digest takes ASCII alone, and anything may stand in an address bar.
            right = secrets.compare_digest(
                edit_key.encode(errors="surrogatepass"), row.edit_key.encode(errors="surrogatepass")
            )
            if not right or not browser:
                return False
            if session.get(EditorRow, (row.id, browser)) is None:
                session.add(EditorRow(decision_id=row.id, browser=browser, since=self._now(session)))
                session.flush()
                newest = (
                    select(EditorRow.browser)
                    .where(EditorRow.decision_id == row.id)
                    .order_by(EditorRow.since.desc(), (EditorRow.browser == browser).desc())
                    .limit(EDITORS_OF_A_DECISION)
                )
                others = EditorRow.browser.not_in(newest.scalar_subquery())
                session.execute(delete(EditorRow).where(EditorRow.decision_id == row.id, others))
            return True

    def rotate_edit_key(self, decision_id: str) -> DecisionRecord:
        with self._writing() as session:
            row = decision_row(session, decision_id)
            session.execute(delete(EditorRow).where(EditorRow.decision_id == row.id))
            row.edit_key, row.version = token(18), row.version + 1
            row.updated_at = self._now(session)
            session.flush()
            return decision_record(row)

    def delete_decision(self, decision_id: str) -> None:
        """With its jobs, rounds, measurements and editors: the database's foreign keys see to that."""
        with self._writing() as session:
            decision_row(session, decision_id)
            session.execute(delete(DecisionRow).where(DecisionRow.id == decision_id))


def decision_row(session: Session, decision_id: str) -> DecisionRow:
    """Raises ``NotFoundError``."""
    row = _found(session, decision_id)
    if row is None:
        raise NotFoundError(f"there is no decision {decision_id!r}")
    return row


def _editors(session: Session, decision_id: str) -> list[str]:
    return list(session.scalars(select(EditorRow.browser).where(EditorRow.decision_id == decision_id)))


def _found(session: Session, decision_id: str) -> DecisionRow | None:
    """Ids come from anybody's address bar: PostgreSQL raises at a NUL, SQLite at a lone surrogate."""
    return session.get(DecisionRow, decision_id) if decision_id.isprintable() else None
