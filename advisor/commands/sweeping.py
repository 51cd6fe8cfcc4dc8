"""``sweep``: many runs for a decision at once, over the team's machines."""

from __future__ import annotations

import argparse
from typing import get_args

from advisor.commands import arguments
from advisor.ports import NotFoundError, Services
from advisor.queue.quotas import QuotaError
from advisor.queue.sweeps import HERE, SweepError, Where, parts, places
from advisor.queue.upkeep import sweep_text
from advisor.records import Requester
from probes.commands.terminal import RefusedError
from probes.schema import LEVELS, RunRequest

_WHERE: tuple[Where, ...] = get_args(Where)


def add(commands: arguments.AdvisorCommands) -> None:
    """The command."""
    sweeping = commands.add_parser("sweep", help="measure several networks at once, here or on the team's machines")
    sweeping.add_argument("decision", metavar="ID", help="the decision, as its link names it")
    sweeping.add_argument(
        "--network", action="append", default=[], metavar="ID", help="may be repeated; every network if left out"
    )
    sweeping.add_argument(
        "--where",
        choices=_WHERE,
        default="here",
        help="here (if left out), one (--machine), all, or kinds: equal machines share the work",
    )
    sweeping.add_argument("--machine", default=HERE, metavar="NAME", help="the one, by its name in the cluster")
    sweeping.add_argument("--budget", choices=LEVELS, default="quick", help="of each run; quick if left out")
    what = sweeping.add_mutually_exclusive_group()
    what.add_argument("--show", action="store_true", help="how far the newest one is; nothing is asked for")
    what.add_argument("--cancel", action="store_true", help="end the newest one; what was measured is kept")
    what.add_argument("--go-on", action="store_true", help="go on with what the newest one didn't finish")
    sweeping.set_defaults(run_command=_sweep)


def _sweep(options: argparse.Namespace) -> int:
    services, by = arguments.services(), Requester(operator=True)  # whoever has this command has the database
    if options.show or options.cancel or options.go_on:
        newest = services.store.sweep(options.decision)
        if newest is None:
            raise RefusedError(
                f"ID: {options.decision!r} has no sweep; without --show, --cancel, --go-on it begins one"
            )
        if options.cancel:
            services.store.cancel_sweep(newest.id)
        if options.go_on:
            services.store.resume_sweep(newest.id, by)
    else:
        _begin(services, options, by)
    found = services.store.sweep(options.decision)
    if found is not None:
        print(sweep_text(found))
    return 0


def _begin(services: Services, options: argparse.Namespace, by: Requester) -> None:
    """Raises RefusedError."""
    if (options.where == "one") != bool(options.machine):
        raise RefusedError("--machine: goes with --where one, and only with that")
    known = {model.id: model for model in services.runner.models() if not model.own}
    if unknown := [name for name in options.network if name not in known]:
        raise RefusedError(f"--network: {unknown[0]!r}; allowed: {', '.join(known)}")
    try:
        fleet = () if options.where == "here" else services.runner.look()
        found = places(options.where, services.runner.machine(), fleet, options.machine)
        asked = parts(RunRequest(budget=options.budget), options.network or known, found, services.runner)
        services.store.begin_sweep(options.decision, asked, by)
    except NotFoundError as error:
        raise RefusedError(f"ID: {error}") from error
    except (SweepError, QuotaError, RuntimeError) as error:
        raise RefusedError(str(error)) from error
    for reason in found.left_out:
        print(f"Not taking part: {reason}.")
