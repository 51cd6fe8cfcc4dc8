"""What whoever runs a Fulcrum for others does: the key, the executor, the queue, upkeep of the database."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from urllib.parse import urlencode

from advisor.commands import arguments
from advisor.ports import NotFoundError, OperatorKeyError
from advisor.queue import upkeep
from advisor.wording.quantities import counted
from probes.commands.terminal import RefusedError


def add(commands: arguments.AdvisorCommands) -> None:
    """The commands."""
    key = commands.add_parser("key", help="the operator's link, for who may operate this machine")
    key.add_argument("--rotate", action="store_true", help="make a new one; the old link gives no right any more")
    at = "http://localhost:8501"
    key.add_argument("--url", default=at, type=arguments.address, help=f"where the app is; {at} if left out")
    key.set_defaults(run_command=_key)
    agent = commands.add_parser("agent", help="take queued runs of this machine until told to stop")
    agent.add_argument("--parent", type=arguments.process, metavar="PID", help="go when that process has gone")
    agent.set_defaults(run_command=_agent)
    waiting = commands.add_parser("queue", help="what is measured or tried now, and what waits, in its order")
    waiting.add_argument("--json", action="store_true", help="for programs")
    waiting.set_defaults(run_command=_queue)
    cancelling = commands.add_parser("cancel", help="end a run or a job; what was measured is kept")
    which = cancelling.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", metavar="ID", help="as «queue» shows it")
    which.add_argument("--all-waiting", action="store_true", help="all that wait; what is under way goes on")
    cancelling.set_defaults(run_command=_cancel)
    purging = commands.add_parser("purge", help="delete results that newer ones took the place of, and old decisions")
    which = purging.add_mutually_exclusive_group()
    which.add_argument(
        "--older-than", type=arguments.days, metavar="DAYS", help="decisions not changed or measured for so long, too"
    )
    which.add_argument("--decision", metavar="ID", help="this decision alone, even if a run of it is under way")
    purging.add_argument("--dry-run", action="store_true", help="say what would be deleted")
    purging.set_defaults(run_command=_purge)
    copying = commands.add_parser("backup", help="copy the database while it is in use (SQLite)")
    copying.add_argument("file", type=Path, metavar="FILE", help="is made; nothing is overwritten")
    copying.set_defaults(run_command=_backup)


def _key(options: argparse.Namespace) -> int:
    """Late import, as in ``_agent``."""
    from advisor import wiring

    try:
        kept = wiring.operator_key(wiring.Settings.from_environment())
        key = kept.rotate() if options.rotate else kept.read()
    except (wiring.SettingsError, OperatorKeyError) as error:
        raise RefusedError(str(error)) from error
    print(f"{options.url.rstrip('/')}/?{urlencode({'operate': key})}")
    return 0


def _agent(options: argparse.Namespace) -> int:
    """Late imports: deciding needs neither a database nor the engine."""
    from advisor import wiring
    from advisor.queue import executor as agent

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    services = arguments.services()
    try:
        settings = wiring.Settings.from_environment()
        return agent.serve(services, lock=settings.executor_lock, worker=settings.worker, parent=options.parent)
    except wiring.SettingsError as error:
        raise RefusedError(str(error)) from error


def _queue(options: argparse.Namespace) -> int:
    services = arguments.services()
    entries = services.store.queue()
    print(upkeep.queue_json(entries) if options.json else upkeep.queue_text(entries, services.clock.now()))
    return 0


def _cancel(options: argparse.Namespace) -> int:
    services = arguments.services()
    if options.all_waiting:
        print(f"{upkeep.cancel_waiting(services)} cancelled.")
        return 0
    try:
        services.store.request_cancel(options.id)
    except NotFoundError as error:
        raise RefusedError(f"ID: {options.id!r} is neither a run nor a job; «queue» shows what there is") from error
    print("Cancelled, or will be within seconds if it was under way.")
    return 0


def _purge(options: argparse.Namespace) -> int:
    try:
        found = arguments.services().store.purge(
            older_than=options.older_than, decision_id=options.decision, dry_run=options.dry_run
        )
    except NotFoundError as error:
        raise RefusedError(f"--decision: {error}") from error
    print(
        f"{'To be deleted' if options.dry_run else 'Deleted'}: {counted(found.decisions, 'decision')}, "
        f"{counted(found.runs, 'run')}, {counted(found.jobs, 'job')}; {counted(found.size, 'byte')}, "
        "which the database uses again before it grows."
    )
    return 0


def _backup(options: argparse.Namespace) -> int:
    from advisor import wiring

    try:
        size = wiring.back_up(wiring.Settings.from_environment(), options.file)
    except wiring.SettingsError as error:
        raise RefusedError(str(error)) from error
    print(f"{options.file}: {size:,} bytes. To restore it, stop Fulcrum and put it in the database's place.")
    return 0
