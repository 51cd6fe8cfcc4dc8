"""Under which conditions something was measured: only what is alike in all of them may be joined or stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from advisor.wording.moments import moment
from advisor.wording.quantities import counted
from probes.results import RunResult
from probes.schema import Device, Machine, Outcome, RunRequest

_GIB: Final = 2**30
_ON_GPU: Final[Mapping[Device, bool]] = {"cpu": False, "cuda": True}


@dataclass(frozen=True, slots=True)
class Conditions:
    """The machine with its library versions (as a fingerprint), the device, threads and network sizes."""

    fingerprint: str
    on_gpu: bool | None  # None: whatever "auto" comes to there
    threads: int
    sizes: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class KnownResult:
    """The newest finished measurement of a probe under some conditions."""

    probe: str
    run_id: str
    measured_at: datetime  # UTC
    own: bool  # of the decision that asks, else of another one


def met(result: RunResult) -> Conditions:
    """The conditions that a result was measured under."""
    return Conditions(
        result.machine.fingerprint, result.on_gpu, result.request.threads, _measured_sizes(result.request)
    )


def finished(result: RunResult, *, stored_at: datetime) -> dict[str, datetime]:
    """The probes that were measured to their end, and when. ``stored_at`` dates records of before there were dates."""
    return {
        row.probe: moment(row.measured_at or result.started_at) or stored_at
        for row in result.results
        if row.outcome is Outcome.OK and row.ratio is not None and not row.provisional
    }


def asked(request: RunRequest, machine: Machine) -> Conditions:
    """The conditions that a run of ``request`` on ``machine`` would be measured under."""
    on_gpu = _ON_GPU.get(request.device, None if machine.gpus else False)
    return Conditions(machine.fingerprint, on_gpu, request.threads, _measured_sizes(request))


def _measured_sizes(request: RunRequest) -> Mapping[str, Mapping[str, int]]:
    """By network. A team's own has none to be chosen, and is a network of its own at each version of its file."""
    return request.sizes if request.model_file is None else {**request.sizes, request.model_file.id: {}}


def same_hardware(machine: Machine, other: Machine) -> bool:
    """Whether two records may be of one machine in two states: before and after an upgrade, say."""
    return _hardware(machine) == _hardware(other)


def changes(before: Machine, after: Machine) -> tuple[str, ...]:
    """What of ``before`` is different from ``after``, in words; empty if the two have one fingerprint.

    Only what the hardware shares is compared further: on another machine everything is different.
    """
    if before.fingerprint == after.fingerprint:
        return ()
    if not same_hardware(before, after):
        return (f"another machine ({before.name})",)
    words = [
        f"{name} {before.versions.get(name, 'not installed')} instead of {after.versions.get(name, 'not installed')}"
        for name in dict.fromkeys((*after.versions, *before.versions))
        if before.versions.get(name) != after.versions.get(name)
    ]
    if (before.os, before.kernel) != (after.os, after.kernel):
        words.append(f"{_system(before, after)} instead of {_system(after, before)}")
    if before.container_limits != after.container_limits:
        words.append("other limits of the container")
    return tuple(words) or ("another state of this machine",)


def differences(result: RunResult, other: RunResult, *, on_gpu: tuple[bool, bool]) -> tuple[str, ...]:
    """What sets ``result`` apart from ``other``, in words; ``on_gpu`` says of each where it was measured."""
    words = list(changes(result.machine, other.machine))
    if on_gpu[0] != on_gpu[1]:
        words.append("on the GPU instead of the CPU" if on_gpu[0] else "on the CPU instead of the GPU")
    if result.request.threads != other.request.threads:
        words.append(f"{counted(result.request.threads, 'thread')} instead of {other.request.threads}")
    ours, theirs = result.request.model_file, other.request.model_file
    if ours != theirs:
        return (*words, f"your own network «{ours.title}»" if ours else "another network than your own")
    return (*words, *_sizes(result.request.sizes, other.request.sizes))


def _hardware(machine: Machine) -> tuple[object, ...]:
    memory = round(machine.memory_bytes / _GIB)
    return machine.cpu, machine.physical_cores, machine.logical_cores, memory, machine.gpus


def _system(machine: Machine, other: Machine) -> str:
    kernel = f"kernel {machine.kernel}"
    return kernel if machine.os == other.os else f"{machine.os} ({kernel})"


def _sizes(sizes: Mapping[str, Mapping[str, int]], other: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    return tuple(
        f"{name} {_size(sizes, model, name)} instead of {_size(other, model, name)}"
        for model in sorted({*sizes, *other})
        for name in dict.fromkeys((*other.get(model, {}), *sizes.get(model, {})))
        if sizes.get(model, {}).get(name) != other.get(model, {}).get(name)
    )


def _size(sizes: Mapping[str, Mapping[str, int]], model: str, name: str) -> str:
    return str(sizes.get(model, {}).get(name, "as it comes"))
