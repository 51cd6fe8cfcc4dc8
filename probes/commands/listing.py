"""``python -m probes list``: every probe, way and server, whether it can run here, and why not."""

from __future__ import annotations

import argparse
import json

from probes import catalog
from probes.commands import interpreters, terminal
from probes.deploy import catalog as routes
from probes.engine.running.interpreters import told
from probes.json_form import to_dict
from probes.schema import TITLES
from probes.serving import catalog as servers


def add(commands: terminal.Commands) -> None:
    parser = commands.add_parser("list", help="every probe, whether it can run here, and why not")
    interpreters.add(parser)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(command_run=main)


def main(options: argparse.Namespace) -> int:
    """Done, whatever can run here."""
    with terminal.refusing():
        pythons = interpreters.chosen(options)
    probes, ways = catalog.availability(interpreters=told(pythons)), routes.availability(pythons)
    serving = servers.availability(pythons=pythons)
    if options.json:
        lists = {"probes": probes, "routes": ways, "servers": serving}
        content = {"schema": 1} | {name: [to_dict(row) for row in rows] for name, rows in lists.items()}
        print(json.dumps(content, indent=2, ensure_ascii=False))
        return terminal.DONE
    for row in probes:
        print(f"{row.probe.id:<32} {row.outcome:<12} {row.reason or row.probe.question}")
    print("\nWays from a trained model to a target (python -m probes routes):")
    for way in ways:
        what = f"{TITLES[way.way.framework]}: {way.way.title}"
        print(f"{way.way.id:<36} {way.outcome:<12} {way.reason or what}")
    print("\nServers under load (python -m probes serve):")
    for server in serving:
        print(f"{server.server.id:<36} {server.outcome:<12} {server.reason or server.server.title}")
    return terminal.DONE
