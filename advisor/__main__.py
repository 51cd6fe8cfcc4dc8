"""``python -m advisor``: what the pages do, on the command line, and what whoever runs a Fulcrum for others does."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, NoReturn, TypeVar
from urllib.parse import urlencode

from advisor import knowledge, questionnaire
from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.decision.evidence.route_runs import taken_over
from advisor.knowledge import looking, stale
from advisor.measured.result_sets import joined
from advisor.model import Decision
from advisor.output import report
from advisor.ports import NotFoundError, OperatorKeyError, Services, StoreUnavailableError
from advisor.questionnaire.contradictions import contradictions
from advisor.queue import upkeep
from advisor.wording.quantities import counted
from probes import records
from probes.commands.terminal import plain_output
from probes.deploy.schema import RoutesRun
from probes.places import against
from probes.schema import RunResult

Record = TypeVar("Record", RunResult, RoutesRun)
UNAVAILABLE: Final = 1
BAD_ARGUMENTS: Final = 2
FORMATS: Final[dict[str, Callable[[Decision, Answers], str]]] = {
    "json": lambda decision, _: f"{report.to_json(decision)}\n",
    "markdown": report.to_markdown,
}


class _ArgumentError(Exception):
    """An argument that can't be used; the text is the one line that is shown."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, not the whole usage."""
        self.exit(BAD_ARGUMENTS, f"{self.prog}: {message}\n")


