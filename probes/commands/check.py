"""``python -m probes check``: the engine tests itself on this machine."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import get_args

from probes.check import full, run, sides
from probes.check.schema import CheckForm
from probes.check.sides import UnavailableError
from probes.commands import interpreters, terminal
from probes.engine.running.child import CancelledError, ChildError
from probes.engine.running.interpreters import launcher, told
from probes.json_form import to_json
from probes.schema import TITLES


def add(commands: terminal.Commands) -> None:
    parser = commands.add_parser("check", help="the engine tests itself on this machine; about a minute")
    parser.add_argument(
        "--form",
        choices=get_args(CheckForm),
        default="quick",
        help="standard: seven minutes, and this machine's own spread; full: hours, and error rates",
    )
    parser.add_argument("--device", choices=run.DEVICES, default="cpu", help="what the engine is tested on")
    parser.add_argument(
        "--trials", type=Path, metavar="FILE", help="keep the full form's trials here and go on from it"
    )
    parser.add_argument(
        "--seconds", type=float, default=math.inf, metavar="N", help="report what the full form has after so long"
    )
    interpreters.add(parser)
    parser.add_argument("--json", action="store_true", help="JSON on stdout, or in --out")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the JSON goes")
    parser.set_defaults(command_run=main)


def main(options: argparse.Namespace) -> int:
    """Done if nothing that was looked at failed."""
    with terminal.refusing():
        terminal.check_place(options.out)
        book = full.Book(options.trials)
        pythons = interpreters.chosen(options)
    with terminal.interruptible() as cancelled:
        try:
            result = run.check(
                options.form,
                device=options.device,
                tell=terminal.Reporter().say,
                cancelled=cancelled,
                launcher=launcher(pythons, sides.WORKER),
                interpreters=told(pythons),
                book=book,
                seconds=options.seconds,
            )
        except CancelledError:
            return terminal.INTERRUPTED
        except (ChildError, UnavailableError, OSError) as error:
            raise terminal.FailedError(str(error)) from error
    for finding in result.findings:
        of = f" ({TITLES[finding.framework]})" if finding.framework else ""
        print(f"{finding.state:<13} {finding.title}{of}: {finding.said}", file=sys.stderr)
    if options.json or options.out:
        terminal.write(to_json(result), options.out)
    return terminal.DONE if result.passed else terminal.FAILED
