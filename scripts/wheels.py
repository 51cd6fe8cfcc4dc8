"""Which wheels packages have on the package index: ``python -m scripts.wheels`` writes ``data/wheels.yaml`` anew.

pip is asked for a version that doesn't exist and says of every file why it doesn't take it. It names the moment of an
upload only of files that would fit, so it is asked once a Python. Needs an environment with pip 26 or newer
(``--uploaded-prior-to``): ``--pip ITS_PYTHON``. About a second a package and Python.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml
from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

FILE: Final = Path(__file__).resolve().parents[1] / "data" / "wheels.yaml"
PYTHONS: Final = ("2.7", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
_PLATFORMS: Final = (
    "manylinux1_x86_64", "manylinux2010_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64",
    "manylinux_2_27_x86_64", "manylinux_2_28_x86_64", "macosx_14_0_x86_64", "macosx_14_0_arm64", "win_amd64",
    "win_arm64",
)  # fmt: skip
_SYSTEMS: Final = (  # pattern of a platform tag, and what it is called here; what none fits isn't kept
    (re.compile(r"(many)?linux.*_x86_64"), ("linux-x86_64",)),
    (re.compile(r"(many)?linux.*_aarch64"), ("linux-aarch64",)),
    (re.compile(r"macosx_.*_universal2"), ("macos-x86_64", "macos-arm64")),
    (re.compile(r"macosx_.*_(x86_64|intel)"), ("macos-x86_64",)),
    (re.compile(r"macosx_.*_arm64"), ("macos-arm64",)),
    (re.compile(r"win_amd64"), ("windows-x86_64",)),
    (re.compile(r"win_arm64"), ("windows-arm64",)),
    (re.compile(r"any"), ("any",)),
)
_MANYLINUX: Final = {"1": (2, 5), "2010": (2, 12), "2014": (2, 17)}  # PEP 600
_LINK: Final = re.compile(
    r"https?://\S+/([^/\s]+\.(?:whl|tar\.gz|zip))(?: \(from [^)]*\))?(?: \(requires-python:(.*)\))?$"
)
_UPLOADED: Final = re.compile(r"Upload time (\d{4}-\d{2}-\d{2})")
_HEAD: Final = """\
# Which wheels the packages that tie a project to a Python, a system or a GPU have on PyPI, and when each release
# came: read from the index by scripts/wheels.py and written by it alone. Releases whose wheels are alike stand in one
# row. A Python `3.8+` is a wheel for that and all newer ones; `any` is one for every system; `source` says that the
# release can be built; `floors` are the oldest glibc and macOS by the tags of the wheels.
"""


@dataclass
class Release:
    """What one version of a package has."""

    uploaded: str = ""
    python: str = ""  # the range that it asks for
    source: bool = False
    wheels: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # system -> Pythons
    floors: dict[str, tuple[int, int]] = field(default_factory=dict)  # system -> the oldest glibc or macOS

    def same(self) -> str:
        """What two releases share that stand in one row."""
        return json.dumps([self.python, self.source, _written(self.wheels), _floors(self.floors)], sort_keys=True)


def main() -> None:
    """Read the index for the packages of the file, or those that are named, and write it anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", help="those of the file if left out; a new one is added")
    parser.add_argument("--pip", default=sys.executable, metavar="PYTHON", help="whose pip is asked, 26 or newer")
    options = parser.parse_args()
    kept = yaml.safe_load(FILE.read_text(encoding="utf-8"))["packages"] if FILE.exists() else []
    entries = {entry["id"]: entry for entry in kept}
    for package in options.packages or list(entries):
        releases = read(listing(options.pip, package, python) for python in PYTHONS)
        entries[package] = entry(package, releases, datetime.now(UTC).date().isoformat())
    FILE.write_text(written(entries.values()), encoding="utf-8")


def listing(python: str, package: str, version: str) -> list[str]:
    """What pip says of every file of ``package`` for Python ``version``. Raises SystemExit where it can't say it."""
    command = [
        python, "-m", "pip", "download", "-vvv", "--no-input", "--no-deps", "--pre", "--only-binary", ":all:",
        "--python-version", version, *(part for tag in _PLATFORMS for part in ("--platform", tag)),
        "--uploaded-prior-to", "2000-01-01", "--dest", "unused", f"{package}==99999",
    ]  # fmt: skip
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = found.stdout.splitlines()
    if not any("Skipping link" in line for line in lines):
        raise SystemExit(f"{package}: pip named no file. {found.stderr.strip()[-400:]}")
    return lines


