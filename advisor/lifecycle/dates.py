"""What ends when, and what a build runs on: ``data/lifecycle.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self, get_args

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version
from pydantic import AfterValidator, Field, model_validator

from advisor.answers import Confidence
from advisor.model.facts import AsOf, Since, Source
from probes.system.data_files import DataFile, Once, Text

WheelSystem = Literal["linux-x86_64", "linux-aarch64", "macos-x86_64", "macos-arm64", "windows-x86_64", "windows-arm64"]
SYSTEMS: tuple[WheelSystem, ...] = get_args(WheelSystem)
GpuGeneration = Literal["kepler", "maxwell", "pascal", "volta", "turing", "ampere", "ada", "hopper", "blackwell"]
GENERATIONS: tuple[GpuGeneration, ...] = get_args(GpuGeneration)  # oldest first


class ClockInputError(ValueError):
    """A file or a field that can't be used, in one line."""


def _specifier(text: str) -> str:
    try:
        SpecifierSet(text)
    except InvalidSpecifier as error:
        raise ValueError(f"{text!r} is no range of versions, as '>=2.1,<2.4'") from error
    return text


VersionRange = Annotated[str, AfterValidator(_specifier)]
PythonId = Annotated[str, Field(pattern=r"^[23]\.\d+$")]
CudaVersion = Annotated[str, Field(pattern=r"^(\d+(\.\d+)?)?$")]


