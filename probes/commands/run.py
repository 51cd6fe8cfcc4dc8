"""``python -m probes run``: measures what a budget or a list of probes asks for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from probes import catalog, records
from probes.check.calibration import calibrated
from probes.commands import interpreters, terminal
from probes.engine.judging.best_modes import best_modes
from probes.engine.planning import memory_estimate
from probes.engine.running import pace, supervisor
from probes.engine.running.interpreters import launcher, told
from probes.engine.watching import machine
from probes.places import titles
from probes.records.plan_files import MeasurementPlan, read_plan
from probes.results import NOT_SHOWN, ModeEffect, ProbeResult
from probes.schema import FRAMEWORKS, TITLES, Framework, Outcome, Priority, RunRequest, RunSetup, Verdict
from probes.team_files import ModelFile, TeamData

#: What a plan says itself, so that it can't be said beside it.
_PLANNED: Final[Mapping[str, object]] = {
    "probe": [],
    "model": "mlp",
    "budget": "quick",
    "device": "auto",
    "threads": "1",
    "seed": "0",
    "size": [],
    "against": "",
}


def add(commands: terminal.Commands) -> None:
    parser = commands.add_parser("run", help="measure; progress on stderr, JSON to FILE or stdout")
    parser.add_argument(
        "--plan", type=Path, metavar="FILE", help="what the page «Probes» handed out; it says what to measure, and how"
    )
    parser.add_argument(
        "--probe", action="append", default=[], metavar="ID", help="a probe of the list; may be repeated"
    )
    parser.add_argument("--model", default="mlp", metavar="ID", help="whose probes the budget chooses from")
    parser.add_argument("--model-file", type=Path, metavar="FILE", help="a model of your own in place of --model")
    terminal.add_data(parser)
    parser.add_argument("--budget", default="quick", help="quick, standard, thorough or a number of seconds")
    parser.add_argument("--device", default="auto", help="cpu, cuda or auto")
    parser.add_argument("--threads", default="1", metavar="N", help="intra-op threads, the same on both sides")
    parser.add_argument("--seed", default="0", metavar="N", help="of weights, inputs and the order of blocks")
    terminal.add_sizes(parser)
    interpreters.add(parser)
    parser.add_argument(
        "--against", metavar="PYTHON", default="",
        help="one framework in two versions, this one in the other framework's place: pytorch==2.12.0, or "
        "FRAMEWORK:PYTHON; no decision rests on it",
    )  # fmt: skip
    parser.add_argument(
        "--calibration", type=Path, metavar="FILE",
        help="a self-check of this machine (check --form standard --out FILE): its spread and margin are used",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the JSON goes; stdout if left out")
    parser.set_defaults(command_run=main)


def main(options: argparse.Namespace) -> int:
    """Done when every planned probe ended in a stated outcome."""
    with terminal.refusing():
        check = records.read_check(options.calibration) if options.calibration else None
        planned = _planned(options)
        request, pythons = planned.request if planned else _requested(options), interpreters.sides(options)
        request, start = replace(request, interpreters=told(pythons)), launcher(pythons)
        tell = partial(print, file=sys.stderr)
        place = terminal.data(options, tell)
        if place is not None and planned is None:
            request = _of_data(request, place.data, alone=options.model_file is None)
        if options.model_file is not None:
            file = interpreters.described(options.model_file, pythons, tell, place)
            request = replace(
                request, model=file.id, model_file=file, probes=tuple(_own(p, "own", file.id) for p in request.probes)
            )
        if planned is not None:
            _same_files(
                planned.request, request.model_file if options.model_file else None, place.data if place else None
            )
        here = machine.seen_by(request.interpreters)
        calibration = calibrated(request.device, here, check)
        priority = planned.priority if planned else Priority()
        setup = RunSetup(request, replace(calibration, pace=pace.read(here.fingerprint)), priority)
        memory_estimate.validate(setup, here.memory_bytes)
        terminal.check_place(options.out)
    with terminal.interruptible() as cancelled:
        result = supervisor.run(
            setup,
            on_progress=terminal.Reporter(),
            cancelled=cancelled,
            learn=partial(pace.learn, here.fingerprint),
            launcher=start,
            model_path=options.model_file,
            data_path=place.path if place else None,
        )
    for row in result.results:
        print(line(row, titles(request.interpreters)), file=sys.stderr)
    rounds = {row.probe: result.rounds for row in result.results}
    for best in best_modes(result.results, rounds, result.calibration):
        for effect in best.effects if not best.compared else ():
            print(effect_line(effect, titles(request.interpreters)), file=sys.stderr)
    terminal.write(records.sealed(result), options.out)
    return terminal.INTERRUPTED if cancelled() else terminal.DONE


def _planned(options: argparse.Namespace) -> MeasurementPlan | None:
    """Raises ValueError for what stands beside a plan that says it itself."""
    if options.plan is None:
        return None
    if said := next((name for name, default in _PLANNED.items() if getattr(options, name) != default), None):
        raise ValueError(
            f"--{said}: the plan says it; allowed beside --plan: --model-file, --data, --calibration, --out"
        )
    return read_plan(options.plan)


def _same_files(asked: RunRequest, file: ModelFile | None, data: TeamData | None) -> None:
    """Raises ValueError unless a plan's own files are those that were named: of the same content."""
    wanted = asked.model_file
    if (wanted.id if wanted else "") != (file.id if file else ""):
        allowed = f"{wanted.name}, with the content that it had when the plan was made" if wanted else "none"
        raise ValueError(f"--model-file: {file.name if file else 'missing'}; the plan allows: {allowed}")
    meant = asked.data or (wanted.data if wanted else None)
    if meant != data:
        allowed = f"{meant.name}, with the content that it had when the plan was made" if meant else "none"
        raise ValueError(f"--data: {data.name if data else 'missing'}; the plan allows: {allowed}")


