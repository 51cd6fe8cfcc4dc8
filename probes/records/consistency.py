"""What else in a record can belie itself, verdicts aside: its form, its moments, its plan, its rounds, its figures.

Each check yields what is wrong, as «place: what stands there; allowed: …». What none of them can see is stated in
``docs/fleet.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from packaging.version import InvalidVersion, Version

from probes.catalog import find
from probes.json_form import to_dict
from probes.results import Measurement, Round, RunResult, sides_of
from probes.schema import FRAMEWORKS, Framework

#: Seconds that moments may be off by: they are written without fractions, and clocks are set while a run goes on.
TOLERANCE: Final = 5.0
#: Seconds of CPU time that a block may show too much of: the tick of the coarsest clock (Windows: 15.6 ms), twice.
CPU_TICK: Final = 0.032
_NOT_INSTALLED: Final = "not installed"
_DIGEST: Final = re.compile(r"[0-9a-f]{12}")
#: Of each side, what a child says of itself, and under which name the machine's record has it.
SAID: Final[Mapping[Framework, Mapping[str, str]]] = {
    "pytorch": {"version": "torch"},
    "tensorflow": {"version": "tensorflow", "keras": "keras"},
}


def contradictions(run: RunResult, fields: Mapping[str, Any], writer: str, reader: str) -> Iterator[str]:
    """Everything in a run, and in the ``fields`` that it was read from, that can't be so. ``writer``, ``reader``: by
    which code it was written, "" where it doesn't say, and by which it is read."""
    if (writer or "sha256" in fields) and not _DIGEST.fullmatch(writer):
        yield f"fulcrum: {writer!r}; allowed: the 12 hex digits of the code that wrote it"
    yield from _form("", {"budget": run.budget, **to_dict(run)}, fields, same_code=writer == reader)
    yield from _machine(run)
    yield from _schedule(run)
    yield from _moments(run)
    for number, round_ in enumerate(run.rounds):
        yield from _round(f"rounds.{number}", round_, run)
    yield from _repetitions(run)


def figures(round_: Round) -> tuple[object, ...]:
    """What was clocked in a round, block by block; () where nothing was. No two rounds have the same."""
    return tuple(
        (measurement.probe, block.wall, block.cpu)
        for measurement in round_.measurements
        for instance in measurement.instances
        for block in instance.superblocks
    )


def _form(place: str, read: Any, stated: Any, *, same_code: bool) -> Iterator[str]:
    """Where what was read isn't what stands there: texts in place of numbers, fields that are missing or strange. Other
    code may have fields that this one lacks, and the other way round."""
    if isinstance(read, dict) and isinstance(stated, dict):
        for name in read if same_code else read.keys() & stated.keys():
            inner = f"{place}.{name}" if place else name
            if name not in stated:
                yield f"{inner} is missing; allowed: {read[name]!r} or another value, as this Fulcrum writes it"
            else:
                yield from _form(inner, read[name], stated[name], same_code=same_code)
        known = {*read, "fulcrum", "sha256"} if not place else {*read}
        if same_code and (strange := sorted(stated.keys() - known)):
            yield f"{place or 'the record'} has the field {strange[0]!r}; this Fulcrum writes none of that name"
    elif isinstance(read, list) and isinstance(stated, list) and len(read) == len(stated):
        for number, (one, other) in enumerate(zip(read, stated, strict=True)):
            yield from _form(f"{place}.{number}", one, other, same_code=same_code)
    elif read != stated or isinstance(read, bool) != isinstance(stated, bool):
        yield f"{place}: {stated!r}; allowed: {read!r}, as Fulcrum writes it"


