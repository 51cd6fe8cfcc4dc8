"""Which wheels there are of the packages that tie a project to a Python, a system or a GPU: ``data/wheels.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, ClassVar, Literal

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version
from pydantic import AfterValidator, Field

from advisor.lifecycle.dates import VersionRange, WheelSystem
from advisor.model.facts import AsOf
from probes.system.data_files import DataFile, Once


def _version(text: str) -> str:
    try:
        Version(text)
    except InvalidVersion as error:
        raise ValueError(f"{text!r} is no version") from error
    return text


@dataclass(frozen=True, slots=True)
class WheelRow:
    """Releases whose wheels are alike, each with the day of its upload.

    ``wheels``: by system, or ``any`` for all of them, the Pythons with a space between; ``3.8+`` is that and all newer
    ones. ``python``: the range that the releases ask for. ``source``: they can be built from source. ``floors``: the
    oldest glibc that a wheel for Linux says it runs on (``manylinux_2_28``), the oldest macOS that one for macOS does.
    """

    versions: Annotated[Mapping[Annotated[str, AfterValidator(_version)], AsOf], Field(min_length=1)]
    python: VersionRange
    wheels: Annotated[
        Mapping[WheelSystem | Literal["any"], Annotated[str, Field(pattern=r"^[23]\.\d+\+?( [23]\.\d+\+?)*$")]],
        Field(min_length=1),
    ]
    source: bool = False
    floors: Mapping[WheelSystem, Annotated[str, Field(pattern=r"^\d+\.\d+$")]] = field(default_factory=dict)

    def on(self, system: WheelSystem) -> bool:
        """Whether there is a wheel for the system at all."""
        return "any" in self.wheels or system in self.wheels

    def below(self, system: WheelSystem, glibc: str) -> bool:
        """Whether a glibc is older than every wheel for the system wants it, "" for one that isn't known."""
        floor = self.floors.get(system, "") if system.startswith("linux") else ""
        return bool(glibc and floor) and Version(glibc) < Version(floor)

    def fits(self, system: WheelSystem, python: str, glibc: str = "") -> bool:
        """Whether there is a wheel for that Python (``3.11``) on that system."""
        return (
            not self.below(system, glibc)
            and _asked(self.python, python)
            and any(
                token == python or (token.endswith("+") and Version(python) >= Version(token[:-1]))
                for key in ("any", system)
                for token in self.wheels.get(key, "").split()
            )
        )


@cache  # the file has a few ranges, and each is asked of for each Python
def _asked(wanted: str, python: str) -> bool:
    return f"{python}.99" in SpecifierSet(wanted)


@dataclass(frozen=True, slots=True)
class WrittenWheels:
    """A package, as the file has it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    as_of: AsOf
    rows: Annotated[tuple[WheelRow, ...], Field(min_length=1)]


class Wheels(DataFile):
    """The file."""

    file: ClassVar[str] = "wheels.yaml"
    packages: Once[WrittenWheels]


@dataclass(frozen=True, slots=True)
class PackageRelease:
    """A release, the day of its upload and its wheels."""

    version: Version
    uploaded: str
    row: WheelRow


@dataclass(frozen=True, slots=True)
class PackageWheels:
    """All final releases of a package that have wheels, newest version first, as the index was on a day."""

    as_of: str
    all: tuple[PackageRelease, ...]

    def releases(self, day: str) -> tuple[PackageRelease, ...]:
        """Those that were there on a day (ISO)."""
        return tuple(release for release in self.all if release.uploaded <= day)


@cache
def wheels() -> Mapping[str, PackageWheels]:
    """By package, read once. Raises DataError naming file, path and value."""
    return {entry.id: PackageWheels(entry.as_of, tuple(_releases(entry))) for entry in Wheels.read().packages}


def never_released(versions: Mapping[str, str]) -> str:
    """The first of these versions by package that there never was, as «torch 2.12.7»; "" if there is none. Those before
    a release, those newer than what is known and packages without a table may be."""
    for package, text in versions.items():
        known = wheels().get(package)
        try:
            version = Version(Version(text).public)
        except InvalidVersion:
            continue
        if known is None or version.is_prerelease or version > known.all[0].version:
            continue
        if version not in {release.version for release in known.all}:
            return f"{package} {text}"
    return ""


def _releases(entry: WrittenWheels) -> list[PackageRelease]:
    found = [
        PackageRelease(Version(version), uploaded, row)
        for row in entry.rows
        for version, uploaded in row.versions.items()
    ]
    return sorted(found, key=lambda release: release.version, reverse=True)