@dataclass(frozen=True, slots=True)
class NamedSource(Source):
    """A source that entries name by its id."""

    id: str = Field(pattern=r"^[a-z0-9-]+$", kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedEntry:
    """Where an entry was seen, when last, and how sure it is."""

    source: str  # id of a source
    as_of: AsOf
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonLine(DatedEntry):
    """A Python, as ``3.11``, from its release to the end of its fixes."""

    id: PythonId
    released: AsOf
    ends: AsOf


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationLine(DatedEntry):
    """A generation of NVIDIA GPUs. ``cuda`` is the first that knows it, ``ends`` when its drivers get no more fixes."""

    id: GpuGeneration
    title: Text
    since: AsOf
    cuda: CudaVersion
    ends: Since


@dataclass(frozen=True, slots=True, kw_only=True)
class CudaLine(DatedEntry):
    """The oldest drivers for what is built with a CUDA: a minor version before 11, else any of a major one."""

    id: CudaVersion
    linux: Text
    windows: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionLine(DatedEntry):
    """A distribution of Linux, as ``ubuntu 20.04``, until its packages get no more fixes without a contract.

    ``codename``: what tags of images call it, "" for none. ``glibc``: the version that it has, by a source of its own
    (``glibc_source``, an id).
    """

    id: Annotated[str, Field(pattern=r"^[a-z]+ \d+(\.\d+)?$")]
    title: Text
    codename: str
    ends: AsOf
    glibc: Annotated[str, Field(pattern=r"^2\.\d+$")]
    glibc_source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryLine(DatedEntry):
    """A CUDA (``11.0``, or ``11`` for what is left of 11) and the file by which TensorFlow tells it from the others."""

    id: CudaVersion
    opens: Annotated[str, Field(pattern=r"^lib\w+\.so\.\d+(\.\d+)?$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Build(DatedEntry):
    """What some releases run on. Empty ``systems``: any. ``label``: of builds with that local version, '' for PyPI's.

    ``generations`` is empty for a build without a GPU. One that isn't ``bundled`` needs that very ``cuda`` and
    ``cudnn`` installed beside it.
    """

    packages: Annotated[tuple[str, ...], Field(min_length=1)]
    versions: VersionRange
    systems: tuple[WheelSystem, ...]
    label: str
    cuda: CudaVersion
    cudnn: CudaVersion
    bundled: bool
    generations: tuple[GpuGeneration, ...]

    def fits(self, package: str, version: Version, label: str, system: WheelSystem) -> bool:
        """Whether it is that release's build for that system."""
        return (
            package in self.packages
            and label == self.label
            and (not self.systems or system in self.systems)
            and version in SpecifierSet(self.versions)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedPackage(DatedEntry):
    """A package that ended with all its releases. ``because`` goes on from «no more releases: »."""

    id: Text
    ends: AsOf
    because: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FixWindow(DatedEntry):
    """A package whose releases get no more fixes once the next minor release is out."""

    id: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash(DatedEntry):
    """Releases of ``packages`` that don't go with those of another one.

    ``declared``: their wheels say so, and pip refuses the pair; otherwise it installs and doesn't run. ``because``, a
    sentence without its full stop; ``instead`` what to do, in the imperative.
    """

    packages: Annotated[tuple[str, ...], Field(min_length=1)]
    versions: VersionRange
    other: Text
    others: VersionRange
    declared: bool
    because: Text
    instead: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings(DatedEntry):
    """A package of which each minor release (in ``pairs``) asks for one minor release ``of`` another."""

    id: Text
    of: Text
    pairs: Mapping[str, str]


class Lifecycle(DataFile):
    """The file. Every source that is named exists, and every one that exists is named."""

    file: ClassVar[str] = "lifecycle.yaml"
    sources: Once[NamedSource]
    pythons: Once[PythonLine]
    generations: Once[GenerationLine]
    cuda: Once[CudaLine]
    libraries: Once[LibraryLine]
    distributions: Once[DistributionLine]
    builds: tuple[Build, ...]
    packages: Once[EndedPackage]
    windows: Once[FixWindow]
    clashes: tuple[Clash, ...]
    siblings: Once[Siblings]

    @model_validator(mode="after")
    def _sources_are_known(self) -> Self:
        entries: tuple[DatedEntry, ...] = (
            *self.pythons, *self.generations, *self.cuda, *self.libraries, *self.distributions, *self.builds,
            *self.packages, *self.windows, *self.clashes, *self.siblings,
        )  # fmt: skip
        named, known = {entry.source for entry in entries}, {source.id for source in self.sources}
        named |= {line.glibc_source for line in self.distributions}
        if strange := sorted(named - known):
            raise ValueError(f"no source {strange[0]!r}; allowed: {', '.join(sorted(known))}")
        if unused := sorted(known - named):
            raise ValueError(f"the source {unused[0]!r} is named by no entry")
        urls = {source.id: source.url for source in self.sources}
        if bare := [entry.source for entry in entries if entry.confidence == "high" and not urls[entry.source]]:
            raise ValueError(f"the source {bare[0]!r} has no address: what rests on it isn't of high confidence")
        if missing := [name for name in GENERATIONS if name not in {line.id for line in self.generations}]:
            raise ValueError(f"generations: {missing[0]!r} is missing")
        return self

    def source(self, entry: DatedEntry) -> Source:
        """Where it was seen."""
        found = next(source for source in self.sources if source.id == entry.source)
        return Source(found.title, found.url, found.note)

    def python(self, version: str) -> PythonLine | None:
        """That Python, None if nothing is known of it."""
        return next((line for line in self.pythons if line.id == version), None)

    def distribution(self, image: str) -> DistributionLine | None:
        """What an image stands on, as far as its name and tag say it; None for an image that doesn't say it."""
        words = re.split(r"[^a-z0-9.]+", image.lower())
        for line in self.distributions:
            name, _, version = line.id.partition(" ")
            if f"{name}{version}" in words or (line.codename and line.codename in words):
                return line
            if any(pair == (name, version) for pair in pairwise(words)):
                return line
        return None

    def generation(self, name: GpuGeneration) -> GenerationLine:
        """That generation."""
        return next(line for line in self.generations if line.id == name)

    def build(self, package: str, version: Version, label: str, system: WheelSystem) -> Build | None:
        """The build of a release for a system, None if nothing is known of it."""
        return next((build for build in self.builds if build.fits(package, version, label, system)), None)

    def drivers(self, cuda: str) -> CudaLine | None:
        """The line that a CUDA version belongs to, None if nothing is known of it."""
        return next((line for line in self.cuda if line.id in (cuda, cuda.partition(".")[0])), None)

    def library(self, cuda: str) -> LibraryLine | None:
        """The line that a CUDA version belongs to: one of its own comes first. None if nothing is known of it."""
        found = {line.id: line for line in self.libraries}
        return found.get(cuda) or found.get(cuda.partition(".")[0])


@cache
def lifecycle() -> Lifecycle:
    """The one of the house, read once. Raises DataError naming file, path and value."""
    return Lifecycle.read()
