"""What ``scripts.wheels`` reads out of what pip says of files, and how it writes it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml
from packaging.version import Version

from advisor.lifecycle.wheels import Wheels
from scripts import wheels

PAGE = "(from https://index.example.org/x/)"
ASKS = f"{PAGE} (requires-python:>=3.8)"
AT = "https://files.example.org/a/b"
OTHER = f"  Skipping link: none of the wheel's tags (cp3) are compatible: {AT}"
LINES = [
    f"  Skipping link: Upload time 2023-03-15 21:47:38+00:00 not prior: {AT}/x-1.0-cp310-cp310-win_amd64.whl {ASKS}",
    f"{OTHER}/x-1.0-cp311-cp311-manylinux_2_17_x86_64.whl {ASKS}",
    f"{OTHER}/x-1.0-cp38-abi3-macosx_11_0_universal2.whl {ASKS}",
    f"{OTHER}/x-1.0-cp313-cp313t-win_amd64.whl {PAGE}",
    f"{OTHER}/x-1.1rc1-cp311-cp311-win_amd64.whl {PAGE}",
    f"  Skipping link: No sources permitted for x: {AT}/x-1.0.tar.gz {ASKS}",
    "  Skipping link: not a file: https://index.example.org/x/",
]


def test_files_become_releases() -> None:
    found = wheels.read([LINES])
    assert list(found) == [Version("1.0")]
    release = found[Version("1.0")]
    assert (release.uploaded, release.python, release.source) == ("2023-03-15", ">=3.8", True)
    assert {system: sorted(pythons) for system, pythons in release.wheels.items() if pythons} == {
        "linux-x86_64": ["3.11"],
        "macos-arm64": ["3.8+"],
        "macos-x86_64": ["3.8+"],
        "windows-x86_64": ["3.10"],
    }


def test_of_several_wheels_for_a_system_the_one_that_runs_on_most_says_the_floor() -> None:
    """Tags of before PEP 600 stand for the glibc that it names."""
    tags = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64.manylinux2014_x86_64", "manylinux1_x86_64")
    lines = [LINES[0], *(f"{OTHER}/x-1.0-cp311-cp311-{tag}.whl {ASKS}" for tag in tags)]
    assert wheels.read([lines[:2]])[Version("1.0")].floors == {"linux-x86_64": (2, 28)}
    assert wheels.read([lines[:3]])[Version("1.0")].floors == {"linux-x86_64": (2, 17)}
    assert wheels.read([lines])[Version("1.0")].floors == {"linux-x86_64": (2, 5)}


def test_what_is_written_is_what_the_house_reads() -> None:
    entry = wheels.entry("x", wheels.read([LINES]), "2026-11-29")
    found = Wheels.understood(yaml.safe_load(wheels.written([entry])))
    assert found.packages[0].rows[0].versions == {"1.0": "2023-03-15"}
    assert found.packages[0].rows[0].floors == {"linux-x86_64": "2.17", "macos-arm64": "11.0", "macos-x86_64": "11.0"}
    kept = yaml.safe_load(wheels.FILE.read_text("utf-8"))["packages"]
    assert wheels.written(kept) == wheels.FILE.read_text("utf-8")


def test_a_release_without_a_moment_of_upload_is_not_written() -> None:
    with pytest.raises(SystemExit, match=r"x 1\.0: pip named no moment of upload"):
        wheels.entry("x", wheels.read([LINES[1:]]), "2026-11-29")


def test_a_pip_that_names_no_file_is_said(tmp_path: Path) -> None:
    """Such as one that is too old for the option."""
    (tmp_path / "pip.py").write_text("import sys; sys.exit('no such option')", encoding="utf-8")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    with pytest.raises(SystemExit, match=r"x: pip named no file\. no such option"):
        wheels.listing(str(python), "x", "3.11")