def _requested(options: argparse.Namespace) -> RunRequest:
    return RunRequest(
        probes=tuple(options.probe),
        budget=_budget(options.budget),  # type: ignore[arg-type]  # validated by the plan
        device=options.device,
        threads=terminal.whole("threads", options.threads),
        seed=terminal.seed(options.seed),
        sizes=terminal.sizes(options.size),
        model=options.model,
    )


def _of_data(request: RunRequest, data: TeamData, *, alone: bool) -> RunRequest:
    """What reads them, where nothing else is named. Raises ValueError where nothing does."""
    catalog.adopt_data(data)
    if alone and not catalog.probes_of(data.id):
        raise ValueError(f"label: {data.name} has no labels; allowed: the name of an array with them")
    sizes = {data.id if model == "data" else model: sizes for model, sizes in request.sizes.items()}
    probes = tuple(_own(probe, "data", data.id) for probe in request.probes)
    return replace(request, model=data.id, data=data, probes=probes, sizes=sizes)


def _own(probe: str, called: str, model_id: str) -> str:
    """``own.train_step``, ``data.pipeline_csv``, as somebody writes it who doesn't know the file's hash."""
    model, dot, rest = probe.partition(".")
    return f"{model_id}{dot}{rest}" if model == called else probe


def _budget(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def line(result: ProbeResult, of_sides: Mapping[Framework, str] = TITLES) -> str:
    """What a probe said: the ratio, or why there is none and what the side that worked took; and any doubt.
    ``of_sides``: what people call the sides."""
    doubts = f" ({NOT_SHOWN}: {result.doubt})" if result.doubt else ""
    if result.ratio is None:
        alone = (
            f"; {of_sides[name]} alone: {side.median:.3g} {result.unit} ({side.mode})"
            for name, side in result.sides.items()
            if side.outcome is Outcome.OK and side.median
        )
        return f"{result.probe:<28} {result.outcome}: {result.reason}{''.join(alone)}"
    over = f"{of_sides['tensorflow']}/{of_sides['pytorch']}"
    ratio = f"{over} {result.ratio.estimate:.3g} ({result.ratio.low:.3g} to {result.ratio.high:.3g})"
    outcome = "" if result.outcome == Outcome.OK else f" [{result.outcome}]"
    # Named, because 1.3 is bad for times and good for samples a second.
    verdict = str(result.verdict)
    if of_sides != TITLES and result.verdict in FRAMEWORKS:
        verdict = of_sides["pytorch" if result.verdict is Verdict.PYTORCH else "tensorflow"]
    return f"{result.probe:<28} {ratio} in {result.metric}: {verdict}{outcome}{doubts}"


def effect_line(effect: ModeEffect, of_sides: Mapping[Framework, str] = TITLES) -> str:
    """Two modes of one framework, where the other one wasn't measured."""
    ratio = f"{effect.ratio.estimate:.3g} ({effect.ratio.low:.3g} to {effect.ratio.high:.3g})"
    return f"{effect.probe:<28} {of_sides[effect.framework]}: {effect.mode}/{effect.against} {ratio}: {effect.verdict}"
