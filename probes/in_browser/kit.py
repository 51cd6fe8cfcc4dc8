"""Makes a kit: one trained network, exported for every runtime of browsers, with inputs and the sources' answers."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from probes import catalog
from probes.contracts import UnsupportedError
from probes.deploy import batches, store
from probes.deploy import catalog as routes
from probes.deploy.launch import RouteChildren, RuntimeLauncher
from probes.deploy.schema import Logits
from probes.deploy.workshop import Workshop
from probes.engine.running.child import ChildError
from probes.engine.running.interpreters import SidePythons
from probes.engine.running.lock import Lock, machine_lock
from probes.in_browser import runtimes
from probes.in_browser.schema import ASKED, Kit, KitExport, KitFile, KitRequest
from probes.places import FRAMEWORKS, Framework
from probes.schema import ModelSpec, Outcome
from probes.system.scratch import scratch_folder
from probes.tracks import unwritten

INPUTS: Final = "inputs.bin"
_KIND: Final = "browser kit"
_FOLDER: Final = re.compile(r"[0-9a-f]{24}")


def validate(request: KitRequest) -> None:
    """Raise ValueError naming field, value and allowed values if no such kit can be made."""
    if request.model not in catalog.modules():
        raise ValueError(f"model: {request.model!r} doesn't exist; allowed: {', '.join(catalog.modules())}")


def make(
    request: KitRequest,
    *,
    tell: Callable[[str, float], None] = lambda _message, _share: None,
    cancelled: Callable[[], bool] = lambda: False,
    launcher: RuntimeLauncher | None = None,
    pythons: SidePythons = catalog.NONE,
    lock: Lock = machine_lock,
) -> Kit:
    """Train once, export by every way that leads to a browser; what can't be exported says why.

    What was exported before isn't exported again. Raises ValueError for a bad request, CancelledError.
    """
    validate(request)
    with (
        lock(waiting=lambda: tell("Waiting: another run has this machine", 0.0), cancelled=cancelled),
        scratch_folder() as scratch,
    ):
        store.tidy()
        spec: ModelSpec = catalog.model(request.model).SPEC
        surroundings = RouteChildren(1, scratch, cancelled, launcher, pythons)
        workshop = Workshop(surroundings, request.model, spec.sized({}), request.seed)
        try:
            return _made(workshop, spec, tell, pythons)
        finally:
            workshop.close()


def folder(kit: Kit) -> Path | None:
    """Where its files are; None if they are gone. Asking keeps them for another month."""
    return folder_of(kit.folder)


def folder_of(name: str) -> Path | None:
    """The same by the folder's name, which may come from anybody: None for what is no kit."""
    found = store.find(name) if _FOLDER.fullmatch(name) else None
    return found[0] if found and found[1].get("kind") == _KIND else None


def _made(workshop: Workshop, spec: ModelSpec, tell: Callable[[str, float], None], pythons: SidePythons) -> Kit:
    wanted = [
        (framework, runtime) for runtime in runtimes.runtimes() for framework in FRAMEWORKS
        if framework in runtime.exports
    ]  # fmt: skip
    found: list[tuple[KitExport, Path | None]] = []
    answers: dict[Framework, Logits] = {}
    for number, (framework, runtime) in enumerate(wanted):
        tell(f"{spec.id}: exporting for {runtime.title} ({number + 1} of {len(wanted)})", number / len(wanted))
        way = routes.find(runtime.exports[framework])
        reason = routes.why_not(way, pythons) or unwritten(catalog.model(spec.id), framework)
        if reason:
            found.append((KitExport(framework, runtime.id, Outcome.UNSUPPORTED, reason), None))
            continue
        try:
            answers[framework] = workshop.answers(framework)
            place, _ = workshop.export(way)
        except ChildError as error:
            found.append((KitExport(framework, runtime.id, error.outcome, error.reason), None))
        except UnsupportedError as error:
            found.append((KitExport(framework, runtime.id, Outcome.UNSUPPORTED, str(error)), None))
        else:
            found.append((KitExport(framework, runtime.id, Outcome.OK), place))
    return _kept(workshop, spec, found, answers)


def _kept(
    workshop: Workshop,
    spec: ModelSpec,
    found: list[tuple[KitExport, Path | None]],
    answers: Mapping[Framework, Logits],
) -> Kit:
    """Everything that a browser loads in one folder, named by its content."""
    reference = workshop.reference()
    leaves = batches.read(workshop.network(FRAMEWORKS[0]).data)
    if len(leaves) != 1:
        raise ValueError(f"{spec.id}: it takes {len(leaves)} inputs; browsers are asked with one array so far")
    (asked,) = leaves
    if len(asked) != ASKED or asked.dtype.name not in ("float32", "int64"):
        raise ValueError(f"{spec.id}: browsers are asked {ASKED} inputs of float32 or int64; these are {asked.dtype}")
    sources = {f"{one.framework}.{one.runtime}": place for one, place in found if place is not None}
    name = store.key(
        kind=_KIND, model=spec.id, inputs=hashlib.sha256(asked.tobytes()).hexdigest(),
        exports={part: place.name for part, place in sources.items()},
    )  # fmt: skip

    def fill(part: Path) -> store.Json:
        (part / INPUTS).write_bytes(np.ascontiguousarray(asked, f"<{asked.dtype.str[1:]}").tobytes())
        for source, place in sources.items():
            shutil.copytree(place, part / source, ignore=shutil.ignore_patterns(store.MANIFEST))
        return {"kind": _KIND}

    place, _ = store.find(name) or store.make(name, fill)
    exports = tuple(
        KitExport(one.framework, one.runtime, one.outcome, one.reason, _files(place, f"{one.framework}.{one.runtime}"))
        for one, _ in found
    )
    inputs = _file(place, place / INPUTS)
    whole = "".join(file.sha256 for file in (inputs, *(file for one in exports for file in one.files)))
    return Kit(
        model=spec.id,
        title=spec.title,
        sizes=spec.sized({}),
        digest=hashlib.sha256(whole.encode()).hexdigest(),
        shape=tuple(int(size) for size in asked.shape[1:]),
        dtype="float32" if asked.dtype == np.float32 else "int64",
        inputs=inputs,
        answers=dict(answers),
        exports=exports,
        folder=name,
        labels=reference.labels,
    )


def _files(place: Path, part: str) -> tuple[KitFile, ...]:
    return tuple(_file(place, path) for path in sorted((place / part).rglob("*")) if path.is_file())


def _file(place: Path, path: Path) -> KitFile:
    content = path.read_bytes()
    return KitFile(path.relative_to(place).as_posix(), len(content), hashlib.sha256(content).hexdigest())