def _machine(run: RunResult) -> Iterator[str]:
    here = run.machine
    if not 1 <= here.physical_cores <= here.logical_cores:
        yield f"machine.physical_cores: {here.physical_cores}; allowed: 1 to its {here.logical_cores} logical ones"
    if here.memory_bytes <= 0:
        yield f"machine.memory_bytes: {here.memory_bytes}; allowed: more than 0"
    names = {*SAID["pytorch"].values(), *SAID["tensorflow"].values()} & here.versions.keys()
    for name, version in {**{name: here.versions[name] for name in sorted(names)}, "python": here.python}.items():
        try:
            Version(version)
        except InvalidVersion:
            if version != _NOT_INSTALLED:
                yield f"machine.versions.{name}: {version!r}; allowed: a version, as 2.21.0"


def _schedule(run: RunResult) -> Iterator[str]:
    """What was planned, against what was asked for and what was done."""
    for number, round_ in enumerate(run.rounds[:-1]):
        if not round_.complete:
            yield f"rounds.{number}.complete: false; allowed only of the last round: a run starts such a one again"
    if len(run.rounds) > run.planned_rounds > 0:
        yield f"planned_rounds: {run.planned_rounds}; allowed: at least the {len(run.rounds)} rounds that there are"
    planned = run.schedule
    if planned is None:
        return
    if len(set(planned.probes)) < len(planned.probes):
        yield "schedule.probes names a probe twice"
    if set(planned.looks) != set(planned.probes):
        yield "schedule.looks: allowed: looks for each of schedule.probes, and for no other"
    if strange := sorted(set(planned.idle) - set(planned.probes)):
        yield f"schedule.idle: {strange[0]!r} isn't among schedule.probes"
    for probe, looks in planned.looks.items():
        if not looks or list(looks) != sorted(set(looks)) or not 1 <= looks[0] <= looks[-1] <= run.planned_rounds:
            yield f"schedule.looks.{probe}: {list(looks)}; allowed: rising numbers of 1 to {run.planned_rounds} rounds"
    if run.request.probes and set(run.request.probes) != set(planned.probes):
        yield "schedule.probes aren't the probes that the request names"
    if isinstance(run.budget, int | float) and planned.budget_seconds != run.budget:
        yield f"schedule.budget_seconds: {planned.budget_seconds:g}; allowed: {run.budget:g}, which the request states"


def _moments(run: RunResult) -> Iterator[str]:
    """Rounds follow one another, and a run takes at least as long as those that began in it. Rounds of before may be
    older: a run that was gone on with begins anew."""
    begun = [datetime.fromisoformat(round_.started_at) for round_ in run.rounds if round_.started_at]
    if len(begun) < len(run.rounds):
        return  # records of before
    if any(moment.tzinfo is None for moment in begun):
        yield "rounds.started_at: a moment without its offset; allowed: as 2026-11-23T10:00:00+00:00"
        return
    for number, (earlier, later) in enumerate(pairwise(begun)):
        end = earlier + timedelta(seconds=run.rounds[number].seconds - TOLERANCE)
        if later < end:
            yield (
                f"rounds.{number + 1}.started_at: {run.rounds[number + 1].started_at}; allowed: after round {number} "
                f"ended, which took {run.rounds[number].seconds:g} s from {run.rounds[number].started_at}"
            )
    try:
        start = datetime.fromisoformat(run.started_at)
    except ValueError:
        start = None
    if start is None or start.tzinfo is None:
        yield f"started_at: {run.started_at!r}; allowed: a moment, as 2026-11-23T10:00:00+00:00"
        return
    within = sum(r.seconds for r, moment in zip(run.rounds, begun, strict=True) if moment >= start)
    if within > run.seconds + TOLERANCE:
        yield f"seconds: {run.seconds:g}; allowed: at least the {within:g} s of the rounds that began in it"
    if begun and start > begun[-1] + timedelta(seconds=run.rounds[-1].seconds + TOLERANCE):
        yield f"started_at: {run.started_at}; allowed: before the last round ended, which began {begun[-1].isoformat()}"


