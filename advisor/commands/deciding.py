"""``decide`` and ``record``: the recommendation for a file of answers, and how such advice did."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from advisor import knowledge, questionnaire
from advisor.answers import Answers
from advisor.commands import arguments
from advisor.decision.decide import decide
from advisor.decision.evidence.route_runs import taken_over
from advisor.measured.result_sets import joined
from advisor.model import Decision
from advisor.output import report
from advisor.questionnaire.contradictions import contradictions
from probes import records
from probes.commands.terminal import RefusedError
from probes.places import against

FORMATS: Final[dict[str, Callable[[Decision, Answers], str]]] = {
    "json": lambda decision, _: f"{report.to_json(decision)}\n",
    "markdown": report.to_markdown,
}


def add(commands: arguments.AdvisorCommands) -> None:
    """The commands."""
    deciding = commands.add_parser("decide", help="the recommendation for an answers file, to stdout")
    deciding.add_argument(
        "answers", type=Path, metavar="ANSWERS.yaml", help="what the questionnaire saves; - is standard input"
    )
    deciding.add_argument("--run", type=Path, metavar="RUN.json", help="what «python -m probes run» wrote")
    deciding.add_argument("--routes", type=Path, metavar="ROUTES.json", help="what «python -m probes routes» wrote")
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
    run = None
    if options.run is not None:
        from advisor.adapters.local_runner import LocalRunner  # late: without a run nothing of the engine is needed

        recorded = arguments.recorded("--run", records.read, options.run)
        if against(recorded.request.interpreters):
            raise RefusedError(
                f"--run: {options.run} compares two versions of one framework: no decision between both can rest on it"
            )
        run = joined([recorded], LocalRunner())
    known = knowledge.load(on=day)
    if options.routes is not None:
        known = taken_over(known, arguments.recorded("--routes", records.read_routes, options.routes))
    decision = decide(answers, known, run, seed=options.seed)
    for found in contradictions(answers):
        print(f"python -m advisor decide: {', '.join(found.at)}: {found.say} {found.resolve}", file=sys.stderr)
    sys.stdout.write(FORMATS[options.format](decision, answers))
    return 0


def _record(options: argparse.Namespace) -> int:
    from advisor.decision import record

    found = record.record()
    print(record.to_json(found) if options.json else record.to_text(found))
    return 0
