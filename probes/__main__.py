"""``python -m probes COMMAND``: what the pages do, on the command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from probes.commands import (
    browser,
    check,
    compare,
    env,
    listing,
    rehearse,
    routes,
    run,
    serve,
    terminal,
    verdict,
    verify,
)


@terminal.plain_output()
def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 when it was done, 1 when it failed, 2 for bad arguments or files, 130 for Ctrl-C."""
    known = parser()
    options = known.parse_args(arguments)
    if options.command is None:
        known.print_help(sys.stderr)
        return terminal.BAD_ARGUMENTS
    try:
        status: int = options.command_run(options)
        sys.stdout.flush()
    except terminal.RefusedError as error:
        return _said(options, error, terminal.BAD_ARGUMENTS)
    except terminal.FailedError as error:
        return _said(options, error, terminal.FAILED)
    except BrokenPipeError:  # «… | head» has seen enough; Python would complain once more when it flushes at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return terminal.DONE
    return status


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    root = terminal.Parser(prog="python -m probes", description="Live benchmarks of PyTorch and TensorFlow.")
    commands = root.add_subparsers(dest="command")
    for command in (listing, run, compare, rehearse, verdict, verify, check, routes, serve, env, browser):
        command.add(commands)
    return root


def _said(options: argparse.Namespace, error: Exception, status: int) -> int:
    words = [options.command, *([options.action] if "action" in options else [])]
    print(f"python -m probes {' '.join(words)}: {' '.join(str(error).splitlines())}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
