"""``python -m probes env``: lists, makes and removes environments of their own, or takes a user's interpreter."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from probes.contracts import UnsupportedError
from probes.deploy import environments
from probes.engine.child import CancelledError

FAILED, BAD_ARGUMENTS, INTERRUPTED = 1, 2, 130


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command's own commands."""
    parser = commands.add_parser("env", help="environments of their own that some ways need")
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="every environment, whether it is here, and what it would install")
    listing.add_argument("--json", action="store_true", help="as JSON")
    for name, text in (
        ("create", "install it; progress on stderr, its interpreter on stdout"),
        ("remove", "delete what create installed"),
        ("use", "use an interpreter of your own instead; without PYTHON, take that back"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("id", metavar="ID", help="an environment of the list")
        if name == "use":
            action.add_argument("python", metavar="PYTHON", type=Path, nargs="?", help="the interpreter")


def main(options: argparse.Namespace, cancelled: Callable[[], bool]) -> int:
    """Exit 0 when it is done, 1 with a reason if it failed, 2 for bad arguments, 130 if it was cancelled."""
    if options.action == "list":
        return _list(as_json=options.json)
    try:
        _ACTIONS[options.action](options, cancelled)
    except ValueError as error:
        return _failed(options, str(error), BAD_ARGUMENTS)
    except (environments.InstallError, OSError) as error:
        return _failed(options, str(error), FAILED)
    except CancelledError:
        return _failed(options, "cancelled; nothing is left of it", INTERRUPTED)
    return 0


def _list(*, as_json: bool) -> int:
    rows = [_row(runtime) for runtime in environments.runtimes()]
    if as_json:
        _say(json.dumps({"schema": 1, "environments": rows}, indent=2, ensure_ascii=False))
        return 0
    for row in rows:
        size = f"{row['bytes'] / 1e6:,.0f} MB" if row["bytes"] else f"about {row['megabytes']:,} MB"
        _say(f"{row['id']:<16} {row['state']:<8} {size:>14}  {row['reason'] or row['interpreter']}")
    return 0


def _row(runtime: environments.Runtime) -> dict[str, Any]:
    found = environments.place(runtime.id)
    try:
        environments.interpreter(runtime.id)
        reason = ""
    except UnsupportedError as error:
        reason = str(error)
    return {
        "id": runtime.id,
        "title": runtime.title,
        "purpose": runtime.purpose,
        "state": environments.state(runtime.id),
        "reason": reason,
        "interpreter": str(found or ""),
        "pins": [*runtime.pins, *runtime.no_deps],
        "python": list(runtime.python),
        "programs": list(runtime.programs),
        "megabytes": runtime.megabytes,
        "bytes": environments.manifest(runtime.id).get("bytes", 0),
    }


def _create(options: argparse.Namespace, cancelled: Callable[[], bool]) -> None:
    _say(str(environments.create(options.id, tell=_progress, cancelled=cancelled)))
    if environments.state(options.id) == "yours":
        yours = environments.place(options.id)
        _say(f"{yours} is used all the same, until you take it back: python -m probes env use {options.id}", sys.stderr)


def _remove(options: argparse.Namespace, _: Callable[[], bool]) -> None:
    was_there = environments.remove(options.id)
    _say(f"{options.id}: {'removed' if was_there else 'there was nothing to remove'}", sys.stderr)


def _use(options: argparse.Namespace, _: Callable[[], bool]) -> None:
    kept = environments.point(options.id, options.python)
    _say(f"{options.id}: {f'{kept} is used' if kept else 'no interpreter of your own is used'}", sys.stderr)


_ACTIONS = {"create": _create, "remove": _remove, "use": _use}


def _progress(message: str, fraction: float) -> None:
    _say(f"{fraction:4.0%}  {message}", sys.stderr)


def _failed(options: argparse.Namespace, reason: str, status: int) -> int:
    _say(f"python -m probes env {options.action}: {reason}", sys.stderr)
    return status


def _say(text: str, to: Any = None) -> None:
    (to or sys.stdout).write(f"{text}\n")
