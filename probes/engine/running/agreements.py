"""Which sides were seen to compute the same, kept by content for later runs on this machine.

The same programs with the same versions and sizes agree again: asking them anew would cost each run seconds for each
probe. What is kept are the deviations, so that every record still shows them. Only agreement is kept: sides that
disagree are asked again. What can't be read, or was damaged, counts as not kept; what can't be written isn't.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from probes import places
from probes.catalog import NONE, Probe
from probes.engine.judging.statistics import six
from probes.engine.running.child import Child
from probes.engine.running.pair import Pair, PairSettings
from probes.engine.running.probe_record import ProbeRecord
from probes.engine.watching import machine
from probes.schema import FRAMEWORKS, TITLES, Framework, Interpreter, Outcome
from probes.system import folders, whole_files
from probes.workloads import agreement

DAYS = 30  # after so long sides are asked again: what no name here tells of (a driver, a library's own library) changes
_PROBES = folders.PACKAGES / "probes"
#: What decides beside the model and the measure which numbers a check compares, and how.
_CODE = (
    "contracts.py", "tracks.py", "frameworks/*.py", "workloads/*.py", "model_file/*.py", "team_data/*.py",
    "engine/child/*.py",
)  # fmt: skip
#: Of a child's surroundings: where it runs, and how its idle threads wait, changes no number.
_WHERE = frozenset({"cores", "placement", "waiting", "OMP_WAIT_POLICY", "KMP_BLOCKTIME"})


def name_of(
    probe: Probe,
    sizes: Mapping[str, int],
    environment: Mapping[Framework, Mapping[str, str]],
    interpreters: Mapping[Framework, Interpreter] = NONE,
) -> str:
    """A name for all that decides whether both sides agree: 32 hex digits. The seed isn't part of it: the same programs
    run on other numbers."""
    content = {
        "probe": probe.spec.id,
        "modes": probe.spec.modes,
        "sizes": sizes,
        "code": _digest(probe.model, probe.measure),
        "machine": machine.seen_by(interpreters).fingerprint,
        "environment": {
            side: {name: value for name, value in said.items() if name not in _WHERE}
            for side, said in environment.items()
        },
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Agreed:
    """By how much both sides differ, and why that is too much, or ""."""

    deviations: Mapping[str, float]
    reason: str


def asked(
    children: Sequence[Child], scratch: Path, arguments: Mapping[str, Any], titles: Mapping[Framework, str] = TITLES
) -> Agreed | None:
    """What both children compute, compared; None for a measure without a check. ``titles``: what people call the
    sides. Raises what ``Child.ask`` raises."""
    arrays = []
    ordered = sorted(children, key=lambda child: child.framework)
    for child in ordered:
        file = scratch / f"{child.framework}.npz"
        if not child.ask("check", **arguments, file=str(file))["checked"]:
            return None
        with np.load(file) as found:
            arrays.append(dict(found))
    first, second = (titles[child.framework] for child in ordered)
    ours, theirs = arrays
    return Agreed(*agreement.compare(ours, theirs, (first, second)))


def comparable(
    record: ProbeRecord,
    pair: Pair,
    children: Sequence[Child],
    arguments: Mapping[str, Any],
    settings: PairSettings,
    say: Callable[[str], None],
) -> bool:
    """Whether a clock may start: both children compute the same, as is known or as is seen now by ``arguments``. By how
    much they differ, and why that is too much, is noted in ``record``. Raises what ``Child.ask`` raises.
    """
    own = record.probe.model.SPEC.own
    if own and pair.not_carried:
        record.doubt = pair.not_carried
        return True
    sizes = record.probe.model.SPEC.sized(settings.request.sizes)
    name = name_of(record.probe, sizes, pair.environment, settings.request.interpreters)
    if known := find(name):
        record.agreement = known
        return True
    say(f"{record.probe.spec.title}, do both sides compute the same?")
    found = asked(children, Path(settings.scratch), arguments, places.titles(settings.request.interpreters))
    if found is None:
        return True
    record.agreement = {name: six(value) for name, value in found.deviations.items()}
    if own and found.reason:
        record.doubt = found.reason
        return True
    for framework in FRAMEWORKS if found.reason else ():
        record.fail(framework, Outcome.NOT_COMPARABLE, found.reason)
    if not found.reason:
        keep(name, record.agreement)
    return not found.reason


def find(name: str) -> dict[str, float] | None:
    """The deviations of sides that agreed under this name in the last 30 days; None if that isn't known."""
    file = _file(name)
    try:
        if time.time() - file.stat().st_mtime > DAYS * 86_400:
            return None
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if _sound(found) else None


def keep(name: str, deviations: Mapping[str, float]) -> None:
    """Keep deviations of sides that agreed, and forget what is too old to be believed."""
    file = _file(name)
    with contextlib.suppress(OSError):
        for other in folders.made(file.parent).iterdir():
            if time.time() - other.stat().st_mtime > DAYS * 86_400:
                other.unlink()
    with contextlib.suppress(OSError):
        whole_files.write(file, json.dumps(dict(deviations)))


def _file(name: str) -> Path:
    return folders.agreements() / f"{name}.json"


def _sound(found: object) -> bool:
    """Whether it can be what was kept: deviations that are known, of sides that agree."""
    return (
        isinstance(found, dict)
        and bool(found)
        and found.keys() <= agreement.NAMES
        and all(isinstance(value, float | int) and 0 <= value < math.inf for value in found.values())
        and not agreement.disagreement(found)
    )


def _digest(*modules: ModuleType) -> str:
    files = [path for pattern in _CODE for path in _PROBES.glob(pattern)]
    files += [Path(module.__file__) for module in modules if module.__file__]
    parts = sorted(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
