"""On which device a pair is measured."""

from __future__ import annotations

from typing import Any

import pytest

from probes.engine.running import devices
from probes.schema import FRAMEWORKS
from tests.places import ROOT

BOTH = dict.fromkeys(FRAMEWORKS, ("cpu", "cuda"))
ONE = {"pytorch": ("cpu", "cuda"), "tensorflow": ("cpu",)}


def test_the_cpu_if_it_was_asked_for_or_nobody_sees_a_gpu() -> None:
    assert devices.choose("cpu", BOTH, gpu_here=True) == devices.DeviceChoice("cpu")
    assert devices.choose("auto", dict.fromkeys(FRAMEWORKS, ("cpu",)), gpu_here=False) == devices.DeviceChoice("cpu")


def test_the_gpu_if_both_see_it() -> None:
    assert devices.choose("auto", BOTH, gpu_here=True) == devices.choose("cuda", BOTH, gpu_here=True)
    assert devices.choose("cuda", BOTH, gpu_here=True) == devices.DeviceChoice("cuda")


def test_auto_never_compares_a_gpu_with_a_cpu() -> None:
    choice = devices.choose("auto", ONE, gpu_here=True)
    assert (choice.device, choice.unsupported) == ("cpu", {})
    assert "both were measured on the CPU" in choice.note
    assert "TensorFlow: no CUDA device is seen" in choice.note


def test_who_sees_no_gpu_is_unsupported_and_the_other_is_measured_on_it() -> None:
    choice = devices.choose("cuda", ONE, gpu_here=True)
    assert choice.device == "cuda"
    assert choice.unsupported.keys() == {"tensorflow"}


@pytest.mark.parametrize(
    ("framework", "platform", "said"),
    [
        ("tensorflow", "linux", 'pip install "tensorflow[and-cuda]==2.21.0"'),
        ("tensorflow", "win32", "no CUDA build for Windows; in WSL2"),
        ("pytorch", "linux", "pip install --force-reinstall torch==2.13.0"),
        ("pytorch", "win32", "pytorch.org/get-started"),
        ("pytorch", "darwin", "choose the CPU"),
    ],
)
def test_the_reason_says_what_to_install(framework: Any, platform: str, said: str) -> None:
    assert said in devices.why_no_gpu(framework, gpu_here=True, platform=platform)
    assert "shows no NVIDIA GPU" in devices.why_no_gpu(framework, gpu_here=False, platform=platform)


def test_the_install_lines_are_the_pinned_versions() -> None:
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    assert {"torch==2.13.0", "tensorflow==2.21.0"} <= set(pins)


def test_unequal_settings_are_named() -> None:
    same = {"device": "NVIDIA Sample", "tf32": "off"}
    assert devices.unequal({"pytorch": same, "tensorflow": same}) == ""
    assert devices.unequal({"pytorch": same}) == ""
    other = devices.unequal({"pytorch": same, "tensorflow": {**same, "tf32": "on"}})
    assert other == "tf32 differs: off in PyTorch and on in TensorFlow"
    assert "other on a GPU" in devices.unequal({"pytorch": same, "tensorflow": {**same, "device": "cpu"}})
