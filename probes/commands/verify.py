"""``python -m probes verify``: lines that clock one figure of a recorded run with somebody else's timer."""

from __future__ import annotations

import argparse
from pathlib import Path

from probes import catalog, records
from probes.check import reproduce
from probes.commands import interpreters, terminal
from probes.contracts import UnsupportedError
from probes.engine.running.interpreters import SidePythons
from probes.model_file import loading
from probes.places import against
from probes.results import RunResult
from probes.schema import FRAMEWORKS, TITLES, Device


def add(commands: terminal.Commands) -> None:
    parser = commands.add_parser("verify", help="lines that clock a figure of a recorded run with another timer")
    parser.add_argument("file", type=Path, metavar="RUN.json", help="what «run» wrote")
    parser.add_argument("--probe", default="", metavar="ID", help="a probe of the run, or all of them")
    parser.add_argument("--model-file", type=Path, metavar="FILE", help="where the run's own model lies")
    interpreters.add(parser)
    parser.set_defaults(command_run=main)


def main(options: argparse.Namespace) -> int:
    """Done when there was a line to show."""
    with terminal.refusing():
        run = records.read(options.file)
        if against(run.request.interpreters):
            raise terminal.RefusedError(
                f"{options.file}: it compares versions of one framework, for which there are no such lines yet: make a "
                "run of each, with --pytorch-python or --tensorflow-python"
            )
        path, pythons = _looked_at(run, options.model_file), interpreters.chosen(options, options.model_file)
        _same(run, pythons)
    found = lines(run, options.probe, path, pythons)
    if not found:
        raise terminal.RefusedError(f"{options.file}: no figure in it was timed step by step, or none of that probe")
    print(*found, sep="\n")
    return terminal.DONE


def lines(run: RunResult, probe: str, model_path: str, pythons: SidePythons = catalog.NONE) -> list[str]:
    """Of every side that was timed step by step, of all probes or one: a heading, and the lines."""
    timed = {found.spec.id for found in catalog.known({result.probe for result in run.results}) if _is_timed(found)}
    device: Device = "cuda" if run.on_gpu else "cpu"
    shown = []
    for result in run.results:
        if result.probe not in timed or probe not in ("", result.probe):
            continue
        for side in FRAMEWORKS:
            if side in result.sides and result.sides[side].median is not None:
                told = reproduce.lines(
                    result.probe, side, run.request, device=device, model_path=model_path, python=pythons.get(side)
                )
                shown += [f"# {result.title} in {TITLES[side]}", *told.values()]
    return shown


def _is_timed(probe: catalog.Probe) -> bool:
    return probe.measure_spec.kind == "timed"


def _same(run: RunResult, pythons: SidePythons) -> None:
    """The lines have to run in what was measured."""
    for side in FRAMEWORKS:
        measured, here = run.request.interpreters.get(side), pythons.get(side)
        if measured is not None and (here is None or here.told.versions != measured.versions):
            versions = ", ".join(f"{name} {version}" for name, version in measured.versions.items())
            raise terminal.RefusedError(
                f"--{side}-python: the run measured {TITLES[side]} in an interpreter of its own ({measured.name}: "
                f"Python {measured.python}, {versions}); name that one"
            )
        if measured is None and here is not None:
            raise terminal.RefusedError(
                f"--{side}-python: the run measured {TITLES[side]} in the app's own interpreter"
            )


def _looked_at(run: RunResult, path: Path | None) -> str:
    """The path as the lines say it, "" for a stock network."""
    file = run.request.model_file
    if file is None:
        return ""
    catalog.adopt(file)
    if file.data is not None:  # the lines would have to say where the data lie, and a record doesn't
        raise terminal.RefusedError(
            f"{file.name} was measured on {file.data.name}: other timers have lines for runs without --data only"
        )
    if path is None:
        raise terminal.RefusedError(f"--model-file: the run measured {file.name}; say where it lies")
    try:
        loading.read(path, file.sha256)
    except UnsupportedError as error:
        raise terminal.RefusedError(str(error)) from error
    return str(path.absolute())
