"""Trees of files for the scanner's tests, written in place."""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import dedent

import pytest

from advisor.scan.engine import scan
from advisor.scan.limits import ScanLimits
from advisor.scan.report import ScanReport

not_root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="nothing is closed to root, and Windows knows no modes"
)


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    """The folder with these files in it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else dedent(content).encode())
    return folder


def scanned(folder: Path, files: dict[str, str | bytes], limits: ScanLimits | None = None) -> ScanReport:
    """What the scan says of these files."""
    return scan(written(folder, files), limits)


def found(report: ScanReport) -> set[tuple[str, int]]:
    """(rule, line) of every finding."""
    return {(one.rule, one.line) for one in report.findings}


def blind(report: ScanReport) -> set[str]:
    """Kinds of what wasn't seen."""
    return {spot.kind for spot in report.blind_spots}
