"""``python -m probes compare``: where both halves of a model part, and what their defaults differ in."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final

from probes import catalog
from probes.commands import interpreters, terminal
from probes.compare import run
from probes.compare.rules import BY_ID, RULES
from probes.compare.run import CannotCompareError
from probes.compare.schema import ComparedStep, Comparison, LintFinding
from probes.engine.running.child import CancelledError, ChildError
from probes.engine.running.interpreters import launcher
from probes.json_form import to_json

#: Exit statuses: as ``diff`` has them.
STATUS: Final = {"same": 0, "different": 1, "unknown": 2}


def add(commands: terminal.Commands) -> None:
    parser = commands.add_parser(
        "compare", help="where both halves of a model part; exit status 0: the same, 1: different, 2: can't tell"
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a model of your own")
    parser.add_argument("--model", metavar="ID", help="a network of the list in place of FILE")
    parser.add_argument("--seed", default="0", metavar="N", help="of weights and inputs")
    interpreters.add(parser)
    parser.add_argument("--lint", action="store_true", help="only what settings differ in; no numbers are compared")
    parser.add_argument("--all", action="store_true", help="every step, not only where both sides part")
    parser.add_argument("--json", action="store_true", help="JSON on stdout, or in --out")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the JSON goes")
    parser.set_defaults(command_run=main)


def main(options: argparse.Namespace) -> int:
    """0 if both sides compute the same, 1 if they don't, 2 if that can't be told."""
    say = partial(print, file=sys.stderr)
    with terminal.refusing():
        if (options.file is None) == (options.model is None):
            raise ValueError("name a model: either FILE or --model ID")
        seed = terminal.seed(options.seed)
        terminal.check_place(options.out)
        if options.model is not None:
            catalog.probes_of(options.model)  # raises for an unknown one
        pythons = interpreters.chosen(options, options.file)
        path = None if options.file is None else options.file.absolute()  # children work in a folder of their own
        file = None if path is None else (path, interpreters.described(path, pythons, say))
    with terminal.interruptible() as cancelled:
        model = options.model if file is None else file[1].id
        try:
            start = launcher(pythons, run.WORKER)
            found = run.compare(
                model, file, seed=seed, only_lint=options.lint, launcher=start, cancelled=cancelled, tell=say
            )
        except CancelledError:
            return terminal.INTERRUPTED
        except (CannotCompareError, ChildError) as error:
            found = Comparison(model, "unknown", str(error))
    if options.json or options.out is not None:
        terminal.write(to_json(found), options.out)
    else:
        title = options.model if file is None else file[1].title
        print("\n".join(text(found, title, every=options.all, lint=options.lint)))
    return STATUS[found.verdict]


def text(found: Comparison, title: str, *, every: bool = False, lint: bool = False) -> Iterator[str]:
    """The lines that a person reads."""
    if lint:
        verdict = "settings differ" if found.findings else "no setting is seen to differ"
    else:
        verdict = {"same": "both sides compute the same", "different": found.reason, "unknown": found.reason}[
            found.verdict
        ]
    yield f"{title}: {verdict}"
    if found.first is not None and found.verdict == "different":
        yield from ("", f"Where both sides part: {_step(found.first)}")
    elif found.first is not None:
        yield from ("", f"Outputs agree, though one step differs in between: {_step(found.first)}")
    if every:
        yield from ("", "Every step:", *(f"  {'*' if step.parts else ' '} {_step(step)}" for step in found.steps))
    if found.outputs is not None:
        yield from ("", *_totals(found))
    for side, name in (("pytorch", "PyTorch"), ("tensorflow", "Keras")):
        if found.verdict != "same" and (alone := found.unpaired.get(side)):
            yield f"Without a counterpart in {'Keras' if side == 'pytorch' else 'PyTorch'}: {name}'s {', '.join(alone)}"
    if found.suspects:
        yield from (
            "",
            "Likely reasons, the likeliest first:",
            *(f"  {line}" for id_ in found.suspects for line in _rule(id_)),
        )
    if found.findings:
        yield from ("", "Settings that differ:")
        for rule, group in groupby(sorted(found.findings, key=lambda one: _PLACES[one.rule]), key=lambda one: one.rule):
            yield from (f"  {line}" for line in _found(rule, list(group)))
    if lint:
        yield from ("", "What a model doesn't show; look at the loop that trains it:")
        yield from (f"  {line}" for rule in RULES if not rule.kinds for line in _rule(rule.id))


_PLACES: Final = {rule.id: place for place, rule in enumerate(RULES)}
_SHOWN: Final = 3  # steps named for each rule


def _step(step: ComparedStep) -> str:
    ours, theirs = ("×".join(map(str, shape)) for shape in step.shapes)
    names = f"{step.kind} {step.pytorch} in PyTorch ({ours}), {step.keras} in Keras ({theirs})"
    if step.deviation is None:
        return f"{names}: {step.note}"
    note = f"; {step.note}" if step.note else ""
    return f"{names}: largest deviation {step.largest:.2g}, {_share(step.deviation)} of the largest value{note}"


def _totals(found: Comparison) -> Iterator[str]:
    if found.outputs is not None:
        outputs = found.outputs
        said = outputs.note if outputs.deviation is None else f"{outputs.largest:.2g}, {_share(outputs.deviation)}"
        yield f"Outputs: largest deviation {said}" + (f"; {outputs.note}" if outputs.note and outputs.deviation else "")
    if found.loss is not None:
        yield f"Loss: {', '.join(f'{value:.7g}' for value in found.loss.values())} (PyTorch, Keras)"
    if found.gradient is not None:
        yield f"Gradient of one step: at most {_share(found.gradient.deviation)} apart, at {found.gradient.name}"
    if found.statistic is not None:
        yield f"Moving means after it: at most {_share(found.statistic.deviation)} apart, at {found.statistic.name}"


def _share(value: float) -> str:
    return f"{100 * value:.2g} %"


def _rule(id_: str) -> Iterator[str]:
    rule = BY_ID[id_]
    yield f"{id_}: {rule.what}"
    yield f"    PyTorch: {rule.pytorch}; Keras: {rule.keras}"
    yield f"    The same on both: {rule.equal}"


def _found(id_: str, group: list[LintFinding]) -> Iterator[str]:
    rule = BY_ID[id_]
    shows = {"outputs": "the outputs", "training": "a training step", "start": "how training from scratch begins"}
    yield f"{id_}: {rule.what}; shows in {shows[rule.shows]}"
    for one in group[:_SHOWN]:
        ours, theirs = (_value(one.values[side]) for side in ("pytorch", "tensorflow"))
        yield f"    {one.pytorch} / {one.keras}: {ours} in PyTorch, {theirs} in Keras"
    if len(group) > _SHOWN:
        yield f"    … and at {len(group) - _SHOWN} more"
    yield f"    The same on both: {rule.equal}"


def _value(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
