"""``python -m advisor``: what the pages do, on the command line, and what whoever runs a Fulcrum for others does."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from advisor import knowledge, questionnaire
from advisor.commands import code, deciding, facts, operating, sweeping
from advisor.commands.arguments import UNAVAILABLE
from advisor.ports import StoreUnavailableError
from probes.commands.terminal import BAD_ARGUMENTS, Parser, RefusedError, plain_output


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
    except (RefusedError, questionnaire.AnswersError, knowledge.DataError) as error:
        print(f"python -m advisor {options.command}: {' '.join(str(error).splitlines())}", file=sys.stderr)
        return BAD_ARGUMENTS
    except StoreUnavailableError as error:
        print(f"python -m advisor {options.command}: {error}", file=sys.stderr)
        return UNAVAILABLE
    except BrokenPipeError:  # «… | head» has seen enough; Python would complain once more when it flushes at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def parser() -> Parser:
    """All commands and their options."""
    found = Parser(prog="python -m advisor", description="PyTorch or TensorFlow, for one project.")
    commands = found.add_subparsers(dest="command")
    for module in (deciding, facts, code, sweeping, operating):
        module.add(commands)
    return found


if __name__ == "__main__":
    sys.exit(main())
