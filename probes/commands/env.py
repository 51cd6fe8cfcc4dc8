"""``python -m probes env``: lists, makes and removes environments of their own, or takes a user's interpreter."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from probes.commands import terminal
from probes.contracts import Cancelled
from probes.deploy import environments
from probes.engine.running.child import CancelledError


def add(commands: terminal.Commands) -> None:
    parser = commands.add_parser(
        "env", help="environments of their own, for ways that need one and for a side's own version"
    )
    parser.set_defaults(command_run=main)
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="every environment, whether it is here, and what it would install")
    listing.add_argument("--json", action="store_true", help="as JSON")
    for name, text in (
        ("create", "install it; progress on stderr, its interpreter on stdout"),
        ("remove", "delete what create installed"),
        ("use", "use an interpreter of your own instead; without PYTHON, take that back"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument(
            "id", metavar="ID", help="an environment of the list, or versions of frameworks: pytorch==2.12.0"
        )
        if name == "use":
            action.add_argument("python", metavar="PYTHON", type=Path, nargs="?", help="the interpreter")


def main(options: argparse.Namespace) -> int:
    """Done, failed with a reason, or cancelled with nothing left behind."""
    if options.action == "list":
        return _list(as_json=options.json)
    with terminal.interruptible() as cancelled:
        try:
            with terminal.refusing():
                _ACTIONS[options.action](options, cancelled)
        except (environments.InstallError, OSError) as error:
            raise terminal.FailedError(str(error)) from error
        except CancelledError:
            print(f"python -m probes env {options.action}: cancelled; nothing is left of it", file=sys.stderr)
            return terminal.INTERRUPTED
    return terminal.DONE


def _list(*, as_json: bool) -> int:
    rows = [_row(runtime) for runtime in (*environments.runtimes(), *environments.made_of_frameworks())]
    if as_json:
        print(json.dumps({"schema": 1, "environments": rows}, indent=2, ensure_ascii=False))
        return terminal.DONE
    for row in rows:
        size = f"{row['bytes'] / 1e6:,.0f} MB" if row["bytes"] else f"about {row['megabytes']:,} MB"
        print(f"{row['id']:<16} {row['state']:<8} {size:>14}  {row['reason'] or row['interpreter']}")
    return terminal.DONE


def _row(runtime: environments.Runtime) -> dict[str, Any]:
    return {
        "id": runtime.id,
        "title": runtime.title,
        "purpose": runtime.purpose,
        "state": environments.state(runtime.id),
        "reason": environments.lacking(runtime.id),
        "interpreter": str(environments.place(runtime.id) or ""),
        "pins": [*runtime.pins, *runtime.no_deps, *runtime.besides],
        "python": list(runtime.python),
        "programs": list(runtime.programs),
        "megabytes": runtime.megabytes,
        "bytes": environments.manifest(runtime.id).get("bytes", 0),
    }


def _create(options: argparse.Namespace, cancelled: Cancelled) -> None:
    print(environments.create(options.id, tell=terminal.Reporter().say, cancelled=cancelled))
    if environments.state(options.id) == "yours":
        yours = environments.place(options.id)
        print(
            f"{yours} is used all the same, until you take it back: python -m probes env use {options.id}",
            file=sys.stderr,
        )


def _remove(options: argparse.Namespace, _: Cancelled) -> None:
    was_there = environments.remove(options.id)
    print(f"{options.id}: {'removed' if was_there else 'there was nothing to remove'}", file=sys.stderr)


def _use(options: argparse.Namespace, _: Cancelled) -> None:
    kept = environments.point(options.id, options.python)
    print(f"{options.id}: {f'{kept} is used' if kept else 'no interpreter of your own is used'}", file=sys.stderr)


_ACTIONS = {"create": _create, "remove": _remove, "use": _use}
