"""What whoever runs a Fulcrum for others does on the command line: see the queue, cancel, delete."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from advisor.knowledge.tables import columns
from advisor.ports import Services
from advisor.queue.sweeps import crowded
from advisor.records import QueueEntry, SweepStatus
from advisor.wording.quantities import percent

SHORT = 8  # characters of a hash or an id that tell them apart


def queue_json(entries: Sequence[QueueEntry]) -> str:
    """For programs. Owners are cut short: who is who is nobody's business, whether two are the same is."""
    rows = [
        {
            "id": entry.id,
            "status": "running" if entry.status == "running" else "waiting",
            "work": entry.kind,
            "subject": entry.subject,
            "owner": entry.owner[:SHORT],
            "address": entry.address[:SHORT],
            "since": entry.since.isoformat(timespec="seconds"),
            "fraction": entry.fraction,
            "message": entry.message,
            "worker": entry.worker,
            "machines": list(entry.places),
        }
        for entry in entries
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def queue_text(entries: Sequence[QueueEntry], now: datetime) -> str:
    """A line each, in the order in which they are taken. The id is what ``cancel`` takes."""
    if not entries:
        return "Nothing is under way, and nothing waits."
    rows = [("id", "", "work", "of", "on", "by", "from", "since", "")]
    for entry in entries:
        under_way = entry.status == "running"
        said = f"{percent(entry.fraction)} {entry.message}, on {entry.worker}" if under_way else ""
        on = " or ".join(place or "here" for place in entry.places)
        names = (entry.subject[:SHORT], on, entry.owner[:SHORT] or "?", entry.address[:SHORT] or "?")
        rows.append(
            (entry.id, "running" if under_way else "waiting", entry.kind, *names, _ago(now - entry.since), said)
        )
    return "\n".join((*columns(rows), *filter(None, [crowded(entries)])))


def sweep_text(sweep: SweepStatus) -> str:
    """How far it is, then a line a part."""
    rows = [("network", "machine", "status", "rounds", "")]
    for part in sweep.parts:
        where = (
            " or ".join(place or "here" for place in part.places) if part.machine is None else part.machine or "here"
        )
        rounds = f"{part.finished_rounds} of {part.planned_rounds}" if part.planned_rounds else ""
        rows.append((part.request.model, where, part.status, rounds, part.reason or part.message))
    return "\n".join((f"{sweep.done} of {len(sweep.parts)} done, {percent(sweep.fraction)}", *columns(rows)))


def _ago(time: timedelta) -> str:
    seconds = max(0, round(time.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h {seconds % 3600 // 60} min"


def cancel_waiting(services: Services) -> int:
    """All that waits; what is under way goes on. Returns how many."""
    waiting = [entry for entry in services.store.queue() if entry.status == "queued"]
    for entry in waiting:
        services.store.request_cancel(entry.id)
    return len(waiting)
