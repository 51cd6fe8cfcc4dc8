"""``stale``: facts that should be looked up again, and what packages say today."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from advisor import knowledge
from advisor.commands import arguments
from advisor.knowledge import looking, stale
from probes.commands.terminal import RefusedError


def add(commands: arguments.AdvisorCommands) -> None:
    """The command."""
    ageing = commands.add_parser("stale", help="the facts that are older than their half-life, oldest first")
    ageing.add_argument(
        "--look",
        nargs="*",
        metavar="FACT",
        help="read again what these facts say of packages, or all that say something",
    )
    ageing.add_argument("--json", action="store_true", help="for programs")
    arguments.add_day(ageing)
    ageing.set_defaults(run_command=_stale)


def _stale(options: argparse.Namespace) -> int:
    known = knowledge.load(on=options.on or arguments.today())
    if options.look is not None:
        return _look(known, options.look, json=options.json)
    print(stale.to_json(known) if options.json else stale.to_text(known))
    return 0


def _look(known: knowledge.Knowledge, wanted: Sequence[str], *, json: bool) -> int:
    """Late import: nothing else starts pip."""
    from advisor.adapters.package_index import PipIndex

    able = {fact.id: fact for fact in known.facts.values() if fact.look}
    if strange := [name for name in wanted if name not in able]:
        raise RefusedError(f"--look: {strange[0]!r} says nothing of a package; allowed: {', '.join(able)}")
    facts = [able[name] for name in wanted] if wanted else list(able.values())
    index = PipIndex()
    looks = [item for fact in facts for item in fact.look]
    index.read_ahead(
        (item.package for item in looks if item.what == "version"),
        (item.package for item in looks if item.what != "version"),
    )
    looked = looking.look_again(facts, index)
    print(looking.to_json(looked, known.today.isoformat()) if json else looking.to_text(looked))
    return 0 if looking.reached(looked) else arguments.UNAVAILABLE
