"""``python -m probes rehearse``: a model of a team's own where it might go, beside where it is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from probes.commands import interpreters, terminal
from probes.engine.running.child import CancelledError
from probes.json_form import to_json
from probes.model_file import published
from probes.rehearsal import run
from probes.rehearsal.schema import Rehearsal
from probes.rehearsal.ways import WAYS, find
from probes.rehearsal.words import OUTCOMES, lines

#: Exit statuses, as of ``compare``: every way that was tried goes; some don't; none was tried.
GOES, PARTS, UNKNOWN = 0, 1, 2
_TRIED: Final = ("same", "answers only", "different", "refused", "failed")


def add(commands: terminal.Commands) -> None:
    parser = commands.add_parser(
        "rehearse",
        help="a model of your own on another backend and through ONNX, where it might go; exit status 0: every way "
        "that was tried answers and learns alike, 1: some don't, 2: none could be tried",
    )
    parser.add_argument("--model-file", type=Path, metavar="FILE", required=True, help="a model of your own")
    parser.add_argument(
        "--way", action="append", default=[], metavar="ID",
        help=f"one of {', '.join(way.id for way in WAYS)}; may be repeated; all if left out",
    )  # fmt: skip
    parser.add_argument("--seed", default="0", metavar="N", help="of inputs and of the step's direction")
    interpreters.add(parser)
    parser.add_argument("--json", action="store_true", help="JSON on stdout, or in --out")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the JSON goes")
    parser.set_defaults(command_run=main)


def main(options: argparse.Namespace) -> int:
    say = partial(print, file=sys.stderr)
    with terminal.refusing():
        if published.is_published(options.model_file):
            raise ValueError(
                f"{options.model_file} is a published model, whose code isn't yours to move; allowed: a Python file "
                "with the model (docs/own-models.md)"
            )
        ways = tuple(map(find, dict.fromkeys(options.way))) or WAYS
        seed = terminal.seed(options.seed)
        terminal.check_place(options.out)
        pythons = interpreters.chosen(options)
        path = options.model_file.absolute()
        file = interpreters.described(path, pythons, say)
    with terminal.interruptible() as cancelled:
        try:
            found = run.rehearse(path, file, ways, seed=seed, pythons=pythons, cancelled=cancelled, tell=say)
        except CancelledError:
            return terminal.INTERRUPTED
    if options.json or options.out is not None:
        terminal.write(to_json(found), options.out)
    else:
        print("\n".join(text(found)))
    return status(found)


def status(found: Rehearsal) -> int:
    """The exit status."""
    tried = [way.outcome for way in found.ways if way.outcome in _TRIED]
    if not tried:
        return UNKNOWN
    return GOES if all(outcome == "same" for outcome in tried) else PARTS


def text(found: Rehearsal) -> Iterator[str]:
    """The lines that a person reads."""
    yield found.file.title
    for way in found.ways:
        yield from ("", f"{way.title}: {OUTCOMES[way.outcome]}", *(f"  {line}" for line in lines(way)))
