"""``python -m probes rehearse``: a model of a team's own where it might go, beside where it is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from probes.commands import interpreters, terminal
from probes.engine.running import model_files
from probes.engine.running.child import CancelledError
from probes.engine.running.interpreters import launcher, told
from probes.json_form import to_json
from probes.rehearsal import run
from probes.rehearsal.schema import Rehearsal, RehearsedWay
from probes.rehearsal.ways import WAYS, find

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
        terminal.refuse_published(options.model_file)
        ways = tuple(map(find, dict.fromkeys(options.way))) or WAYS
        seed = terminal.whole("seed", options.seed)
        terminal.check_place(options.out)
        pythons = interpreters.chosen(options)
        path = options.model_file.absolute()
        file = model_files.describe(path, launcher=launcher(pythons), interpreters=told(pythons), tell=say)
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
        yield from ("", f"{way.title}: {_OUTCOMES[way.outcome]}", *(f"  {line}" for line in _lines(way)))


_OUTCOMES: Final = {
    "same": "answers and learns alike",
    "answers only": "answers alike, but doesn't learn alike",
    "different": "answers otherwise",
    "refused": "a call fails",
    "failed": "broke down",
    "missing": "not tried",
    "no half": "not tried",
}


def _lines(way: RehearsedWay) -> Iterator[str]:
    if way.failure is not None:
        failure = way.failure
        stage = {"model": "in the model", "export": "on its way to ONNX", "move": "where it went"}[failure.stage]
        at = f"{failure.file}, line {failure.line}" if failure.file else "nobody says where"
        called = f", calling {failure.call}" if failure.call else ""
        yield f"{stage}, {'' if failure.own or not failure.file else 'in the package '}{at}{called}"
    if way.reason:
        yield way.reason
    if way.deviation is not None:
        yield f"outputs: largest deviation {way.deviation:.1e} of the largest value"
    if (parting := way.parting) is not None:
        after = f"; alike up to {parting.last_alike}" if parting.last_alike else ""
        yield f"both part at {parting.layer or 'no layer that can be told'}{after}"
    if (learning := way.learning) is not None:
        yield f"weights that are trained there too: {learning.kept} of {learning.weights}"
        if learning.deviation is not None:
            yield f"their gradients: at most {learning.deviation:.1e} of their length apart, at {learning.worst}"
    if way.adapted:
        yield f"spelled otherwise to get so far: {', '.join(way.adapted)}"
    if way.versions:
        yield ", ".join(f"{name} {version}" for name, version in way.versions.items())
