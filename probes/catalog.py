"""Discovers models and measures, crosses them into probes, and says which of those can run here.

A new file in ``probes/models`` or ``probes/measures`` is a new row of this catalog; nothing else is touched.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import shutil
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any

from probes.contracts import GROUPS, MeasureSpec
from probes.places import runs_at, titles
from probes.schema import (
    FRAMEWORKS,
    TITLES,
    Availability,
    Framework,
    Interpreter,
    Level,
    ModelSpec,
    Outcome,
    ProbeId,
    ProbeSpec,
    SizeSpec,
    Track,
)
from probes.system.installed import parsed
from probes.team_files import ModelFile, TeamData
from probes.tracks import MODES, is_written, unwritten

#: Both sides run in the app's own interpreter.
NONE: Mapping[Framework, Any] = MappingProxyType({})
INSTALL: dict[Framework, str] = {
    "pytorch": "pip install torch==2.13.0",
    "tensorflow": "pip install tensorflow==2.21.0 keras==3.15.1",
}
#: What must be found of each, by module.
MODULES: dict[Framework, tuple[str, ...]] = {"pytorch": ("torch",), "tensorflow": ("tensorflow", "keras")}
#: As installed packages. PyTorch's build for CUDA requires CUDA's libraries, TensorFlow has an extra for them.
PACKAGES: dict[Framework, tuple[str, ...]] = {"pytorch": ("torch",), "tensorflow": ("tensorflow[and-cuda]", "keras")}
#: Steps of an eager instance whose steps are long, as a share of ``time_costs.SLOWER["eager"]``: two first ones, two
#: windows of five until they are steady, four superblocks of 3.5. ``test_time_costs`` counts them anew.
STEPS_SLOWER = 20.0
#: Seconds of a step of the article's network on both sides together, as ``model_file.trial`` clocks it: the median of
#: five looks on 2 virtual cores (0.0115 to 0.0168 s, 2026-11-29, other work beside them). 0.01 s more or less move what
#: an instance is reckoned to take by 0.26 s at the most.
ARTICLE_STEP = 0.013
_TRACK_TITLES: Mapping[Track, str] = {
    "default": "",
    "careful": ", both careful",
    "tuned": ", both compiled",
    "eager": ", both eager",
    "plain": ", without Keras",
    "graph": ", graph mode of TensorFlow 1",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """A row of the catalog with the code behind it."""

    spec: ProbeSpec
    model: ModuleType
    measure: ModuleType

    @property
    def measure_spec(self) -> MeasureSpec:
        spec: MeasureSpec = self.measure.SPEC
        return spec

    @property
    def measure_title(self) -> str:
        """What is measured of which network, whatever the mode: «Training step, CNN»."""
        return _title(self.model.SPEC, self.measure_spec)


@cache
def models() -> tuple[ModelSpec, ...]:
    """Every model with its adjustable sizes."""
    found = sorted(modules().values(), key=lambda module: (bool(module.SPEC.label), module.SPEC.title))
    return tuple(module.SPEC for module in found)


@cache
def modules() -> dict[str, ModuleType]:
    """Every model's file by the model's id."""
    return {module.SPEC.id: module for module in _modules("probes.models")}


@cache
def probes_by_id() -> dict[str, Probe]:
    """Those of the stock networks."""
    return _crossed(modules().values())


def probes_of(model: str) -> Mapping[str, Probe]:
    """By id all probes of one model, a team's own among them. Raises ValueError for an unknown one."""
    if model in _own_probes:
        return _own_probes[model]
    if model not in modules():
        raise ValueError(f"model: {model!r} doesn't exist; allowed: {', '.join(modules())}")
    return {name: probe for name, probe in probes_by_id().items() if probe.spec.model == model}


def model(model_id: str) -> ModuleType:
    """A model's file, or what stands for a team's own. Raises ValueError for an unknown one."""
    if model_id in modules():
        return modules()[model_id]
    if model_id in _own_models:
        return _own_models[model_id]
    raise ValueError(f"model: {model_id!r} doesn't exist; allowed: {', '.join(modules())}")


#: Of teams' own models and data, by their ids. What an id stands for never changes: it has the content's hash in it.
_own_models: dict[str, ModuleType] = {}
_own_probes: dict[str, Mapping[str, Probe]] = {}
_adopted: dict[str, ModelFile] = {}


def adopt(file: ModelFile) -> None:
    """From here on this process knows the probes of a team's own model. It knows nothing of its code."""
    if _adopted.get(file.id) != file:  # the same file, looked at again, may have taken longer
        _own_models[file.id] = _stand_in(file)
        _own_probes[file.id] = _crossed([_own_models[file.id]])
        _adopted[file.id] = file


