"""``scan`` and ``clock``: what a team's code uses, and until when it can stay with what it pins."""

from __future__ import annotations

import argparse
from pathlib import Path

from advisor import questionnaire
from advisor.commands import arguments
from advisor.effort.report import EFFORT_AREAS, Survival
from probes.commands.terminal import RefusedError


def add(commands: arguments.AdvisorCommands) -> None:
    """The commands."""
    scanning = commands.add_parser(
        "scan", help="what a team's code uses, and what a move or an upgrade would meet there"
    )
    scanning.add_argument(
        "path", type=Path, metavar="PATH", help="a folder, or a zip or tar of one; nothing of it is run"
    )
    scanning.add_argument(
        "--format", choices=("text", "json", "sarif", "markdown"), default="text", help="text if left out"
    )
    scanning.add_argument("--answers", type=Path, metavar="ANSWERS.yaml", help="whose skills, Python and system count")
    for fate, said in (("drop", "given up: it costs nothing"), ("rewrite", "brought along in another design")):
        scanning.add_argument(
            f"--{fate}", action="append", default=[], choices=EFFORT_AREAS, metavar="AREA",
            help=f"an area that is {said}; may be repeated: {', '.join(EFFORT_AREAS)}",
        )  # fmt: skip
    scanning.add_argument(
        "--rehearsal", type=Path, action="append", default=[], metavar="REHEARSAL.json",
        help="what «python -m probes rehearse --json» wrote of a model in this code: what it found counts in place of "
        "guesses; may be repeated",
    )  # fmt: skip
    arguments.add_day(scanning)
    scanning.set_defaults(run_command=_scan)
    clock = commands.add_parser("clock", help="what pinned packages still install and run on, and what ends when")
    clock.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="requirements, pip freeze, a lock of Poetry, uv, Pipenv, conda, or a Dockerfile",
    )
    clock.add_argument("--python", default="", metavar="VERSION", help="as 3.11; the file's if it allows one alone")
    clock.add_argument("--os", default="", metavar="SYSTEM", help="as windows or macos-arm64; linux if left out")
    clock.add_argument("--gpu", default="", metavar="GENERATION", help="of an NVIDIA GPU, as ampere")
    clock.add_argument(
        "--cuda", default="", metavar="VERSION", help="the newest that the driver knows, as nvidia-smi shows it"
    )
    clock.add_argument("--format", choices=("json", "text"), default="text", help="text if left out")
    arguments.add_day(clock)
    clock.set_defaults(run_command=_clock)


def _scan(options: argparse.Namespace) -> int:
    """Late import: nothing else parses code."""
    from advisor.effort import command

    day = options.on or arguments.today()
    answers = questionnaire.load(options.answers, today=day) if options.answers else None
    if both := sorted({*options.drop} & {*options.rewrite}):
        raise RefusedError(f"--drop, --rewrite: {both[0]!r} is in both; name it once")
    survival: Survival = {**dict.fromkeys(options.drop, "drop"), **dict.fromkeys(options.rewrite, "rewrite")}
    try:
        print(command.shown(options.path, options.format, day, answers, survival, options.rehearsal))
    except command.ScanError as error:
        raise RefusedError(str(error)) from error
    except command.RehearsalFileError as error:
        raise RefusedError(f"--rehearsal: {error}") from error
    return 0


def _clock(options: argparse.Namespace) -> int:
    """Late import: nothing else reads lock files."""
    from advisor.lifecycle import command

    said = {"python": options.python, "system": options.os, "gpu": options.gpu, "cuda": options.cuda}
    try:
        print(command.answered(options.file, options.on or arguments.today(), json=options.format == "json", **said))
    except command.ClockInputError as error:
        raise RefusedError(str(error)) from error
    return 0
