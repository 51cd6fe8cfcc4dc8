"""What stops a pin, kind by kind, in small worlds of its own."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from advisor.lifecycle import findings
from advisor.lifecycle.dates import lifecycle
from advisor.lifecycle.findings import BEARINGS, FindingKind, Situation
from advisor.lifecycle.lock_files import parsed
from advisor.lifecycle.machine import InstallTarget
from advisor.lifecycle.pins import Pin
from advisor.lifecycle.wheels import wheels


def at(day: str = "2026-11-29", **machine: Any) -> Situation:
    return Situation(InstallTarget(**{"python": "3.11", "system": "linux-x86_64", **machine}), lifecycle(), day)


def kinds(line: str, where: Situation) -> list[str]:
    (pin,) = parsed(line).pins
    package = wheels()[pin.package]
    found = findings.resolved(pin, package, where)
    return [one.kind for one in findings.of_pin(found, package, where)]


@pytest.mark.parametrize(
    ("line", "machine", "kind"),
    [
        ("torch==1.13.1", {"python": "3.12"}, "python_too_new"),
        ("torch==2.15.0", {"python": "3.10"}, "python_too_old"),
        ("torch==2.15.0", {"system": "macos-x86_64"}, "no_wheel_for_system"),
        ("numpy==1.21.6", {}, "source_only"),
        ("torch==2.7.1", {"system": "windows-x86_64", "gpu": "ada"}, "no_gpu_on_system"),
        ("torch==2.7.1", {"gpu": "blackwell"}, "gpu_generation"),
        ("torch==2.14.0", {"gpu": "volta"}, "gpu_generation"),
        ("torch==2.14.0", {"gpu": "turing", "cuda": "12.9"}, "driver"),
        ("tensorflow==2.12.1", {"gpu": "blackwell"}, "gpu_generation"),
        ("tensorflow==2.11.1", {"python": "3.10", "gpu": "hopper"}, "own_cuda"),
        ("tensorflow==2.1.0", {"python": "3.7", "gpu": "turing", "cuda": "10.0"}, "driver"),
        ("tensorflow==2.10.1", {"python": "3.10", "toolkit": "12.2"}, "image_cuda"),
        ("tensorflow==2.1.0", {"python": "3.7", "toolkit": "10.2"}, "image_cuda"),  # before 11 to the minor version
        ("tensorflow==2.4.4", {"python": "3.8", "toolkit": "11.2"}, "image_cuda"),  # libcusolver.so.10 is of 11.0 alone
        ("tensorflow==2.5.3", {"python": "3.8", "toolkit": "11.0"}, "image_cuda"),  # from 2.5 on libcusolver.so.11
        ("torch==2.8.0", {"glibc": "2.27"}, "glibc_too_old"),  # manylinux_2_28, on Ubuntu 18.04
        ("torch==1.13.1", {"python": "3.9", "glibc": "0"}, "glibc_too_old"),  # Alpine has musl
        ("tensorflow-addons==0.22.0", {}, "package_ended"),
        ("tensorflow-gpu==2.12.0", {}, "package_ended"),  # no table knows that release, which installs nothing
        ("tensorflow==2.20.0", {}, "release_ended"),
    ],
)
def test_each_is_found_where_it_is_so(line: str, machine: dict[str, str], kind: str) -> None:
    assert kind in kinds(line, at(**machine))


@pytest.mark.parametrize(
    ("line", "machine"),
    [
        ("torch==2.7.1+cu128", {"gpu": "blackwell"}),
        ("torch==2.8.0", {"gpu": "blackwell", "cuda": "12.4"}),  # any driver of a major version runs its minor ones
        ("torch==2.15.0", {"gpu": "turing", "cuda": "13.0"}),
        ("torch==2.7.1", {"system": "windows-x86_64"}),  # without a GPU nothing is said of GPUs
        ("tensorflow-cpu==2.21.0", {"gpu": "blackwell"}),  # meant so
        ("tensorflow==2.12.1", {"gpu": "ada"}),
        ("tensorflow==2.10.1", {"python": "3.10", "toolkit": "11.8"}),  # the same files from 11.1 on
        ("tensorflow==2.4.4", {"python": "3.8", "toolkit": "11.0"}),
        ("torch==2.7.1", {"toolkit": "11.2"}),  # brings its own
        ("torch==2.8.0", {"glibc": "2.28"}),
        ("torch==2.8.0", {"system": "macos-arm64", "glibc": "2.17"}),
        ("keras==3.13.2", {"gpu": "blackwell"}),
    ],
)
def test_nothing_stops_what_runs(line: str, machine: dict[str, str]) -> None:
    assert [kind for kind in kinds(line, at(**machine)) if BEARINGS[kind] != "ends"] == []  # type: ignore[index]


def test_a_cuda_of_another_file_has_the_source_of_that_file() -> None:
    (pin,) = parsed("tensorflow==2.4.4").pins
    where = at(python="3.8", toolkit="11.2")
    found = findings.of_pin(findings.resolved(pin, wheels()[pin.package], where), wheels()[pin.package], where)
    (one,) = [one for one in found if one.kind == "image_cuda"]
    assert (one.values["opens"], one.source.url) == (
        "libcusolver.so.10", "https://github.com/tensorflow/tensorflow/issues/43947",
    )  # fmt: skip


def test_a_range_takes_the_newest_release_that_fits_as_pip_does() -> None:
    (pin,) = parsed("tensorflow>=2.4,<2.16").pins
    for python, version in (("3.7", "2.11.0"), ("3.8", "2.13.1"), ("3.11", "2.15.1")):
        found = findings.resolved(pin, wheels()["tensorflow"], at(python=python))
        assert found.release
        assert (found.state, str(found.release.version)) == ("installs", version)
        assert found.pythons == ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11")


def test_on_an_earlier_day_later_releases_are_not_known() -> None:
    (pin,) = parsed("torch").pins
    found = findings.resolved(pin, wheels()["torch"], at("2023-05-01"))
    assert found.release
    assert str(found.release.version) == "2.0.0"


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        (Pin("tensorflow", "==2.10.*", channel="conda"), "channel"),
        (Pin("tensorflow", "==9.9"), "version"),
        (Pin("torch", "==1.13.1", "cu117"), "system"),
    ],
)
def test_what_is_not_known_is_said_and_never_a_blocker(pin: Pin, why: str) -> None:
    where = at(python="3.14")
    found = findings.resolved(pin, wheels()[pin.package], where)
    assert (found.state, found.why) == ("unknown", why)
    blocks = [one for one in findings.of_pin(found, wheels()[pin.package], where) if one.bearing != "ends"]
    assert blocks == []
    assert findings.resolved(Pin("pandas", ""), None, where).why == "package"


def test_what_ends_with_the_machine() -> None:
    found = {one.kind: one.day for one in findings.of_machine(at(gpu="pascal").machine, lifecycle())}
    assert found == {"python_ended": "2027-10", "gpu_ended": "2028-10"}


def test_every_kind_has_its_bearing() -> None:
    assert set(BEARINGS) == set(get_args(FindingKind))