#: How the images of a team's own folder are scaled, at a stated size: nobody's network says it.
IMAGE_SIZE = SizeSpec("image", "Pixels of a side, to which images are scaled", 224, 8, 1024)


def adopt_data(data: TeamData) -> None:
    """From here on this process knows the probes of a team's own data. It knows nothing of what is in them."""
    if data.id in _own_models:
        return
    model = ModuleType(data.id)
    sizes = (IMAGE_SIZE,) if data.kind == "jpeg" else ()
    summary = f"Your own data, {data.name}: {data.count:,} samples."
    contents: dict[str, object] = {
        "__file__": None,  # the hash in its id stands for what is in them
        "SPEC": ModelSpec(data.id, data.name, summary, sizes, label=data.name),
        "DATA": data,
        "floats": lambda sizes: (0, 0),  # noqa: ARG005 - there is no network in it
        **dict.fromkeys(FRAMEWORKS),
    }
    vars(model).update(contents)
    _own_models[data.id], _own_probes[data.id] = model, _crossed([model])


def _stand_in(file: ModelFile) -> ModuleType:
    """What stands for a model in the catalog: its description, and that it has a half, not the half itself."""
    model = ModuleType(file.id)
    number = max(file.parameters.values(), default=0)
    summary = f"Your own, from {file.name}; {number:,} parameters."
    contents: dict[str, object] = {
        "__file__": None,  # the hash in its id stands for its code
        "SPEC": ModelSpec(file.id, file.title, summary, (), label=file.title, slower=_slower(file), own=True),
        "FILE": file,
        # What it keeps of a sample isn't known before it runs; a process' own limit sees to it.
        "floats": lambda sizes: (number, 0),  # noqa: ARG005 - it has no sizes
        **dict.fromkeys(file.sides),
    }
    vars(model).update(contents)
    return model


def _slower(file: ModelFile) -> float:
    """As ``ModelSpec.slower``, from what a step took on both sides."""
    return round(STEPS_SLOWER * max(0.0, sum(file.step_seconds.values()) - ARTICLE_STEP), 3)


def _crossed(models: Iterable[ModuleType]) -> dict[str, Probe]:
    found = [
        Probe(_spec(model.SPEC, measure.SPEC, track, budget), model, measure)
        for model in models
        for measure in _modules("probes.measures")
        if _fits(model, measure.SPEC)
        for track, budget in measure.SPEC.tracks.items()
        if is_written(model, track)
    ]
    return {probe.spec.id: probe for probe in sorted(found, key=_order)}


def probes() -> tuple[ProbeSpec, ...]:
    """Every probe, in the order in which pages show and runs take them."""
    return tuple(probe.spec for probe in probes_by_id().values())


def find(probe_id: str) -> Probe:
    """The probe of that id. Raises ValueError naming those that exist."""
    try:
        own = _own_probes.get(probe_id.partition(".")[0])
        return (own or probes_by_id())[probe_id]
    except KeyError:
        raise ValueError(f"probes: {probe_id!r} doesn't exist; allowed: {', '.join(probes_by_id())}") from None


def known(probe_ids: Collection[str]) -> tuple[Probe, ...]:
    """Those of the probes that exist, in the order of the catalog: records outlive what it has."""
    own = (probe for probes in _own_probes.values() for probe in probes.values())
    return tuple(probe for probe in (*probes_by_id().values(), *own) if probe.spec.id in probe_ids)


def availability(model: str = "", interpreters: Mapping[Framework, Interpreter] = NONE) -> tuple[Availability, ...]:
    """Every probe of the stock networks, or of one model, and whether it can run here. Imports no framework. Raises
    ValueError for an unknown model."""
    rows = []
    for probe in (probes_of(model) if model else probes_by_id()).values():
        # A team's own model may have one half, which is measured alone.
        sides = probe.model.FILE.sides if probe.model.SPEC.own else FRAMEWORKS
        reasons = [reason for framework in sides if (reason := why_not(probe, framework, interpreters))]
        if reasons:
            rows.append(Availability(probe.spec, Outcome.UNSUPPORTED, "; ".join(dict.fromkeys(reasons))))
        else:
            rows.append(Availability(probe.spec, Outcome.OK))
    return tuple(rows)


def why_not(probe: Probe, framework: Framework, interpreters: Mapping[Framework, Interpreter] = NONE) -> str:
    """Why a probe's side can't run here, with what to do about it; "" if nothing speaks against it."""
    if reason := not_installed(framework, interpreters) or _lacking(probe, framework, interpreters):
        return reason
    framework = runs_at(framework, interpreters)
    if reason := unwritten(probe.model, framework, probe.spec.track):
        return reason
    if hasattr(probe.measure, "why_not") and (reason := probe.measure.why_not()):
        return str(reason)
    unable = probe.model.SPEC.unable
    if reason := unable.get(probe.spec.track, {}).get(framework) or unable.get(probe.spec.measure, {}).get(framework):
        return str(reason)
    if probe.spec.modes[framework] == "torch.compile" and (reason := no_compiler("torch.compile")):
        return reason
    return ""


