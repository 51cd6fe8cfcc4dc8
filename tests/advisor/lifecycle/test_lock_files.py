"""What lock files pin, of each kind, and what is said of files that can't be read."""

from __future__ import annotations

import codecs
import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from advisor.lifecycle import lock_files
from advisor.lifecycle.lock_files import parsed
from advisor.lifecycle.machine import InstallTarget
from advisor.lifecycle.pins import LockFileError, Pin, holds

KEYS = st.sampled_from(
    ["default", "_meta", "requires", "version", "markers", "package", "dependencies", "pip", "name", "platform"]
)
LINUX = InstallTarget("3.11", "linux-x86_64")


@pytest.mark.parametrize(
    ("line", "pin"),
    [
        ("torch==2.0.1+cu118", Pin("torch", "==2.0.1", "cu118")),
        ("tensorflow_gpu===1.15.0", Pin("tensorflow-gpu", "==1.15.0")),
        ("tensorflow[and-cuda] >= 2.15, < 2.17  # as before", Pin("tensorflow", "<2.17,>=2.15")),
        ("keras == 2.*", Pin("keras", "==2.*")),
        ("torch", Pin("torch", "")),
        (
            "torch @ https://x.example.org/torch-1.7.1%2Bcu110-cp38-cp38-linux_x86_64.whl",
            Pin("torch", "==1.7.1", "cu110"),
        ),
        ("numpy==1.26.4 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01", Pin("numpy", "==1.26.4")),
        (
            'keras==3.5.0 ; python_version >= "3.9"',
            Pin("keras", "==3.5.0", markers=('python_version >= "3.9"',)),
        ),
    ],
)
def test_a_requirement_is_read_as_pip_reads_it(line: str, pin: Pin) -> None:
    assert parsed(line).pins == (pin,)


def test_what_pip_does_beyond_pins_is_left_out_or_named() -> None:
    found = parsed("-i https://x.example.org\n--pre\n\n# torch==1.0\n-r more.txt\n-e .\ntorch==2.0.0\n")
    assert [pin.package for pin in found.pins] == ["torch"]
    assert found.unread == ("-r more.txt", "-e .")


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("python=3.8", "==3.8.*"),
        ("python=3.8.20=h4de0772_2", "==3.8.20"),
        ("python 3.8.*", "==3.8.*"),
        ("python >=3.8,<3.11", "<3.11,>=3.8"),
        ("conda-forge::python==3.9", "==3.9"),
        ("python", ""),
    ],
)
def test_conda_means_more_by_one_equals_sign(text: str, versions: str) -> None:
    found = parsed(f"dependencies:\n- {text}\n- tensorflow=2.10\n- pip: [torch==2.0.0]\n", "environment.yml")
    assert found.python == versions
    assert found.pins == (Pin("tensorflow", "==2.10.*", channel="conda"), Pin("torch", "==2.0.0"))


def test_lists_of_conda_tell_pips_packages_from_its_own() -> None:
    listed = "# packages in environment at /x:\n#\n# Name Version Build Channel\nnumpy 1.21.6 py38_0 conda-forge\n"
    found = parsed(listed + "python 3.8.20 h_0 conda-forge\ntensorflow 2.10.0 pypi_0 pypi\n")
    assert found.python == "==3.8.*"
    assert found.pins == (Pin("numpy", "==1.21.6", channel="conda"), Pin("tensorflow", "==2.10.0"))
    explicit = "@EXPLICIT\nhttps://x.example.org/win-64/tensorflow-2.10.0-gpu_py38h.tar.bz2#00\n"
    assert parsed(explicit).pins == (Pin("tensorflow", "==2.10.0", channel="conda"),)


@pytest.mark.parametrize("version", ["9e", "1.1.1w", "2023_11", "1..2"])
def test_a_version_that_only_conda_has_allows_any(version: str) -> None:
    """A list of conda names libraries of the system as well: libjpeg 9e, OpenSSL 1.1.1w."""
    listed = f"# packages in environment at /x:\njpeg {version} h0_3 conda-forge\n"
    lock = f"package:\n- {{name: jpeg, version: '{version}', platform: linux-64, manager: conda}}\n"
    for found in (parsed(listed), parsed(lock, "conda-lock.yml")):
        assert [(pin.package, pin.versions) for pin in found.pins] == [("jpeg", "")]
    environment = parsed(f"dependencies:\n- jpeg=={version}\n- python={version}\n", "environment.yml")
    assert (environment.pins[0].versions, environment.python) == ("", "")


def test_a_lock_with_a_package_once_a_marker_keeps_them_apart() -> None:
    lock = """
version = 1
requires-python = ">=3.10"
[[package]]
name = "numpy"
version = "2.2.6"
resolution-markers = ["python_full_version < '3.11'"]
[[package]]
name = "numpy"
version = "2.4.0"
resolution-markers = ["python_full_version >= '3.11'"]
"""
    found = parsed(lock, "uv.lock")
    wanted = [pin.versions for pin in found.pins if holds(pin, LINUX.environment(), LINUX.system)]
    assert (found.kind, found.python, wanted) == ("uv.lock", ">=3.10", ["==2.4.0"])


