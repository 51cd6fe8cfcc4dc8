"""What this machine is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from probes.engine.watching import machine, topology
from probes.json_form import from_json, to_json
from probes.schema import Machine
from tests.probes import fake_processor as fake
from tests.probes.fake_processor import Tree
from tests.samples import MACHINE

GPU = "NVIDIA Sample, 80 GiB"
OWN = replace(MACHINE, physical_cores=8, logical_cores=16)


def test_this_machine_is_described_once_and_survives_json() -> None:
    here = machine.read()
    assert re.fullmatch(r"[0-9a-f]{16}", here.fingerprint)
    assert machine.read() is here
    assert here.memory_bytes == psutil.virtual_memory().total
    assert 1 <= here.physical_cores <= here.logical_cores
    assert {"torch", "tensorflow", "keras", "numpy"} <= here.versions.keys()
    assert here.cpu in here.name
    assert from_json(Machine, to_json(here)) == here


def test_another_library_version_is_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "version_of", lambda package: "0")
    assert machine.read.__wrapped__().fingerprint != machine.read().fingerprint


def described(tree: Tree, allowed: set[int], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """This machine, if it had that processor and might use so many of its cores."""
    whole, part = (topology.read(tree.at(folder), cores) for cores in (tree.cores, allowed))
    monkeypatch.setattr(topology, "here", lambda: part)
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: len(whole.cores) if logical else whole.physical)
    return machine.read.__wrapped__()


def test_equal_hosts_are_equal_whichever_of_their_cores_they_grant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (described(fake.VIRTUAL, {core}, tmp_path, monkeypatch) for core in (0, 1))
    assert first == second
    assert first.container_limits["cores"] == "1 of 2 CPUs, on 1 core"
    assert "limited (cores)" in "; ".join(machine.machine_class(first, quiet=True).reasons)


def test_more_cores_other_cores_and_less_of_their_time_are_another_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted: tuple[tuple[Tree, set[int]], ...] = (
        (fake.AMD, {0}), (fake.AMD, {0, 1}), (fake.AMD, {0, 8}), (fake.AMD, set(range(16))),
        (fake.CONTAINER, set(range(16))),
    )  # fmt: skip
    found = [
        described(tree, allowed, tmp_path / str(number), monkeypatch) for number, (tree, allowed) in enumerate(granted)
    ]
    assert len({one.fingerprint for one in found}) == len(granted)
    assert "cores" not in found[3].container_limits, "all of it is no limit"
    assert found[4].container_limits["cpu.max"] == "1.5 CPUs"


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [
        ("cpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC 7B13\n", "AMD EPYC 7B13"),
        ("cpu family\t: 26\nmodel\t\t: 2\nmodel name\t: AMD EPYC\n\nmodel\t\t: 9\n", "AMD EPYC (family 26, model 2)"),
        (
            "cpu family\t: 6\nmodel\t\t: 106\nmodel name\t: Intel(R) Xeon(R) Processor @ 2.60GHz\n",
            "Intel(R) Xeon(R) Processor @ 2.60GHz (family 6, model 106)",
        ),
        ("CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n", "aarch64 (implementer 0x41, part 0xd0c)"),
        ("", "aarch64"),
    ],
)
def test_generations_of_a_processor_are_told_apart(cpuinfo: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Virtual machines hide the number: «AMD EPYC» was Zen 3 one day and Zen 5 the next, and one machine to us."""
    monkeypatch.setattr(machine, "read_text", lambda path: cpuinfo.strip() if path == "/proc/cpuinfo" else "")
    monkeypatch.setattr(machine.platform, "system", lambda: "Linux")
    monkeypatch.setattr(machine.platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(machine.platform, "processor", lambda: "")
    assert machine._cpu() == name


@pytest.mark.parametrize(
    ("record", "options", "kind", "reason"),
    [
        (replace(MACHINE, gpus=(GPU,)), {}, "gpu", GPU),
        (replace(MACHINE, gpus=(GPU,)), {"quiet": False}, "shared", "not found quiet"),
        (replace(MACHINE, gpus=(GPU,)), {"device": "cpu"}, "shared", "2 cores leave none"),
        (OWN, {"quiet": True}, "dedicated", "found quiet"),
        (OWN, {}, "shared", "nothing has shown yet"),
        (OWN, {"quiet": False}, "shared", "not found quiet"),
        (OWN, {"quiet": True, "device": "cuda"}, "shared", "no GPU was seen"),
        (replace(OWN, virtualisation="virtual machine (QEMU)"), {"quiet": True}, "shared", "virtual machine (QEMU)"),
        (replace(OWN, container_limits={"cpu.max": "200000 100000"}), {"quiet": True}, "shared", "cpu.max"),
        (MACHINE, {"quiet": True}, "shared", "2 cores leave none"),
        (replace(MACHINE, physical_cores=1), {"quiet": True}, "shared", "1 core leaves none"),
    ],
)
def test_the_machines_class(record: Machine, options: dict[str, Any], kind: str, reason: str) -> None:
    found = machine.machine_class(record, **options)
    assert found.kind == kind
    assert reason in "; ".join(found.reasons)