def not_installed(framework: Framework, interpreters: Mapping[Framework, Interpreter] = NONE) -> str:
    """What is missing of a framework, with the line that installs it; "" if it is there. An interpreter that was chosen
    for its side has it."""
    if framework in interpreters:
        return ""
    if missing := [name for name in MODULES[framework] if not installed(name)]:
        return f"{TITLES[framework]} is not installed ({' and '.join(missing)} not found): {INSTALL[framework]}"
    return ""


def _lacking(probe: Probe, framework: Framework, interpreters: Mapping[Framework, Interpreter]) -> str:
    """What the measure needs besides, and a side's own interpreter doesn't have."""
    if framework not in interpreters:
        return ""
    names = [parsed(text)[0] for text in probe.measure_spec.packages]
    missing = [name for name in names if name not in interpreters[framework].versions]
    if not missing:
        return ""
    return f"{titles(interpreters)[framework]}'s interpreter lacks {' and '.join(missing)}: install it there with pip"


@cache
def measuring_packages() -> tuple[str, ...]:
    """All that some measure needs besides the framework, as pip calls it."""
    needed = (text for probe in probes_by_id().values() for text in probe.measure_spec.packages)
    return tuple(dict.fromkeys(parsed(text)[0] for text in needed))


def no_compiler(what: str) -> str:
    """That ``what`` lacks a C++ compiler (``CXX`` names another one), with what to do about it; "" if one is here."""
    names = (os.environ.get("CXX", ""), "g++", "clang++", "c++", "cl")
    if any(name and shutil.which(name) for name in names):
        return ""
    advice = {"linux": "install g++", "darwin": "run xcode-select --install"}.get(
        sys.platform, "install the Visual Studio Build Tools"
    )
    return f"{what} needs a C++ compiler on a CPU, and none was found: {advice}"


def installed(module: str) -> bool:
    """Whether a module could be imported here, by its name alone."""
    return module in sys.modules or importlib.util.find_spec(module) is not None


def _modules(package: str) -> list[ModuleType]:
    path = importlib.import_module(package).__path__
    return [importlib.import_module(f"{package}.{info.name}") for info in pkgutil.iter_modules(path)]


def _fits(model: ModuleType, measure: MeasureSpec) -> bool:
    spec: ModelSpec = model.SPEC
    if data := getattr(model, "DATA", None):
        return bool(measure.data == data.kind and data.labelled)
    if spec.own:
        told = model.FILE.generates if measure.generates else measure.any_model
        return told and (model.FILE.trains or not measure.trains)
    if measure.generates:
        return False
    told = not measure.models or spec.id in measure.models
    return told and {size.name for size in spec.sizes}.issuperset(measure.sizes)


def _spec(model: ModelSpec, measure: MeasureSpec, track: Track, budget: Level) -> ProbeSpec:
    return ProbeSpec(
        id=str(ProbeId(model.id, measure.id, track)),
        title=_title(model, measure) + _TRACK_TITLES[track],
        question=measure.question,
        model=model.id,
        measure=measure.id,
        track=track,
        metric=measure.metric,
        unit=measure.unit,
        better=measure.better,
        modes=MODES[track],
        budget=_budget(model, track, budget),
        group=measure.group,
    )


def _budget(model: ModelSpec, track: Track, budget: Level) -> Level:
    if model.id.startswith("data-"):  # whoever names data of their own asks for what reads them
        return "quick"
    # Eager against eager is told quickly by one network: it is about the frameworks and not about the network.
    return "standard" if budget == "quick" and track == "eager" and model.label else budget


def _title(model: ModelSpec, measure: MeasureSpec) -> str:
    return measure.title + (f", {model.label}" if model.label else "")


def _order(probe: Probe) -> tuple[object, ...]:
    """By model (the one without a label before all), then heading, kind and measure: what people look for first comes
    first. The tracks of a measure are measured one after the other, so that little drifts between its modes."""
    kinds = ("timed", "fresh", "scaled", "sized", "cold", "paired", "search")
    spec = probe.spec
    return (
        bool(probe.model.SPEC.label),
        spec.model,
        list(GROUPS).index(spec.group),
        kinds.index(probe.measure_spec.kind),
        spec.measure,
        list(MODES).index(spec.track),
    )
