"""What every model, measure and probe promises, over whatever is discovered: a new file is tested as it appears."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import numpy as np
import pytest

from probes import catalog
from probes.catalog import Probe
from probes.contracts import GROUPS, MeasureSpec
from probes.engine.running import environment
from probes.engine.running.child import ChildError, ProcessChild
from probes.schema import FRAMEWORKS, LEVELS, Framework, ModelSpec, Outcome, Track
from probes.tracks import MODES
from probes.workloads import agreement
from tests.places import ROOT

MODELS = catalog._modules("probes.models")
MEASURES = catalog._modules("probes.measures")
PROBES = list(catalog.probes_by_id().values())


def model_id(module: ModuleType) -> str:
    return str(module.SPEC.id)


def probe_id(probe: Probe) -> str:
    return probe.spec.id


def test_something_is_discovered() -> None:
    assert {"mlp", "cnn", "transformer", "lstm", "recommender", "unet"} <= {model.id for model in catalog.models()}
    assert len(PROBES) >= 45
    specs = (measure.SPEC for measure in MEASURES)
    general = sum(len(spec.tracks) for spec in specs if not (spec.sizes or spec.models or spec.generates))
    assert len(PROBES) >= len(MODELS) * general


@pytest.mark.parametrize("model", MODELS, ids=model_id)
def test_a_model_describes_itself(model: ModuleType) -> None:
    spec: ModelSpec = model.SPEC
    assert spec.id == model.__name__.rpartition(".")[2], "the id is the file's name"
    assert spec.title
    assert spec.summary.endswith(".")
    assert spec.sizes
    for size in spec.sizes:
        assert size.low <= size.default <= size.high
        assert size.label
    assert any(hasattr(model, framework) for framework in FRAMEWORKS)
    lines = Path(model.__file__ or "").read_text(encoding="utf-8").count("\n")
    assert lines < 200, "both halves stay in sight of each other"


@pytest.mark.parametrize("model", MODELS, ids=model_id)
def test_weights_and_inputs_repeat_with_the_seed(model: ModuleType) -> None:
    sizes = {size.name: max(size.low, min(size.default, 12)) for size in model.SPEC.sizes}
    first, again, other = (model.weights(np.random.default_rng(seed), sizes) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert any(not np.array_equal(first[name], other[name]) for name in first)
    assert {array.dtype for array in first.values()} == {np.dtype(np.float32)}
    assert all("." in name for name in first), "layer.part"
    x, labels = model.inputs(np.random.default_rng(1), sizes, 5)
    assert (len(x), len(labels), labels.dtype) == (5, 5, np.int64)
    assert labels.max() < sizes["classes"]


@pytest.mark.parametrize("model", MODELS, ids=model_id)
@pytest.mark.parametrize("seed", range(3))
def test_a_model_knows_how_much_it_holds(model: ModuleType, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = {size.name: int(rng.integers(size.low, min(size.high, size.low + 20) + 1)) for size in model.SPEC.sizes}
    held, kept = model.floats(sizes)
    assert held == sum(array.size for array in model.weights(rng, sizes).values())
    assert kept > model.inputs(rng, sizes, 1)[0].size, "more than the sample itself"


@pytest.mark.parametrize("measure", MEASURES, ids=model_id)
def test_a_measure_describes_itself(measure: ModuleType) -> None:
    spec: MeasureSpec = measure.SPEC
    assert spec.id == measure.__name__.rpartition(".")[2], "the id is the file's name"
    assert spec.question.endswith("?")
    assert spec.metric
    assert spec.unit in ("s", "samples/s", "tokens/s", "B", "relative", "samples", "J")
    assert (spec.better == "higher") == (spec.unit in ("samples/s", "tokens/s", "samples"))
    assert spec.samples_per_step == 0 or (spec.unit.endswith("/s") and spec.kind == "timed")
    assert spec.tracks.keys() <= set(get_args(Track))
    assert set(spec.tracks.values()) <= set(LEVELS)
    assert spec.group in GROUPS
    assert set(spec.models) <= catalog.modules().keys()
    if spec.kind == "paired":
        assert spec.seconds.keys() == spec.tracks.keys(), "a plan must know what a value takes"
    assert callable(getattr(measure, {"timed": "prepare", "search": "attempt"}.get(spec.kind, "measure")))
    if spec.kind in ("timed", "paired") and spec.unit != "B":
        assert callable(measure.check), "no clock without agreement"


def test_every_probe_is_stated_in_full() -> None:
    for probe in PROBES:
        spec = probe.spec
        suffix = "" if spec.track == "default" else f".{spec.track}"
        assert spec.id == f"{spec.model}.{spec.measure}{suffix}"
        assert catalog.find(spec.id) is probe
        assert spec.modes == MODES[spec.track], spec.id
        assert spec.title, spec.id
        assert not (spec.covered_by("quick") and spec.track == "tuned"), (
            f"{spec.id}: compiling takes longer than the quick budget"
        )


def test_what_cannot_run_says_why() -> None:
    rows = catalog.availability()
    assert rows
    for row in rows:
        assert (row.outcome == Outcome.UNSUPPORTED) == bool(row.reason), row.probe.id


def test_a_missing_framework_is_unsupported_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "installed", lambda module: module != "keras")
    rows = catalog.availability()
    assert rows
    for row in rows:
        assert row.outcome == Outcome.UNSUPPORTED
        assert "TensorFlow is not installed (keras not found): pip install tensorflow==" in row.reason


def test_a_missing_compiler_takes_away_the_tuned_track_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "installed", lambda module: True)
    monkeypatch.setattr(catalog.shutil, "which", lambda name: "/usr/bin/g++")
    before = {row.probe.id: row for row in catalog.availability()}
    monkeypatch.setattr(catalog.shutil, "which", lambda name: None)
    assert Outcome.OK in {row.outcome for row in before.values()}
    for row in catalog.availability():
        if before[row.probe.id].outcome == Outcome.UNSUPPORTED:
            assert row.reason == before[row.probe.id].reason, "of the model"
        else:
            assert (row.outcome == Outcome.UNSUPPORTED) == (row.probe.track == "tuned")
            assert row.outcome == Outcome.OK or "C++ compiler" in row.reason


def test_a_model_without_a_half_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    probe = catalog.find("mlp.train_step")
    monkeypatch.setattr(catalog, "installed", lambda module: True)
    monkeypatch.delattr(probe.model, "tensorflow")
    assert catalog.why_not(probe, "tensorflow") == "mlp has no implementation in TensorFlow"
    assert catalog.why_not(probe, "pytorch") == ""


def test_the_install_lines_are_the_pinned_ones() -> None:
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    assert catalog.INSTALL
    for line in catalog.INSTALL.values():
        assert set(line.removeprefix("pip install ").split()) <= set(pins)


@pytest.fixture(scope="module")
def children(tmp_path_factory: pytest.TempPathFactory) -> object:
    """One child a framework, with the framework imported."""
    scratch = str(tmp_path_factory.mktemp("scratch"))
    started: dict[Framework, ProcessChild] = {}
    try:
        for framework in FRAMEWORKS:
            started[framework] = ProcessChild(framework, environment.variables(1, "cpu", scratch), lambda: False)
            started[framework].ask("limit", timeout=120, cpus=[], memory=0)
            started[framework].ask("load", timeout=180, threads=1)
            started[framework].ask("use", timeout=60, device="cpu", seed=0)
        yield started
    finally:
        for child in started.values():
            child.close()


def _need(probe: Probe) -> None:
    if reason := next((why for framework in FRAMEWORKS if (why := catalog.why_not(probe, framework))), ""):
        pytest.skip(reason)


# All would take ten minutes: what no quick run takes is looked at with the first network that has it, compiled once.
# FULCRUM_EVERY_PROBE=1 asks for all of them.
_EVERY = bool(os.environ.get("FULCRUM_EVERY_PROBE"))
_FIRST: dict[str, Probe] = {}
for _probe in PROBES:
    if _probe.spec.id != "mlp.startup.tuned":  # as mlp.compile_cost.tuned
        _FIRST.setdefault(f"{_probe.spec.measure}.{_probe.spec.track}", _probe)


def _looked_at(probe: Probe) -> bool:
    if _EVERY:
        return True
    timed = probe.measure_spec.kind == "timed"
    if probe.spec.track == "tuned" and (probe.spec.model != "mlp" or (timed and probe.spec.measure != "train_step")):
        return False
    if probe.spec.track == "careful" and not timed:  # how a framework's documentation steps is held by the timed ones
        return False
    if probe.spec.id == "cnn.train_step.plain":  # the other network that is written without Keras
        return True
    return (probe.spec.covered_by("quick") and timed) or probe in _FIRST.values()


# Another seed changes only numbers.
CHECKED = [
    (probe, seed)
    for probe in PROBES
    if hasattr(probe.measure, "check") and _looked_at(probe)
    for seed in ((1, 2) if probe.spec.id == "mlp.train_step" else (1,))
]


@pytest.mark.framework
@pytest.mark.parametrize(("probe", "seed"), CHECKED, ids=[f"{probe.spec.id}-{seed}" for probe, seed in CHECKED])
def test_both_halves_compute_the_same(
    children: Mapping[Framework, ProcessChild], probe: Probe, seed: int, tmp_path: Path
) -> None:
    _need(probe)
    arrays = []
    for framework, child in children.items():
        file = tmp_path / f"{framework}.npz"
        _asked(child, "check", probe=probe.spec.id, seed=seed, sizes=_sizes(probe), file=str(file))
        with np.load(file) as found:
            arrays.append(dict(found))
    deviations, reason = agreement.compare(*arrays)
    assert reason == ""
    layers = {name.rpartition(".")[0] for name in probe.model.weights(np.random.default_rng(0), _sizes(probe))}
    one_layer = len(layers) == 1  # nothing adds up: both may round alike
    if not one_layer and probe.measure_spec.group in ("Training", "Answering", "Learning"):  # where a network computes
        assert deviations["outputs"] > 0, "bit-equal outputs of two frameworks mean that one of them was asked twice"


# A search has children of its own, see tests/probes/engine/running/test_memory_search.py.
ONE_SHOTS = [probe for probe in PROBES if probe.measure_spec.kind not in ("timed", "search") and _looked_at(probe)]


@pytest.mark.framework
@pytest.mark.parametrize("probe", ONE_SHOTS, ids=probe_id)
def test_a_one_shot_measure_gives_the_same_kind_of_figures_on_both_sides(
    children: Mapping[Framework, ProcessChild], probe: Probe
) -> None:
    _need(probe)
    replies = {
        framework: _asked(child, "single", probe=probe.spec.id, seed=1, sizes=_sizes(probe))
        for framework, child in children.items()
    }
    pytorch, tensorflow = replies["pytorch"], replies["tensorflow"]
    assert pytorch["details"].keys() == tensorflow["details"].keys()
    assert pytorch["value"] > 0
    assert tensorflow["value"] > 0
    for name, tolerance in probe.measure_spec.must_agree.items():
        # One seed scatters more than the mean over five: 360 validation images, 1.2 % standard error at 95 %.
        assert abs(pytorch["details"][name] - tensorflow["details"][name]) < 3 * tolerance


def _asked(child: ProcessChild, do: str, **arguments: Any) -> dict[str, Any]:
    """The reply; what this machine has no means for (a CPU without bfloat16) says so and is skipped."""
    try:
        return child.ask(do, timeout=240, **arguments)
    except ChildError as error:
        if error.outcome is Outcome.UNSUPPORTED:
            pytest.skip(error.reason)
        raise


def _sizes(probe: Probe) -> dict[str, int]:
    """Smaller hidden layers than the default, still wide enough to learn the digits."""
    return probe.model.SPEC.sized({"mlp": {"hidden1": 256, "hidden2": 128}})
