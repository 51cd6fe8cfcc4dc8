"""Where pins are to run, from what somebody said and what the file asks for."""

from __future__ import annotations

import pytest

from advisor.lifecycle.dates import SYSTEMS, lifecycle
from advisor.lifecycle.machine import SYSTEM_TITLES, InstallTarget, MachineError, in_images, machine

PYTHONS = lifecycle().pythons


def test_what_is_said_counts_and_the_rest_is_supposed() -> None:
    found = machine(PYTHONS, ">=3.8", python="3.9.13", system="windows", gpu="turing", cuda="12.4")
    assert found == InstallTarget("3.9", "windows-x86_64", "turing", "12.4")
    assert machine(PYTHONS, "==3.8.*") == InstallTarget("3.8", "linux-x86_64", supposed=("python", "os"))
    assert machine(PYTHONS, "==3.8.20", gpu="none").python == "3.8"


@pytest.mark.parametrize(
    ("wanted", "options", "message"),
    [
        ("", {}, r"^--python: is needed: the file doesn't say it; allowed: 2\.7, .*3\.15$"),
        (">=3.11,<3.13", {}, r"^--python: is needed: the file allows 3\.11, 3\.12; allowed: "),
        ("", {"python": "4"}, r"^--python: '4' is not allowed; allowed: 2\.7, "),
        ("", {"python": "3.99"}, r"^--python: '3\.99' is not allowed"),
        ("", {"python": "3.11", "system": "beos"}, r"^--os: 'beos' is not allowed; allowed: linux, windows, "),
        ("", {"python": "3.11", "gpu": "rtx"}, r"^--gpu: 'rtx' is not allowed; allowed: none, kepler, .*blackwell$"),
        ("", {"python": "3.11", "cuda": "new"}, r"^--cuda: 'new' is not allowed; allowed: a version as 12\.4"),
        ("", {"python": "3.11", "gpu": "none", "cuda": "12.4"}, r"^--cuda: can't be meant without a GPU"),
    ],
)
def test_what_can_not_be_used_names_the_field_the_value_and_what_is_allowed(
    wanted: str, options: dict[str, str], message: str
) -> None:
    with pytest.raises(MachineError, match=message):
        machine(PYTHONS, wanted, **options)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_has_a_title_and_the_names_of_markers(system: str) -> None:
    (one,) = [name for name in SYSTEMS if name == system]
    assert SYSTEM_TITLES[one]
    assert InstallTarget("3.11", one).environment()["sys_platform"] in ("linux", "darwin", "win32")


@pytest.mark.parametrize(
    ("images", "glibc", "toolkit"),
    [
        (("nvidia/cuda:11.2.2-cudnn8-devel-ubuntu20.04",), "2.31", "11.2"),
        (("python:3.8-slim-buster",), "2.28", ""),
        (("ubuntu:14.04",), "2.19", ""),
        (("centos:8",), "2.28", ""),
        (("python:3.9-alpine3.18",), "0", ""),
        (("python:3.9",), "", ""),
        (("ubuntu:18.04", "ubuntu:22.04"), "", ""),  # which of them it runs on isn't said
        (("nvidia/cuda:10.1-base-ubuntu18.04", "nvidia/cuda:11.0-base-ubuntu18.04"), "2.27", ""),
        (("rockylinux:9", "almalinux:9"), "2.34", ""),
    ],
)
def test_images_say_which_glibc_and_which_cuda_there_is(images: tuple[str, ...], glibc: str, toolkit: str) -> None:
    found = in_images(InstallTarget("3.9", "linux-x86_64"), images, lifecycle())
    assert (found.glibc, found.toolkit) == (glibc, toolkit)
    elsewhere = InstallTarget("3.9", "macos-arm64")
    assert in_images(elsewhere, images, lifecycle()) == elsewhere
