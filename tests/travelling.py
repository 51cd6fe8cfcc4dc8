"""Records of other machines: the recorded run as if another machine had measured it, with all that goes with that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zlib import crc32

from probes.engine.judging.results import summarise
from probes.engine.watching.machine import fingerprint_of, name_of
from probes.json_form import from_json
from probes.records import sealed
from probes.results import Instance, Round, RunResult, Superblock
from probes.schema import Machine
from tests.places import GOLDEN


def recorded() -> RunResult:
    """What ``python -m probes run --out`` really wrote."""
    return from_json(RunResult, (GOLDEN / "quick.json").read_bytes())


def measured_on(*, swapped: bool = False, day: int = 20, on_gpu: bool = False, **machine: Any) -> RunResult:
    """The recorded run on another machine, which ``machine`` says of, on that day of November 2026, and longer by some
    billionths, since no two runs take the same. ``swapped``: each framework took the other's times there."""
    run = recorded()
    at = f"2026-11-{day:02d}T10:{{:02d}}:00+00:00"
    longer = 1 + (1 + crc32(repr((day, sorted(machine.items()))).encode()) % 1000) * 1e-9
    rounds = tuple(
        _round(replace(one, started_at=at.format(one.index)), swapped=swapped, on_gpu=on_gpu, longer=longer)
        for one in run.rounds
    )
    found = replace(run, machine=named(run.machine, **machine), rounds=rounds, started_at=at.format(0))
    return replace(found, results=summarise(found.setup, rounds, planned_rounds=run.planned_rounds))


def named(machine: Machine, **changes: Any) -> Machine:
    """A machine with other properties, called and known by them."""
    found = replace(machine, **changes)
    return replace(found, name=name_of(found), fingerprint=fingerprint_of(found))


def file_of(run: RunResult) -> bytes:
    """As it travels."""
    return sealed(run).encode()


def _round(round_: Round, *, swapped: bool, on_gpu: bool, longer: float) -> Round:
    if on_gpu:
        told = {side: {**said, "device": "NVIDIA Sample"} for side, said in round_.environment.items()}
        round_ = replace(round_, environment=told)

    def instance(one: Instance) -> Instance:
        one = replace(one, superblocks=tuple(_longer(block, longer) for block in one.superblocks))
        return _swapped(one) if swapped else one

    measurements = (replace(one, instances=tuple(map(instance, one.instances))) for one in round_.measurements)
    return replace(round_, measurements=tuple(measurements))


def _longer(block: Superblock, factor: float) -> Superblock:
    one, two, three, four = (wall * factor for wall in block.wall)
    return replace(block, wall=(one, two, three, four))


def _swapped(instance: Instance) -> Instance:
    """A is PyTorch in each order: with the other order the same times are the other framework's."""
    other = {"ABBA": "BAAB", "BAAB": "ABBA"}
    blocks = tuple(Superblock(other[b.order], b.wall, b.cpu) for b in instance.superblocks)  # type: ignore[arg-type]
    single = instance.single
    if len(single) == 2:
        single = {"pytorch": single["tensorflow"], "tensorflow": single["pytorch"]}
    return replace(instance, superblocks=blocks, single=single)
