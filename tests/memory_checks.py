"""Self-checks in memory: the SQL store's rules without a database."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from advisor.checking import CheckRecord, CheckStatus, PageForm
from advisor.ports import Clock
from probes.check.schema import Check


class MemoryChecks:
    """``advisor.checking.CheckStore`` in a dictionary; insertion order is the order of the queue."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._checks: dict[str, CheckRecord] = {}
        self._workers: dict[str, str] = {}

    def enqueue(self, form: PageForm = "quick") -> CheckRecord:
        active = [record for record in self._checks.values() if record.active]
        if active:
            return active[0]
        record = CheckRecord(
            secrets.token_urlsafe(12),
            form,
            "queued",
            1,
            "Waiting for the executor",
            0.0,
            "",
            None,
            False,
            self._clock.now(),
        )
        self._checks[record.id] = record
        return record

    def latest(self) -> CheckRecord | None:
        return next(reversed(self._checks.values()), None)

    def version(self) -> tuple[str, int] | None:
        latest = self.latest()
        return (latest.id, latest.version) if latest else None

    def done(self, form: PageForm | None = None) -> CheckRecord | None:
        found = (r for r in reversed(self._checks.values()) if r.result and form in (None, r.form))
        return next(found, None)

    def request_cancel(self, check_id: str) -> None:
        record = self._one(check_id)
        if record.status == "queued":
            self._change(record, status="cancelled", message="")
        elif record.status == "running":
            self._change(record, cancel_requested=True, message="Cancelling")

    def cancel_requested(self, check_id: str) -> bool:
        return check_id in self._checks and self._checks[check_id].cancel_requested

    def claim(self, worker: str) -> CheckRecord | None:
        for record in self._checks.values():
            if record.status == "queued":
                self._workers[record.id] = worker
                return self._change(record, status="running", message="Starting")
        return None

    def tell(self, check_id: str, message: str, fraction: float) -> None:
        record = self._one(check_id)
        if record.status == "running" and not record.cancel_requested:
            self._change(record, message=message, fraction=fraction)

    def finish(self, check_id: str, status: CheckStatus, *, reason: str = "", result: Check | None = None) -> None:
        record = self._one(check_id)
        self._change(record, status=status, reason=reason, message="", result=result or record.result, fraction=1.0)

    def recover(self, worker: str) -> None:
        for record in list(self._checks.values()):
            if record.status == "running" and self._workers.get(record.id) == worker:
                self._change(record, status="failed", reason="the measuring process ended unexpectedly", message="")

    def _one(self, check_id: str) -> CheckRecord:
        if check_id not in self._checks:
            raise LookupError(f"there is no self-check {check_id!r}")
        return self._checks[check_id]

    def _change(self, record: CheckRecord, **values: Any) -> CheckRecord:
        changed = replace(record, **values, version=record.version + 1, updated_at=self._clock.now())
        self._checks[record.id] = changed
        return changed
