"""Asks both halves, each in a child of its own, and says where they part. Nothing but NumPy is imported in here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from probes import catalog
from probes.compare import deviations, lint, pairing
from probes.compare.pairing import Side
from probes.compare.schema import ComparedStep, Comparison
from probes.compare.steps import Step
from probes.engine.running import strays
from probes.engine.running.child import Child, Launcher
from probes.engine.running.interpreters import launcher as launcher_of
from probes.engine.running.pair import Pair, PairSettings
from probes.schema import FRAMEWORKS, TITLES, Framework, RunRequest
from probes.system.scratch import scratch_folder
from probes.team_files import ModelFile

LIMIT: Final = 240.0  # seconds for any one command
#: Of these measures a network has one: with labels, or without.
_MEASURES: Final = ("train_step", "inference_b1")


class CannotCompareError(Exception):
    """A half is missing, or can't be run here. The text says which and why."""


#: A child that tells steps.
WORKER: Final = "probes.compare.worker"
start_worker: Launcher = launcher_of({}, WORKER)


def compare(
    model: str,
    file: tuple[Path, ModelFile] | None = None,
    *,
    seed: int = 0,
    only_lint: bool = False,
    launcher: Launcher = start_worker,
    cancelled: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Both halves of a stock network, or of the model in ``file``. ``only_lint``: their settings alone, with nothing
    carried over and no numbers compared. Raises CannotCompareError, ChildError, CancelledError."""
    if file is not None and len(file[1].sides) < len(FRAMEWORKS):
        raise CannotCompareError(
            f"{file[1].name} has a half for {TITLES[file[1].sides[0]]} only: nothing to compare it to"
        )
    with scratch_folder() as scratch, strays.ended(scratch if file is not None else ""):
        request = RunRequest(device="cpu", seed=seed)
        pair = Pair(PairSettings(request, launcher, scratch, cancelled, LIMIT), FRAMEWORKS, seed, tell)
        try:
            children = pair.start()
            for side in FRAMEWORKS:
                if side not in children:
                    raise CannotCompareError(f"{TITLES[side]}: {pair.down[side].reason}")
            return compared({side: children[side] for side in FRAMEWORKS}, Path(scratch), model, file, seed, only_lint)
        finally:
            pair.close()


def compared(
    children: Mapping[Framework, Child],
    scratch: Path,
    model: str,
    file: tuple[Path, ModelFile] | None,
    seed: int = 0,
    only_lint: bool = False,
) -> Comparison:
    """The same with children that run already."""
    if file is not None:
        catalog.adopt(file[1])
        for child in children.values():
            child.ask("own", timeout=LIMIT, path=str(file[0]), file=asdict(file[1]))
    asked: dict[str, Any] = {"timeout": LIMIT, "probe": probe_of(model), "seed": seed, "sizes": _sizes(model)}
    pytorch, keras = looks = tuple(_side(children[side].ask("look", **asked)) for side in FRAMEWORKS)
    layers = pairing.layers_paired(pytorch, keras)
    pairs = pairing.steps_paired(pytorch, keras, layers)
    found = lint.findings(pytorch, keras, pairs)
    if only_lint:
        reason = "settings differ" if found else ""
        return Comparison(model, "different" if found else "same", reason, findings=found)
    if file is not None and (reason := _carried(children, scratch)):
        alone = _unpaired(pytorch, keras, pairs)
        return Comparison(
            model, "unknown", f"the weights can't be carried over: {reason}", unpaired=alone, findings=found
        )
    pytorch, keras = (
        _recorded(children[side], scratch, asked, look) for side, look in zip(FRAMEWORKS, looks, strict=True)
    )
    return judged(model, pytorch, keras)


def judged(model: str, pytorch: Side, keras: Side) -> Comparison:
    """What both recordings say, with the settings that their steps were told with."""
    layers = pairing.layers_paired(pytorch, keras)
    pairs = pairing.steps_paired(pytorch, keras, layers)
    found = lint.findings(pytorch, keras, pairs)
    steps = {i: _step(pytorch, keras, i, j) for i, j in pairs}
    # A packed sequence has no axes to compare; what follows it does.
    steps = {i: step for i, step in steps.items() if step.kind != "recurrent" or step.deviation is not None}
    at = next((i for i, step in steps.items() if step.parts), None)
    outputs = deviations.step("outputs", ("outputs", "outputs"), pytorch.arrays["outputs"], keras.arrays["outputs"])
    losses = {
        side: float(told.arrays["loss"])
        for side, told in (("pytorch", pytorch), ("tensorflow", keras))
        if "loss" in told.arrays
    }
    gradient, statistic = (work(pytorch, keras, layers) for work in (deviations.gradient, deviations.statistic))
    differs = _differs(outputs, losses, gradient, statistic)
    first = steps[at] if at is not None else None
    if "outputs" in differs:
        parting = (pytorch.steps[at], keras.steps[dict(pairs)[at]]) if at is not None else None
        suspects = lint.at_outputs(found, parting, _kinds_before(pytorch, keras, pairs, at))
    else:
        suspects = lint.in_training(found, differs)
    return Comparison(
        model,
        "different" if differs else "same",
        f"both sides differ in {', '.join(differs)}" if differs else "",
        tuple(steps.values()),
        _unpaired(pytorch, keras, pairs),
        first,
        outputs,
        losses or None,
        gradient,
        statistic,
        found,
        suspects,
    )


def _step(pytorch: Side, keras: Side, i: int, j: int) -> ComparedStep:
    ours, theirs = pytorch.steps[i], keras.steps[j]
    return deviations.step(
        ours.kind, (ours.title, theirs.title), pytorch.arrays[f"step/{i}"], keras.arrays[f"step/{j}"]
    )


def _differs(outputs: ComparedStep, losses: Mapping[str, float], gradient: Any, statistic: Any) -> list[str]:
    found = ["outputs"] if outputs.parts else []
    if len(losses) == len(FRAMEWORKS):
        ours, theirs = losses.values()
        if not abs(ours - theirs) <= deviations.LOSS_LIMIT * max(abs(ours), abs(theirs), 1e-6):
            found.append("the loss")
    for name, part in (("gradients", gradient), ("moving statistics", statistic)):
        if part is not None and not part.deviation <= deviations.PART_LIMIT:
            found.append(name)
    return found


def _kinds_before(pytorch: Side, keras: Side, pairs: list[tuple[int, int]], at: int | None) -> frozenset[str]:
    """Kinds of the step at which both sides part, and of those in front of it that the other side has no step for."""
    places = [i for i, _ in pairs]
    number = places.index(at) if at is not None else len(pairs)
    before = pairs[number - 1] if number else (-1, -1)
    here = pairs[number] if number < len(pairs) else (len(pytorch.steps), len(keras.steps))
    between = [*pytorch.steps[before[0] + 1 : here[0] + 1], *keras.steps[before[1] + 1 : here[1] + 1]]
    return frozenset(step.kind for step in between)


def _unpaired(pytorch: Side, keras: Side, pairs: list[tuple[int, int]]) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(step.title for n, step in enumerate(side.steps) if n not in {pair[place] for pair in pairs})
        for place, (name, side) in enumerate((("pytorch", pytorch), ("tensorflow", keras)))
    }


def _side(told: Mapping[str, Any]) -> Side:
    shapes = {name: tuple(shape) for name, shape in told["weights"].items()}
    return Side(tuple(map(Step.of, told["steps"])), shapes)


def _recorded(child: Child, scratch: Path, asked: Mapping[str, Any], look: Side) -> Side:
    """With how the weights were drawn before they were carried over, which only the look knows."""
    import numpy as np

    file = scratch / f"{child.framework}-steps.npz"
    steps = map(Step.of, child.ask("record", **asked, file=str(file))["steps"])
    with np.load(file) as found:
        arrays = dict(found)
    file.unlink()
    before = {step.name: step.settings for step in look.steps}
    return Side(
        tuple(replace(step, settings={**step.settings, **before.get(step.name, {})}) for step in steps),
        look.shapes,
        arrays,
    )


def _carried(children: Mapping[Framework, Child], scratch: Path) -> str:
    """Why Keras' half can't begin with PyTorch's weights; "" if it does."""
    weights = str(scratch / "weights.npz")
    return str(
        children["pytorch"].ask("keep", timeout=LIMIT, file=weights)["reason"]
        or children["tensorflow"].ask("carry", timeout=LIMIT, file=weights)["reason"]
    )


def probe_of(model: str) -> str:
    """A probe of that network, whichever it has: with labels, or without."""
    probes = catalog.probes_of(model)
    return next(f"{model}.{measure}" for measure in _MEASURES if f"{model}.{measure}" in probes)


def _sizes(model: str) -> dict[str, int]:
    found = catalog.modules().get(model)
    return {size.name: size.default for size in found.SPEC.sizes} if found is not None else {}
