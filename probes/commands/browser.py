"""``python -m probes browser``: fetches what runs exported models in visitors' browsers, from npm."""

from __future__ import annotations

import argparse
import sys

from probes.commands import terminal
from probes.in_browser import fetching
from probes.in_browser.runtimes import BACKENDS, runtimes


def add(commands: terminal.Commands) -> None:
    parser = commands.add_parser(
        "browser", help="fetch from npm what runs exported models in visitors' browsers (needs npm)"
    )
    parser.set_defaults(command_run=main)


def main(options: argparse.Namespace) -> int:  # noqa: ARG001 - it has none
    """Fetched, or failed with a reason and nothing half left behind. Prints what each backend loads."""
    try:
        found = fetching.fetch(lambda what: print(f"fetching {what}", file=sys.stderr))
    except (fetching.FetchError, OSError) as error:
        raise terminal.FailedError(str(error)) from error
    for runtime in runtimes():
        for backend in runtime.backends:
            packed = sum(file.packed for file in found.of(runtime, backend.id)) / 1e6
            print(f"{runtime.title:18} {BACKENDS[backend.id]:30} {packed:5.1f} MB, packed")
    return terminal.DONE
