"""The store in memory: the SQL store's rules without a database, for tests of pages and of the executor."""

from __future__ import annotations

import secrets
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from advisor.answers import Answers
from advisor.conditions import Conditions, met
from advisor.model import DecisionRecord, ExecutorStatus, RunRecord, RunStatus
from advisor.ports import Clock
from advisor.reuse import Known, finished
from advisor.wiring import SystemClock
from probes.schema import Round, RunRequest, RunResult

MOST_ATTEMPTS = 2
ABSENT_AFTER = timedelta(seconds=20)
LOST_AFTER = timedelta(minutes=5)


class MemoryStore:
    """``advisor.ports.Store`` in dictionaries; insertion order is the order of the queue."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._decisions: dict[str, DecisionRecord] = {}
        self._runs: dict[str, RunRecord] = {}
        self._workers: dict[str, str] = {}
        self._rounds: dict[str, list[Round]] = {}
        self._executors: dict[str, tuple[int, datetime, datetime]] = {}  # worker -> process, since, seen
        self._lock = threading.RLock()

    def create_decision(self, answers: Answers, *, owner: str = "") -> DecisionRecord:
        now = self._clock.now()
        record = DecisionRecord(secrets.token_urlsafe(18), secrets.token_urlsafe(18), owner, 1, answers, now, now)
        self._decisions[record.id] = record
        return record

    def decision(self, decision_id: str) -> DecisionRecord | None:
        return self._decisions.get(decision_id)

    def decision_version(self, decision_id: str) -> int | None:
        record = self._decisions.get(decision_id)
        return record.version if record else None

    def save_answers(self, decision_id: str, answers: Answers) -> DecisionRecord:
        before = self._decisions[decision_id]
        after = replace(before, answers=answers, version=before.version + 1, updated_at=self._clock.now())
        self._decisions[decision_id] = after
        return after

    def enqueue(self, decision_id: str, request: RunRequest) -> RunRecord:
        if decision_id not in self._decisions:
            raise KeyError(decision_id)
        with self._lock:
            latest = self.latest_run(decision_id)
            if latest and latest.active:
                return latest
            now, run_id = self._clock.now(), secrets.token_urlsafe(12)
            message = "Waiting for the executor"
            self._runs[run_id] = RunRecord(
                run_id, decision_id, "queued", 1, request, "", message, 0.0, 0, 0, False, 0, None, now, now
            )
            return self._runs[run_id]

    def run(self, run_id: str) -> RunRecord | None:
        return self._runs.get(run_id)

    def latest_run(self, decision_id: str) -> RunRecord | None:
        return next((run for run in reversed(self._runs.values()) if run.decision_id == decision_id), None)

    def run_version(self, decision_id: str) -> tuple[str, int] | None:
        run = self.latest_run(decision_id)
        return (run.id, run.version) if run else None

    def finished_runs(self, decision_id: str) -> tuple[tuple[str, int], ...]:
        runs = [r for r in self._runs.values() if r.decision_id == decision_id and not r.active and r.result]
        return tuple((run.id, run.version) for run in reversed(runs))

    def known(self, conditions: Conditions, *, decision_id: str) -> tuple[Known, ...]:
        newest: dict[tuple[str, bool], Known] = {}
        for run in reversed(self._runs.values()):
            own = run.decision_id == decision_id
            if run.result is None or run.active or not (own or run.status == "done"):
                continue
            if not self._under(run.result, conditions):
                continue
            for probe, moment in finished(run.result, stored_at=run.updated_at).items():
                held = newest.get((probe, own))
                if held is None or moment > held.measured_at:
                    newest[probe, own] = Known(probe, run.id, moment, own)
        return tuple(newest[key] for key in sorted(newest))

    @staticmethod
    def _under(result: RunResult, conditions: Conditions) -> bool:
        found = met(result)
        if conditions.on_gpu is None:
            return result.request.device == "auto" and replace(found, on_gpu=None) == conditions
        return found == conditions

    def adopt(self, decision_id: str, result: RunResult) -> RunRecord:
        if decision_id not in self._decisions:
            raise KeyError(decision_id)
        with self._lock:
            mine = [run for run in self._runs.values() if run.decision_id == decision_id]
            if active := next((run for run in mine if run.active), None):
                return active
            now, run_id, rounds = self._clock.now(), secrets.token_urlsafe(12), len(result.rounds)
            moments = finished(result, stored_at=now).items()
            for run in mine:
                same = run.result is not None and run.result.machine == result.machine
                if same and moments & finished(run.result, stored_at=run.updated_at).items():
                    return run
            self._runs[run_id] = RunRecord(
                run_id, decision_id, "done", 1, result.request, "", "", 1.0, result.planned_rounds, rounds, False, 0,
                result, now, now, taken_over=True,
            )  # fmt: skip
            self._rounds[run_id] = list(result.rounds)
            return self._runs[run_id]

    def request_cancel(self, run_id: str) -> None:
        run = self._runs[run_id]
        if run.status == "queued":
            self.change(run_id, status="cancelled", message="Cancelled before it started")
        elif run.status == "running":
            self.change(run_id, cancel_requested=True, message="Cancelling")

    def resume(self, run_id: str) -> RunRecord:
        decision_id = self._runs[run_id].decision_id
        if active := next((r for r in self._runs.values() if r.decision_id == decision_id and r.active), None):
            return active
        if self._runs[run_id].status == "interrupted":
            self.change(run_id, status="queued", reason="", message="Waiting to go on", attempts=0)
            self._runs[run_id] = replace(self._runs[run_id], cancel_requested=False)
        return self._runs[run_id]

    def queue_position(self, run_id: str) -> int:
        if self._runs[run_id].status != "queued":
            return 0
        ids = list(self._runs)
        ahead = (self._runs[i].status == "queued" for i in ids[: ids.index(run_id)])
        return sum(ahead) + sum(run.status == "running" for run in self._runs.values())

    def claim(self, worker: str) -> RunRecord | None:
        with self._lock:
            if any(r.status == "running" and self._workers.get(r.id) == worker for r in self._runs.values()):
                return None
            run = next((r for r in self._runs.values() if r.status == "queued"), None)
            if run is None:
                return None
            self._workers[run.id] = worker
            return self.change(run.id, status="running", attempts=run.attempts + 1, message="Starting")

    def rounds(self, run_id: str) -> tuple[Round, ...]:
        return tuple(sorted(self._rounds.get(run_id, ()), key=lambda r: r.index))

    def save_round(self, run_id: str, round_: Round) -> None:
        self._rounds.setdefault(run_id, []).append(round_)
        self.change(run_id, finished_rounds=self._runs[run_id].finished_rounds + 1)

    def save_progress(
        self, run_id: str, *, message: str, fraction: float, planned_rounds: int, result: RunResult | None
    ) -> None:
        run = self._runs[run_id]
        if run.status != "running":
            return
        values: dict[str, Any] = {"fraction": fraction, "planned_rounds": planned_rounds}
        if not run.cancel_requested:
            values["message"] = message
        if result is not None:
            values["result"] = result
        self.change(run_id, **values)

    def cancel_requested(self, run_id: str) -> bool:
        return self._runs[run_id].cancel_requested

    def finish(self, run_id: str, status: RunStatus, *, reason: str = "", result: RunResult | None = None) -> None:
        values: dict[str, Any] = {"status": status, "reason": reason, "message": ""}
        if status == "done":
            values["fraction"] = 1.0
        if result is not None:
            values |= {"result": result, "planned_rounds": result.planned_rounds}
        self.change(run_id, **values)

    def recover(self, worker: str) -> None:
        for run in list(self._runs.values()):
            if run.status != "running" or not (self._workers.get(run.id) == worker or self._lost(run)):
                continue
            if run.cancel_requested:
                self.change(run.id, status="cancelled", message="")
            elif run.attempts >= MOST_ATTEMPTS:
                reason = f"the measuring process ended unexpectedly {run.attempts} times"
                self.change(run.id, status="interrupted", reason=reason, message="")
            else:
                self.change(run.id, status="queued", message="Waiting to go on after an interruption")

    def _lost(self, run: RunRecord) -> bool:
        horizon = self._clock.now() - LOST_AFTER
        executor = self._executors.get(self._workers[run.id])
        return run.updated_at < horizon and (executor is None or executor[2] < horizon)

    def beat(self, worker: str, pid: int) -> None:
        now = self._clock.now()
        before = self._executors.get(worker)
        self._executors[worker] = (pid, before[1] if before and before[0] == pid else now, now)

    def leave(self, worker: str) -> None:
        self._executors.pop(worker, None)

    def executor(self) -> ExecutorStatus:
        if not self._executors:
            return ExecutorStatus(alive=False)
        worker, (pid, since, seen) = max(self._executors.items(), key=lambda item: item[1][2])
        alive = seen >= self._clock.now() - ABSENT_AFTER
        return ExecutorStatus(alive, pid=pid, since=since, details={"worker": worker})

    def change(self, run_id: str, **values: Any) -> RunRecord:
        """For tests too: put a run into any state."""
        run = self._runs[run_id]
        self._runs[run_id] = replace(run, **values, version=run.version + 1, updated_at=self._clock.now())
        return self._runs[run_id]
