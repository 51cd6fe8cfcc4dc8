"""``decide`` and ``record``: the recommendation for a file of answers, and how such advice did."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from advisor import knowledge, questionnaire
from advisor.answers import Answers
from advisor.commands import arguments
from advisor.decision.decide import decide
from advisor.decision.evidence.route_runs import taken_over
from advisor.decision.evidence.scanned_code import with_effort
from advisor.knowledge import Knowledge
from advisor.measured.machines import side_by_side
from advisor.measured.result_sets import of_files
from advisor.model.decision import Decision
from advisor.output import report
from advisor.questionnaire.contradictions import contradictions
from probes import records
from probes.commands.terminal import RefusedError
from probes.results import RunResult

FORMATS: Final[dict[str, Callable[[Decision, Answers, str], str]]] = {
    "json": lambda decision, _answers, _code: f"{report.to_json(decision)}\n",
    "markdown": report.to_markdown,
}


def add(commands: arguments.AdvisorCommands) -> None:
    """The commands."""
    deciding = commands.add_parser("decide", help="the recommendation for an answers file, to stdout")
    deciding.add_argument(
        "answers", type=Path, metavar="ANSWERS.yaml", help="what the questionnaire saves; - is standard input"
    )
    deciding.add_argument(
        "--run",
        type=Path,
        action="append",
        default=[],
        metavar="RUN.json",
        help="what «python -m probes run» wrote, on whatever machine; may be repeated",
    )
    deciding.add_argument("--routes", type=Path, metavar="ROUTES.json", help="what «python -m probes routes» wrote")
    deciding.add_argument(
        "--scan", type=Path, metavar="SCAN.json", help="what «python -m advisor scan --format json» wrote"
    )
    deciding.add_argument("--format", choices=sorted(FORMATS), default="json", help="json if left out")
    deciding.add_argument("--seed", type=arguments.seed, default=0, metavar="N", help="of the draws, 0 if left out")
    arguments.add_day(deciding)
    deciding.set_defaults(run_command=_decide)
    recorded = commands.add_parser("record", help="how the advice does on finished decisions of other teams")
    recorded.add_argument("--json", action="store_true", help="for programs")
    recorded.set_defaults(run_command=_record)


def _decide(options: argparse.Namespace) -> int:
    day = options.on or arguments.today()
    answers = questionnaire.load(options.answers, today=day)
    run = _measured(options.run)
    known = knowledge.load(on=day)
    if options.routes is not None:
        known = taken_over(known, arguments.recorded("--routes", records.read_routes, options.routes))
    code = ""
    if options.scan is not None:
        known, code = _with_scan(known, answers, options.scan)
    decision = decide(answers, known, run, seed=options.seed)
    for found in contradictions(answers):
        print(f"python -m advisor decide: {', '.join(found.at)}: {found.say} {found.resolve}", file=sys.stderr)
    sys.stdout.write(FORMATS[options.format](decision, answers, code))
    return 0


def _measured(paths: Sequence[Path]) -> RunResult | None:
    """What the runs in these files say, each machine for itself; None without one. Raises RefusedError."""
    if not paths:
        return None
    from advisor.adapters.local_runner import LocalRunner  # late: without a run nothing of the engine is needed
    from advisor.lifecycle.wheels import never_released
    from probes.records.trusting import read_trusted, shared_rounds

    results: list[RunResult] = []
    for path in paths:
        result = arguments.recorded("--run", read_trusted, path)
        if wrong := never_released(result.machine.versions):
            raise RefusedError(f"--run: {path}: {wrong} was never released: the record was edited")
        if any(shared_rounds(result, other) for other in results):
            raise RefusedError(f"--run: {path} holds rounds of another of these files: they would count twice")
        results.append(result)
    runner = LocalRunner()
    return side_by_side(of_files(results, here=runner.machine().fingerprint, judge=runner))


def _with_scan(known: Knowledge, answers: Answers, path: Path) -> tuple[Knowledge, str]:
    """With what the document says of the scan. Late import: nothing else estimates effort. Raises RefusedError."""
    from advisor.effort import command

    try:
        found = command.reread(path, answers)
    except command.ScanFileError as error:
        raise RefusedError(f"--scan: {error}") from error
    for one in found.shows:
        print(f"python -m advisor decide: the code shows {one}", file=sys.stderr)
    return with_effort(known, found.effort), found.section


def _record(options: argparse.Namespace) -> int:
    from advisor.decision import record

    found = record.record()
    print(record.to_json(found) if options.json else record.to_text(found))
    return 0