@plain_output()
def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 when done, 1 if the database or every package index can't be reached, 2 for bad arguments,
    settings or answers.
    """
    known = parser()
    options = known.parse_args(arguments)
    if options.command is None:
        known.print_help(sys.stderr)
        return BAD_ARGUMENTS
    try:
        status: int = options.run_command(options)
        sys.stdout.flush()
    except (_ArgumentError, questionnaire.AnswersError, knowledge.DataError) as error:
        print(f"python -m advisor {options.command}: {' '.join(str(error).splitlines())}", file=sys.stderr)
        return BAD_ARGUMENTS
    except StoreUnavailableError as error:
        print(f"python -m advisor {options.command}: {error}", file=sys.stderr)
        return UNAVAILABLE
    except BrokenPipeError:  # «… | head» has seen enough; Python would complain once more when it flushes at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    found = _Parser(prog="python -m advisor", description="PyTorch or TensorFlow, for one project.")
    commands = found.add_subparsers(dest="command")
    deciding = commands.add_parser("decide", help="the recommendation for an answers file, to stdout")
    deciding.add_argument(
        "answers", type=Path, metavar="ANSWERS.yaml", help="what the questionnaire saves; - is standard input"
    )
    deciding.add_argument("--run", type=Path, metavar="RUN.json", help="what «python -m probes run» wrote")
    deciding.add_argument("--routes", type=Path, metavar="ROUTES.json", help="what «python -m probes routes» wrote")
    deciding.add_argument("--format", choices=sorted(FORMATS), default="json", help="json if left out")
    deciding.add_argument("--seed", type=_seed, default=0, metavar="N", help="of the draws, 0 if left out")
    _add_day(deciding)
    deciding.set_defaults(run_command=_decide)
    ageing = commands.add_parser("stale", help="the facts that are older than their half-life, oldest first")
    ageing.add_argument(
        "--look",
        nargs="*",
        metavar="FACT",
        help="read again what these facts say of packages, or all that say something",
    )
    ageing.add_argument("--json", action="store_true", help="for programs")
    _add_day(ageing)
    ageing.set_defaults(run_command=_stale)
    recorded = commands.add_parser("record", help="how the advice does on finished decisions of other teams")
    recorded.add_argument("--json", action="store_true", help="for programs")
    recorded.set_defaults(run_command=_record)
    scanning = commands.add_parser(
        "scan", help="what a team's code uses, and what a move or an upgrade would meet there"
    )
    scanning.add_argument(
        "path", type=Path, metavar="PATH", help="a folder, or a zip or tar of one; nothing of it is run"
    )
    scanning.add_argument(
        "--format", choices=("text", "json", "sarif", "markdown"), default="text", help="text if left out"
    )
    scanning.set_defaults(run_command=_scan)
    clock = commands.add_parser("clock", help="what pinned packages still install and run on, and what ends when")
    clock.add_argument(
        "file", type=Path, metavar="FILE", help="requirements, pip freeze, or a lock of Poetry, uv, Pipenv, conda"
    )
    clock.add_argument("--python", default="", metavar="VERSION", help="as 3.11; the file's if it allows one alone")
    clock.add_argument("--os", default="", metavar="SYSTEM", help="as windows or macos-arm64; linux if left out")
    clock.add_argument("--gpu", default="", metavar="GENERATION", help="of an NVIDIA GPU, as ampere")
    clock.add_argument(
        "--cuda", default="", metavar="VERSION", help="the newest that the driver knows, as nvidia-smi shows it"
    )
    clock.add_argument("--format", choices=("json", "text"), default="text", help="text if left out")
    _add_day(clock)
    clock.set_defaults(run_command=_clock)
    key = commands.add_parser("key", help="the operator's link, for who may operate this machine")
    key.add_argument("--rotate", action="store_true", help="make a new one; the old link gives no right any more")
    at = "http://localhost:8501"
    key.add_argument("--url", default=at, help=f"where the app is; {at} if left out")
    key.set_defaults(run_command=_key)
    agent = commands.add_parser("agent", help="take queued runs of this machine until told to stop")
    agent.add_argument("--parent", type=int, metavar="PID", help="go when that process has gone")
    agent.set_defaults(run_command=_agent)
    _add_upkeep(commands)
    return found


def _key(options: argparse.Namespace) -> int:
    """Late import, as in ``_agent``."""
    from advisor import wiring

    try:
        kept = wiring.operator_key(wiring.Settings.from_environment())
        key = kept.rotate() if options.rotate else kept.read()
    except (wiring.SettingsError, OperatorKeyError) as error:
        raise _ArgumentError(str(error)) from error
    print(f"{options.url.rstrip('/')}/?{urlencode({'operate': key})}")
    return 0


def _add_upkeep(commands: argparse._SubParsersAction[_Parser]) -> None:
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
        "--older-than", type=_days, metavar="DAYS", help="decisions not changed or measured for so long, too"
    )
    which.add_argument("--decision", metavar="ID", help="this decision alone, even if a run of it is under way")
    purging.add_argument("--dry-run", action="store_true", help="say what would be deleted")
    purging.set_defaults(run_command=_purge)
    copying = commands.add_parser("backup", help="copy the database while it is in use (SQLite)")
    copying.add_argument("file", type=Path, metavar="FILE", help="is made; nothing is overwritten")
    copying.set_defaults(run_command=_backup)


def _add_day(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--on", type=_day, metavar="DATE", help="what is known on that day and how old it is, today if left out"
    )


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: a day, as 2026-11-23") from error


def _today() -> date:
    """The one place where this command looks at the clock."""
    return datetime.now(UTC).date()


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: whole numbers from 0 to {2**32 - 1:,}")
    return int(text)


def _days(text: str) -> timedelta:
    if not text.isdecimal() or not 1 <= int(text) <= 36_500:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: whole days from 1 to 36,500")
    return timedelta(days=int(text))


def _decide(options: argparse.Namespace) -> int:
    day = options.on or _today()
    answers = questionnaire.load(options.answers, today=day)
    run = None
    if options.run is not None:
        from advisor.adapters.local_runner import LocalRunner  # late: without a run nothing of the engine is needed

        recorded = _recorded("--run", records.read, options.run)
        if against(recorded.request.interpreters):
            raise _ArgumentError(
                f"--run: {options.run} compares two versions of one framework: no decision between both can rest on it"
            )
        run = joined([recorded], LocalRunner())
    known = knowledge.load(on=day)
    if options.routes is not None:
        known = taken_over(known, _recorded("--routes", records.read_routes, options.routes))
    decision = decide(answers, known, run, seed=options.seed)
    for found in contradictions(answers):
        print(f"python -m advisor decide: {', '.join(found.at)}: {found.say} {found.resolve}", file=sys.stderr)
    sys.stdout.write(FORMATS[options.format](decision, answers))
    return 0


def _stale(options: argparse.Namespace) -> int:
    known = knowledge.load(on=options.on or _today())
    if options.look is not None:
        return _look(known, options.look, json=options.json)
    print(stale.to_json(known) if options.json else stale.to_text(known))
    return 0


def _record(options: argparse.Namespace) -> int:
    from advisor.decision import record

    found = record.record()
    print(record.to_json(found) if options.json else record.to_text(found))
    return 0


def _scan(options: argparse.Namespace) -> int:
    """Late import: nothing else parses code."""
    from advisor.scan import command

    try:
        print(command.shown(options.path, options.format))
    except command.ScanError as error:
        raise _ArgumentError(str(error)) from error
    return 0


def _clock(options: argparse.Namespace) -> int:
    """Late import: nothing else reads lock files."""
    from advisor.lifecycle import command

    said = {"python": options.python, "system": options.os, "gpu": options.gpu, "cuda": options.cuda}
    try:
        print(command.answered(options.file, options.on or _today(), json=options.format == "json", **said))
    except command.ClockInputError as error:
        raise _ArgumentError(str(error)) from error
    return 0


def _look(known: knowledge.Knowledge, wanted: Sequence[str], *, json: bool) -> int:
    """Late import: nothing else starts pip."""
    from advisor.adapters.package_index import PipIndex

    able = {fact.id: fact for fact in known.facts.values() if fact.look}
    if strange := next((name for name in wanted if name not in able), None):
        raise _ArgumentError(f"--look: {strange!r} says nothing of a package; allowed: {', '.join(able)}")
    facts = [able[name] for name in wanted] if wanted else list(able.values())
    index = PipIndex()
    looks = [item for fact in facts for item in fact.look]
    index.read_ahead(
        (item.package for item in looks if item.what == "version"),
        (item.package for item in looks if item.what != "version"),
    )
    looked = looking.look_again(facts, index)
    print(looking.to_json(looked, known.today.isoformat()) if json else looking.to_text(looked))
    return 0 if looking.reached(looked) else UNAVAILABLE


def _recorded(option: str, read: Callable[[Path], Record], path: Path) -> Record:
    """What a file holds. Raises _ArgumentError naming the path in the file and the value."""
    try:
        return read(path)
    except records.RecordError as error:
        raise _ArgumentError(f"{option}: {error}") from error


def _agent(options: argparse.Namespace) -> int:
    """Late imports: deciding needs neither a database nor the engine."""
    from advisor import wiring
    from advisor.queue import executor as agent

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    services = _services()
    try:
        settings = wiring.Settings.from_environment()
        return agent.serve(services, lock=settings.executor_lock, worker=settings.worker, parent=options.parent)
    except wiring.SettingsError as error:
        raise _ArgumentError(str(error)) from error


def _services() -> Services:
    """Raises _ArgumentError."""
    from advisor import wiring

    try:
        return wiring.build(wiring.Settings.from_environment())
    except wiring.SettingsError as error:
        raise _ArgumentError(str(error)) from error


def _queue(options: argparse.Namespace) -> int:
    services = _services()
    entries = services.store.queue()
    print(upkeep.queue_json(entries) if options.json else upkeep.queue_text(entries, services.clock.now()))
    return 0


def _cancel(options: argparse.Namespace) -> int:
    services = _services()
    if options.all_waiting:
        print(f"{upkeep.cancel_waiting(services)} cancelled.")
        return 0
    try:
        services.store.request_cancel(options.id)
    except NotFoundError as error:
        raise _ArgumentError(f"ID: {options.id!r} is neither a run nor a job; «queue» shows what there is") from error
    print("Cancelled, or will be within seconds if it was under way.")
    return 0


def _purge(options: argparse.Namespace) -> int:
    try:
        found = _services().store.purge(
            older_than=options.older_than, decision_id=options.decision, dry_run=options.dry_run
        )
    except NotFoundError as error:
        raise _ArgumentError(f"--decision: {error}") from error
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
        raise _ArgumentError(str(error)) from error
    print(f"{options.file}: {size:,} bytes. To restore it, stop Fulcrum and put it in the database's place.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
