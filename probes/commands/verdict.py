"""``python -m probes verdict``: every verdict of a recorded run once more, from its raw blocks."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from probes import records
from probes.commands import terminal
from probes.commands.run import line
from probes.places import titles
from probes.records.trusting import rejudged


def add(commands: terminal.Commands) -> None:
    parser = commands.add_parser("verdict", help="recompute every verdict of a recorded run from its raw blocks")
    parser.add_argument("file", type=Path, metavar="RUN.json", help="what «run» wrote")
    parser.set_defaults(command_run=main)


def main(options: argparse.Namespace) -> int:
    """Done if every result in the file is what its raw rounds say, bit for bit; refused if one isn't."""
    with terminal.refusing():
        run = records.read(options.file)
        results = rejudged(run)
    recorded = {row.probe: row for row in run.results}
    order = list(recorded)
    for row in sorted(results, key=lambda row: order.index(row.probe) if row.probe in recorded else len(order)):
        print(line(row, titles(run.request.interpreters)))
    edited = [row.probe for row in results if recorded.pop(row.probe, None) != row] + list(recorded)
    if edited:
        raise terminal.RefusedError(
            f"{options.file}: the recorded results of {', '.join(edited)} are not what the raw rounds say: "
            "the file was edited, or another version of Fulcrum wrote it"
        )
    print(f"All {len(results)} results are what the raw blocks say, bit for bit.", file=sys.stderr)
    return terminal.DONE