def test_a_marker_that_is_none_holds_rather_than_hiding_the_pin() -> None:
    for marker in ("no marker", "'gpu' in extras", "os_name ~= 'posix'"):
        assert holds(Pin("torch", "==2.0", markers=(marker,)), LINUX.environment(), LINUX.system)
    assert not holds(Pin("torch", "==2.0", system="macos-arm64"), LINUX.environment(), LINUX.system)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "pins no package, read as requirements"),
        (b"-r other.txt\n", "pins no package"),
        (b"{", "is not JSON: "),
        (b"{}", "is JSON, but no Pipfile.lock: it has no table 'default'"),
        (b"[[package]]\nname = ", "is not TOML: "),
        (b"dependencies:\n- [", "is not YAML: "),
        (b"dependencies:\n- " + b"[" * 100_000, "is not YAML: "),
        (b"dependencies:\n- " + b"- " * 100 + b"torch", "is not YAML: it is nested more than 40 deep"),
        (b"dependencies:\n  a: 1\n", "it has no list 'dependencies'"),
        (b"torch==1\0", "is no text: it holds null bytes"),
        (b"\xff\x00\xff", "is no text: byte 0 is neither UTF-8 nor UTF-16"),
    ],
)
def test_what_can_not_be_read_is_said_in_one_line_with_the_file(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "pins"
    path.write_bytes(content)
    with pytest.raises(LockFileError) as caught:
        lock_files.read(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_a_folder_and_a_huge_file_are_refused(tmp_path: Path) -> None:
    for path, message in ((tmp_path / "none", "can't be read"), (tmp_path, "can't be read")):
        with pytest.raises(LockFileError, match=message):
            lock_files.read(path)
    with (tmp_path / "huge").open("wb") as huge:
        huge.truncate(lock_files.LARGEST + 1)
    with pytest.raises(LockFileError, match=r"has 20,000,001 bytes; allowed: at most 20,000,000 bytes"):
        lock_files.read(tmp_path / "huge")


def test_what_powershell_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_bytes(codecs.BOM_UTF16_LE + "torch==2.0.0\r\n".encode("utf-16-le"))
    assert lock_files.read(path).pins == (Pin("torch", "==2.0.0"),)


ODD = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def read_or_refused(text: str, name: str) -> None:
    with contextlib.suppress(LockFileError):
        found = parsed(text, name)
        assert found.pins
        for pin in found.pins:
            SpecifierSet(pin.versions)  # or nobody could go on with it


@settings(max_examples=60)
@given(st.dictionaries(KEYS, ODD, max_size=4))
def test_a_lock_of_odd_parts_is_read_or_refused(content: dict[str, object]) -> None:
    read_or_refused(json.dumps(content), "Pipfile.lock")
    read_or_refused(f"# conda\n{json.dumps(content)}", "environment.yml")


@given(st.from_regex(r"[=<>]{0,2}[0-9.a-w_*|,]{0,8}", fullmatch=True))
def test_any_version_of_conda_is_read_or_allows_any(version: str) -> None:
    lock = f"package:\n- {{name: x, version: {json.dumps(version)}, platform: linux-64, manager: conda}}\n"
    read_or_refused(lock, "conda-lock.yml")
    read_or_refused(f"dependencies:\n- {json.dumps(f'x {version}')}\n", "environment.yml")
    read_or_refused(f"# packages in environment at /x:\nx {version or 0} h0_3 conda-forge\n", "list.txt")


@settings(max_examples=60)
@given(
    st.text() | st.text().map("dependencies:\n- ".__add__) | st.text().map("[[package]]\nname=".__add__),
    st.sampled_from(["requirements.txt", "x.yml", "poetry.lock", "uv.lock", "Pipfile.lock"]),
)
def test_any_text_is_read_or_refused(text: str, name: str) -> None:
    read_or_refused(text, name)


def test_a_dockerfile_says_what_it_builds_on_and_installs() -> None:
    text = (
        "ARG CUDA=11.0\nFROM nvidia/cuda:${CUDA}-devel-ubuntu18.04 AS base\nFROM --platform=x python:3.8-slim-buster\n"
        "RUN pip install --no-cache torch==1.8.0 \\\n  'keras<3' -r requirements.txt && apt install x\n"
        "FROM base\nFROM scratch\n"
    )
    found = parsed(text, "Dockerfile.gpu")
    assert found.kind == "Dockerfile"
    assert found.images == ("nvidia/cuda:11.0-devel-ubuntu18.04", "python:3.8-slim-buster")
    assert found.python == "==3.8.*"
    assert [(pin.package, pin.versions) for pin in found.pins][:2] == [("torch", "==1.8.0"), ("keras", "<3")]


def test_a_dockerfile_without_packages_has_its_images() -> None:
    assert parsed("FROM ubuntu:20.04\n", "Dockerfile").images == ("ubuntu:20.04",)
