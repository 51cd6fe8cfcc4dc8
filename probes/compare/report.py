"""What is known of a team's own model before it is measured: asked of each half in a child of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from probes import catalog
from probes.compare import run
from probes.compare.outline import outline
from probes.compare.schema import Carrying, ComparedStep, Comparison, ModelReport, Outline, OutlinedArray
from probes.compare.steps import Step
from probes.compare.worker import BATCH
from probes.engine.running import strays
from probes.engine.running.child import Child, ChildError, Launcher
from probes.engine.running.pair import Pair, PairSettings
from probes.model_file import keras_once, loading
from probes.model_file.own_model import LOOK
from probes.schema import FRAMEWORKS, TITLES, Framework, Interpreter, RunRequest
from probes.system.scratch import scratch_folder
from probes.team_files import ModelFile


def report(
    path: Path,
    file: ModelFile,
    *,
    launcher: Launcher = run.start_worker,
    interpreters: Mapping[Framework, Interpreter] = catalog.NONE,
    cancelled: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda _: None,
) -> ModelReport:
    """Of the file at ``path``, which was described as ``file``. What can't be told has its reason in the report.

    ``interpreters``: those of sides whose children ``launcher`` starts elsewhere than in the app's own.
    Raises UnsupportedError for a file that is another one by now, and CancelledError. Nothing that the file started is
    left behind.
    """
    path = path.absolute()  # children work in a folder of their own
    sides = tuple(side for side in file.sides if not catalog.not_installed(side, interpreters))
    with scratch_folder() as scratch, strays.ended(scratch):
        pair = Pair(
            PairSettings(RunRequest(device="cpu", interpreters=interpreters), launcher, scratch, cancelled, run.LIMIT),
            sides,
            0,
            tell,
        )
        try:
            return reported(pair.start(), Path(scratch), path, file, tell)
        except ChildError as error:  # one that didn't start
            return _report(path, file, {}, {}, _unknown(file, f"{TITLES[error.framework]}: {error.reason}"))
        finally:
            pair.close()


def reported(
    children: Mapping[Framework, Child],
    scratch: Path,
    path: Path,
    file: ModelFile,
    tell: Callable[[str], None] = lambda _: None,
) -> ModelReport:
    """The same with children that run already and die with their scratch folder."""
    catalog.adopt(file)
    outlines: dict[Framework, Outline] = {}
    looks: dict[Framework, Mapping[str, Any]] = {}
    try:
        for side, child in children.items():
            tell(f"{TITLES[side]}: the layers of {file.name}")
            looks[side] = child.ask("describe", timeout=run.LIMIT, path=str(path))["model"]
            outlines[side] = _outlined(child, path, file)
        if len(file.sides) < len(FRAMEWORKS):
            return _report(path, file, outlines, looks, None)
        if missing := [TITLES[side] for side in file.sides if side not in children]:
            return _report(path, file, outlines, looks, _unknown(file, f"{missing[0]} can't be started here"))
        tell(f"Do both halves of {file.name} compute the same?")
        found = run.compared(children, scratch, file.id, (path, file))
    except ChildError as error:
        found = _unknown(file, f"{TITLES[error.framework]}: {error.reason}")
    return _report(path, file, outlines, looks, found)


def _outlined(child: Child, path: Path, file: ModelFile) -> Outline:
    child.ask("own", timeout=run.LIMIT, path=str(path), file=asdict(file))
    look = child.ask("look", timeout=run.LIMIT, probe=run.probe_of(file.id), seed=0, sizes={})
    shapes = {name: tuple(shape) for name, shape in look["weights"].items()}
    return outline([Step.of(step) for step in look["steps"]], shapes, BATCH)


def _report(
    path: Path,
    file: ModelFile,
    outlines: Mapping[Framework, Outline],
    looks: Mapping[Framework, Mapping[str, Any]],
    found: Comparison | None,
) -> ModelReport:
    look = next(iter(looks.values()), {})
    both = len(file.sides) == len(FRAMEWORKS)
    return ModelReport(
        file,
        tuple(
            _array("" if place == "x" else place, told["shape"], told["dtype"])
            for place, told in look.get("inputs", {}).items()
        ),
        outlines,
        _carrying(path, file) if both else None,
        found.verdict if found is not None and both else None,
        found.reason if found is not None else "",
        _finite(found.first) if found is not None and found.verdict == "different" else None,
        found.suspects if found is not None else (),
        (_array("", look["outputs"], "float32"),) if "outputs" in look else (),
    )


def _carrying(path: Path, file: ModelFile) -> Carrying:
    """Read from the source: nothing of it is run in here."""
    source = loading.read(path, file.sha256)
    if keras_once.is_written(source):
        return "once"
    return "transfer" if "transfer" in loading.told_names(source) else "order"


def _unknown(file: ModelFile, reason: str) -> Comparison:
    return Comparison(file.id, "unknown", reason)


def _finite(step: ComparedStep | None) -> ComparedStep | None:
    """As JSON can hold it, which knows no infinity."""
    if step is None or step.deviation is None or math.isfinite(step.deviation):
        return step
    return replace(step, largest=None, deviation=None)


def _array(place: str, shape: list[int], dtype: str) -> OutlinedArray:
    by_sample = shape[:1] == [LOOK]
    return OutlinedArray(place, tuple(shape[1:] if by_sample else shape), dtype, by_sample)