def _round(place: str, round_: Round, run: RunResult) -> Iterator[str]:
    if not 0 <= round_.start_seconds <= round_.seconds:
        yield f"{place}.start_seconds: {round_.start_seconds:g}; allowed: 0 to the {round_.seconds:g} s of the round"
    if run.calibration.engine > 1 and round_.contended != bool(round_.disturbances):
        yield f"{place}.contended: {str(round_.contended).lower()}; allowed: what its list of disturbances says"
    named = [measurement.probe for measurement in round_.measurements]
    if len(set(named)) < len(named):
        yield f"{place}.measurements name a probe twice"
    if run.schedule and (strange := [probe for probe in named if probe not in run.schedule.probes]):
        yield f"{place}.measurements: {strange[0]!r} wasn't planned; allowed: those of schedule.probes"
    yield from _environment(place, round_, run)
    for measurement in round_.measurements:
        yield from _measurement(f"{place}.{measurement.probe}", measurement, round_, run)


def _environment(place: str, round_: Round, run: RunResult) -> Iterator[str]:
    """What each child said of itself, against what was asked for and what the machine is."""
    for side, said in round_.environment.items():
        here = f"{place}.environment.{side}"
        if not run.request.interpreters:  # else the machine's versions carry the interpreters' names
            stated = {key: run.machine.versions.get(name, "") for key, name in SAID[side].items()}
            for key, version in {**stated, "python": run.machine.python}.items():
                if said.get(key) and public(said[key]) != public(version):
                    yield f"{here}.{key}: {said[key]!r}; allowed: {version!r}, which the machine's versions name"
        if said.get("intra_op_threads", str(run.request.threads)) != str(run.request.threads):
            yield f"{here}.intra_op_threads: {said['intra_op_threads']}; allowed: the {run.request.threads} asked for"
        if run.request.device == "cpu" and said.get("device", "cpu") != "cpu":
            yield f"{here}.device: {said['device']!r}; allowed: 'cpu', which was asked for"
    for side in FRAMEWORKS if figures(round_) else ():
        if not round_.environment.get(side, {}).get("version"):
            yield f"{place}.environment.{side} names no version; a child that was clocked says its own"


def _measurement(place: str, measurement: Measurement, round_: Round, run: RunResult) -> Iterator[str]:
    """What was clocked, against the round that it was clocked in and the processor that worked."""
    try:
        unit = find(measurement.probe).spec.unit
    except ValueError as error:
        yield f"{place}: {error}"
        return
    if measurement.probe in measurement.turns:
        yield f"{place}.turns names the probe itself"
    clocked = 0.0
    for number, instance in enumerate(measurement.instances):
        for superblock in instance.superblocks:
            for side, wall, cpu in zip(sides_of(superblock.order), superblock.wall, superblock.cpu, strict=True):
                steps = instance.steps.get(side, 1)
                clocked += wall * steps
                most = 1.1 * wall * run.machine.logical_cores + CPU_TICK / max(1, steps)
                if not 0 <= cpu <= most:
                    yield (
                        f"{place}, instance {number}: {cpu:g} s of CPU time in a step of {wall:g} s; allowed: 0 to "
                        f"{most:g} s on {run.machine.logical_cores} cores"
                    )
        if any(steps < 1 for steps in instance.steps.values()):
            yield f"{place}, instance {number}: a block of no steps; allowed: 1 or more"
        singles: Sequence[float] = tuple(instance.single.values()) if unit == "s" else ()
        if longer := [value for value in singles if value > round_.seconds + TOLERANCE]:
            yield f"{place}, instance {number}: {longer[0]:g} s in a round that took {round_.seconds:g} s"
    if clocked > round_.seconds + TOLERANCE:
        yield f"{place}: blocks of {clocked:g} s together in a round that took {round_.seconds:g} s"


def _repetitions(run: RunResult) -> Iterator[str]:
    """Clocks never show the same twice."""
    seen: dict[tuple[object, ...], int] = {}
    for number, round_ in enumerate(run.rounds):
        if clocked := figures(round_):
            if clocked in seen:
                yield f"rounds.{number} has the very figures of round {seen[clocked]}: it is that round once more"
            seen[clocked] = number


def public(version: str) -> str:
    """A version without what a build adds to it: 2.13.0 of 2.13.0+cpu."""
    return version.partition("+")[0]
