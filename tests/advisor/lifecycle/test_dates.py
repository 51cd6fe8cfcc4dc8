"""The dated facts: complete, sourced, and refused with their path where they aren't."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from packaging.version import Version

from advisor.lifecycle.dates import GENERATIONS, Lifecycle, lifecycle
from advisor.lifecycle.wheels import wheels
from probes.system.data_files import DATA, DataError, parsed


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("pythons", {"ends": "soon"}, r"pythons\..*ends: .*'soon'"),
        ("pythons", {"source": "somebody"}, r"no source 'somebody'; allowed: centos-eol, "),
        ("pythons", {"confidence": "sure"}, r"pythons\..*confidence: .*'sure'"),
        ("generations", {"id": "fermi"}, r"generations\..*id: .*'fermi'"),
        ("builds", {"versions": "2.x"}, r"builds\..*versions: .*'2\.x' is no range of versions"),
        ("builds", {"systems": ["beos"]}, r"builds\..*systems.*'beos'"),
        ("cuda", {"note": "x"}, r"cuda\..*note"),
        ("distributions", {"glibc_source": "somebody"}, r"no source 'somebody'; allowed: centos-eol, "),
    ],
)
def test_what_is_wrong_is_refused_with_its_path(part: str, change: dict[str, Any], message: str) -> None:
    written: Any = copy.deepcopy(parsed(DATA, Lifecycle.file))
    written[part][0].update(change)
    with pytest.raises(DataError, match=rf"^lifecycle\.yaml: .*{message}"):
        Lifecycle.understood(written)


def test_what_has_a_source_without_an_address_is_not_of_high_confidence() -> None:
    written: Any = copy.deepcopy(parsed(DATA, Lifecycle.file))
    written["sources"].append({"id": "hearsay", "title": "Somebody said so"})
    written["pythons"][0].update({"source": "hearsay", "confidence": "high"})
    with pytest.raises(DataError, match="the source 'hearsay' has no address"):
        Lifecycle.understood(written)


@pytest.mark.parametrize(
    ("image", "ends"),
    [  # eol of ubuntu.csv and eol-lts of debian.csv in distro-info-data 0.58
        ("nvidia/cuda:10.0-cudnn7-runtime-ubuntu16.04", "2021-04-30"),
        ("ubuntu:18.04", "2023-05-31"),
        ("buildpack-deps:focal", "2025-05-29"),
        ("ubuntu:22.04", "2027-06-01"),
        ("ubuntu:noble-20240423", "2029-05-31"),
        ("python:3.6-slim-stretch", "2022-06-30"),
        ("debian:11", "2026-08-31"),
    ],
)
def test_images_end_on_the_day_that_the_distribution_says(image: str, ends: str) -> None:
    line = lifecycle().distribution(image)
    assert line is not None
    assert line.ends == ends


def test_a_source_that_nothing_rests_on_is_refused() -> None:
    written: Any = copy.deepcopy(parsed(DATA, Lifecycle.file))
    written["sources"].append({"id": "more", "title": "More"})
    with pytest.raises(DataError, match="the source 'more' is named by no entry"):
        Lifecycle.understood(written)


def test_pythons_and_generations_go_on_in_time() -> None:
    known = lifecycle()
    for days in ([line.released for line in known.pythons], [line.ends for line in known.pythons]):
        assert days == sorted(days)
    assert tuple(line.id for line in known.generations) == GENERATIONS
    assert [line.since for line in known.generations] == sorted(line.since for line in known.generations)


def test_what_needs_a_cuda_beside_it_says_by_which_file_that_is_told() -> None:
    for build in lifecycle().builds:
        assert not build.cuda or lifecycle().library(build.cuda), build.cuda
    files = [line.opens for line in lifecycle().libraries]
    assert sorted(set(files)) == sorted(files)


def test_each_glibc_has_a_source_with_an_address() -> None:
    urls = {source.id: source.url for source in lifecycle().sources}
    assert [line.id for line in lifecycle().distributions if not urls[line.glibc_source]] == []


def test_what_is_built_for_a_gpu_says_for_which_cuda_and_drivers_are_known_for_it() -> None:
    for build in lifecycle().builds:
        assert bool(build.generations) == bool(build.cuda) == bool(build.cudnn)
        assert not build.cuda or lifecycle().drivers(build.cuda), build.cuda
        assert set(build.packages) <= set(wheels()), build.packages


@pytest.mark.parametrize("package", ["tensorflow", "torch"])
@pytest.mark.parametrize("system", ["linux-x86_64", "windows-x86_64", "macos-arm64"])
def test_every_release_of_both_frameworks_since_2020_has_a_build(package: str, system: Any) -> None:
    releases = [one for one in wheels()[package].all if one.uploaded >= "2020-05" and one.row.on(system)]
    assert len(releases) > 10
    assert [one for one in releases if not lifecycle().build(package, one.version, "", system)] == []


def test_ended_packages_and_windows_are_among_the_wheels() -> None:
    for entry in (*lifecycle().packages, *lifecycle().windows):
        assert entry.id in wheels()


def test_a_build_is_told_by_its_label() -> None:
    version = Version("2.0.1")
    pypi = lifecycle().build("torch", version, "", "linux-x86_64")
    own = lifecycle().build("torch", version, "cu118", "windows-x86_64")
    assert pypi
    assert own
    assert (pypi.cuda, own.cuda) == ("11.7", "11.8")
    assert lifecycle().build("torch", version, "rocm5", "linux-x86_64") is None


@pytest.mark.parametrize(
    ("image", "found"),
    [
        ("ubuntu:18.04", "ubuntu 18.04"),
        ("nvidia/cuda:11.0.3-cudnn8-devel-ubuntu20.04", "ubuntu 20.04"),
        ("python:3.8-slim-buster", "debian 10"),
        ("registry.example.org/debian:11-slim", "debian 11"),
        ("buildpack-deps:jammy", "ubuntu 22.04"),
        ("centos:7", "centos 7"),
        ("nvidia/cuda:10.2-base-centos7", "centos 7"),
        ("pytorch/pytorch:1.5-cuda10.1-cudnn7-runtime", ""),
        ("example.org/ubuntu-like:1", ""),
        ("python:3.8", ""),
    ],
)
def test_what_an_image_stands_on_goes_by_its_name(image: str, found: str) -> None:
    line = lifecycle().distribution(image)
    assert (line.id if line else "") == found
