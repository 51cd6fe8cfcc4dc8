"""What this machine is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import psutil
import pytest

from probes.engine.watching import machine
from probes.json_form import from_json, to_json
from probes.schema import Machine
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