def read(listings: Iterable[Iterable[str]]) -> dict[Version, Release]:
    """The final releases that have a wheel for a system kept here, oldest first."""
    releases: defaultdict[Version, Release] = defaultdict(Release)
    for line in (line for lines in listings for line in lines if "Skipping link" in line):
        if (link := _LINK.search(line)) is None or (version := _version(link[1])) is None or version.is_prerelease:
            continue
        release = releases[version]
        release.python = link[2] or release.python
        if uploaded := _UPLOADED.search(line):
            release.uploaded = min(release.uploaded or uploaded[1], uploaded[1])
        if not link[1].endswith(".whl"):
            release.source = True
            continue
        for tag in parse_wheel_filename(link[1])[3]:
            for system in _systems(tag.platform):
                release.wheels[system] |= set(_pythons(tag))
                if floor := _floor(tag.platform):
                    release.floors[system] = min(floor, release.floors.get(system, floor))
    return {version: releases[version] for version in sorted(releases) if any(releases[version].wheels.values())}


def _version(name: str) -> Version | None:
    try:
        return parse_wheel_filename(name)[1] if name.endswith(".whl") else parse_sdist_filename(name)[1]
    except (InvalidWheelFilename, InvalidVersion, ValueError):
        return None


def _systems(platform: str) -> tuple[str, ...]:
    return next((names for pattern, names in _SYSTEMS if pattern.fullmatch(platform)), ())


def _floor(platform: str) -> tuple[int, int] | None:
    """The oldest glibc (PEP 600, with the years of before) or macOS that a tag says; None for one that says neither."""
    if (found := re.match(r"manylinux(\d+)_[a-z]", platform)) and (least := _MANYLINUX.get(found[1])):
        return least
    found = re.match(r"(?:manylinux|macosx)_(\d+)_(\d+)_", platform)
    return (int(found[1]), int(found[2])) if found else None


def _floors(floors: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    return {system: f"{major}.{minor}" for system, (major, minor) in sorted(floors.items())}


def _pythons(tag: Tag) -> Iterator[str]:
    """``3.8`` of cp38-cp38, ``3.8+`` of cp38-abi3 and py38-none; nothing of a build without the GIL."""
    if (found := re.fullmatch(r"(cp|py)(\d)(\d*)", tag.interpreter)) is None or tag.abi.endswith("t"):
        return
    version = f"{found[2]}.{found[3] or 0}"
    exact = tag.abi.startswith("cp") or (found[1] == "cp" and tag.abi == "none")
    yield version if exact else f"{version}+"


def entry(package: str, releases: Mapping[Version, Release], day: str) -> dict[str, object]:
    """What the file says of a package."""
    rows: list[dict[str, object]] = []
    last = ""
    versions: dict[str, str] = {}
    for version, release in releases.items():
        if not release.uploaded:
            raise SystemExit(
                f"{package} {version}: pip named no moment of upload; has it a wheel for a Python in PYTHONS?"
            )
        if release.same() != last:
            source = {"source": True} if release.source else {}
            versions = {}
            floors = {"floors": _floors(release.floors)} if release.floors else {}
            wheels = _written(release.wheels)
            rows.append({"versions": versions, "python": release.python, **source, "wheels": wheels, **floors})
        last = release.same()
        versions[str(version)] = release.uploaded
    return {"id": package, "as_of": day, "rows": rows}


def _written(wheels: Mapping[str, set[str]]) -> dict[str, str]:
    return {
        system: " ".join(sorted(found, key=lambda text: [int(part) for part in text.rstrip("+").split(".")]))
        for system, found in sorted(wheels.items())
        if found
    }


def written(entries: Iterable[Mapping[str, Any]]) -> str:
    """The file: a line a row."""
    lines = [_HEAD + "schema: 1", "packages:"]
    for one in entries:
        lines += ["", f"- id: {one['id']}", f"  as_of: '{one['as_of']}'", "  rows:"]
        lines += [f"  - {json.dumps(row)}" for row in one["rows"]]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
