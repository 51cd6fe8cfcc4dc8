"""NVIDIA's management library, where there is one."""

from __future__ import annotations

import builtins
import inspect
import re
import sys
from typing import Any

import pytest

from probes.engine.watching import gpu, machine
from probes.engine.watching.gpu import GpuWatch
from probes.system import energy, nvml
from tests.probes.fake_nvml import FakeNvml

GPU = "NVIDIA Sample, 80 GiB"


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> FakeNvml:
    """A quiet GPU."""
    made = FakeNvml()
    monkeypatch.setitem(sys.modules, "pynvml", made)
    return made


def test_the_fake_library_has_the_real_ones_names_and_numbers() -> None:
    real = pytest.importorskip("pynvml")
    names = {name: value for name, value in vars(FakeNvml).items() if name.lower().startswith("nvml")}
    assert names
    for name, value in names.items():
        assert hasattr(real, name), name
        assert not isinstance(value, int) or getattr(real, name) == value, name


def test_the_fake_library_has_all_that_is_used() -> None:
    source = inspect.getsource(gpu) + inspect.getsource(nvml) + inspect.getsource(energy)
    names = set(re.findall(r"\b(?:nvml[A-Z]|NVML_|NVMLError)\w*", source))
    assert {name for name in names if not hasattr(FakeNvml, name)} == {"nvmlPerfPolicyType_t"}  # named in a comment


def test_a_gpu_is_described_with_its_driver(library: FakeNvml) -> None:
    assert nvml.describe() == nvml.Found((GPU,), {"nvidia-driver": "580.65.06", "cuda-driver": "13.1"})
    assert library.open == 0


def test_the_machines_record_has_the_gpu_and_another_driver_is_another_fingerprint(
    library: FakeNvml, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = machine.read.__wrapped__()
    assert found.gpus == (GPU,)
    assert found.name.endswith(GPU)
    assert (found.versions["nvidia-driver"], found.versions["cuda-driver"]) == ("580.65.06", "13.1")
    monkeypatch.setattr(library, "nvmlSystemGetDriverVersion", lambda: "1.0")
    assert machine.read.__wrapped__().fingerprint != found.fingerprint


def test_a_machine_without_the_driver_has_no_gpu_and_nothing_to_complain_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml(broken="NVML Shared Library Not Found"))
    assert nvml.describe() == nvml.Found()
    assert machine.read.__wrapped__().gpus == ()


def test_a_machine_without_the_package_has_none_either(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name == "pynvml":
            raise ImportError("No module named 'pynvml'")
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "pynvml", raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    assert nvml.describe() == nvml.Found()
    watch = GpuWatch("0")
    with watch:
        assert watch.look("Training step") == {}
    assert watch.disturbances() == ()
    assert "nvidia-ml-py can't be imported" in watch.note


@pytest.mark.parametrize("visible", ["0", "GPU-1"])
def test_a_gpu_is_named_by_its_place_or_its_own_name(library: FakeNvml, visible: str) -> None:
    assert nvml.gpu_of(nvml.open_library(), visible) is not None
    with pytest.raises(nvml.UnreadableError, match="knows no GPU '7'"):
        nvml.gpu_of(library, "7")
