"""What stops a pinned package on a machine, or will: one kind each, with what a sentence about it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from packaging.specifiers import SpecifierSet

from advisor.lifecycle.dates import Build, DatedEntry, Lifecycle
from advisor.lifecycle.machine import InstallTarget
from advisor.lifecycle.pins import Pin
from advisor.lifecycle.wheels import PackageRelease, PackageWheels
from advisor.model.facts import Source

FindingKind = Literal[
    "python_too_new", "python_too_old", "no_wheel_for_system", "glibc_too_old",  # it doesn't install
    "not_installing_together", "not_running_together",  # two of them don't
    "no_gpu_on_system", "gpu_generation", "image_cuda", "driver",  # it doesn't use the GPU
    "own_cuda", "source_only",  # it may
    "python_ended", "image_ended", "gpu_ended", "package_ended", "release_ended",  # it gets no fixes from a day on
]  # fmt: skip
Bearing = Literal["blocks", "doubtful", "ends"]
#: What each does, in the order in which one runs into them.
BEARINGS: Final[Mapping[FindingKind, Bearing]] = {
    "no_wheel_for_system": "blocks",
    "glibc_too_old": "blocks",
    "python_too_new": "blocks",
    "python_too_old": "blocks",
    "not_installing_together": "blocks",
    "not_running_together": "blocks",
    "no_gpu_on_system": "blocks",
    "gpu_generation": "blocks",
    "image_cuda": "blocks",
    "driver": "blocks",
    "own_cuda": "doubtful",
    "source_only": "doubtful",
    "python_ended": "ends",
    "image_ended": "ends",
    "gpu_ended": "ends",
    "package_ended": "ends",
    "release_ended": "ends",
}
INDEX: Final = Source("PyPI, as pip lists it", note="kept in data/wheels.yaml; scripts/wheels.py reads it again")


@dataclass(frozen=True, slots=True)
class Situation:
    """Where pins are looked at, with what is known on which day (ISO)."""

    machine: InstallTarget
    known: Lifecycle
    day: str


@dataclass(frozen=True, slots=True)
class LifecycleFinding:
    """One thing that stops something, or will.

    ``day``: since when it does, or when it ends; ISO, or as much of it as is known, "" for not known. ``values``: what
    the sentence needs, by name.
    """

    kind: FindingKind
    subject: str  # the package, or "python" or the GPU's generation
    version: str
    day: str
    source: Source
    seen: str  # when the source was last seen to say so
    confidence: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def bearing(self) -> Bearing:
        """Whether it blocks now, may, or ends something on its day."""
        return BEARINGS[self.kind]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A pin on a machine. ``release`` is what pip would take, None where nothing fits or nothing is known."""

    pin: Pin
    state: Literal["installs", "source", "blocked", "unknown"]
    release: PackageRelease | None = None
    pythons: tuple[str, ...] = ()  # for which the pin has a wheel on the system
    why: Literal["", "package", "version", "channel", "system"] = ""  # what isn't known


def resolved(pin: Pin, package: PackageWheels | None, at: Situation) -> Resolved:
    """The newest release that the pin allows and the machine has a wheel for."""
    if pin.channel == "conda":
        return Resolved(pin, "unknown", why="channel")
    if package is None:
        return Resolved(pin, "unknown", why="package")
    allowed = [release for release in package.releases(at.day) if release.version in SpecifierSet(pin.versions)]
    if not allowed:
        return Resolved(pin, "unknown", why="version")
    pythons = tuple(
        line.id for line in at.known.pythons if any(one.row.fits(at.machine.system, line.id) for one in allowed)
    )
    fitting = next((one for one in allowed if _installs(one, at)), None)
    if fitting:
        return Resolved(pin, "installs", fitting, pythons)
    if pin.label:  # the framework's own index has more than PyPI: a Windows build with CUDA, say
        return Resolved(pin, "unknown", allowed[0], pythons, why="system")
    return Resolved(pin, "source" if allowed[0].row.source else "blocked", allowed[0], pythons)


def _installs(release: PackageRelease, at: Situation) -> bool:
    return release.row.fits(at.machine.system, at.machine.python, at.machine.glibc)


def of_pin(found: Resolved, package: PackageWheels, at: Situation) -> Iterator[LifecycleFinding]:
    """What stops the pin, or will."""
    release = found.release
    if ended := next((entry for entry in at.known.packages if entry.id == found.pin.package), None):
        version, values = "" if release is None else str(release.version), {"because": ended.because}
        yield _dated("package_ended", found.pin.package, version, ended.ends, ended, at.known, values)
    if release is None:
        return
    if found.state in ("blocked", "source"):
        yield _without_wheel(found, release, package, at)
    elif at.machine.gpu or at.machine.cuda or at.machine.toolkit:
        yield from _gpu(found.pin, release, package, at)
    yield from _ends(found.pin, release, package, at)


def _without_wheel(found: Resolved, release: PackageRelease, package: PackageWheels, at: Situation) -> LifecycleFinding:
    system, python = at.machine.system, at.machine.python
    others = sorted(package.releases(at.day), key=lambda one: one.version)
    newest = next((one for one in reversed(others) if _installs(one, at)), None)
    values = {"instead": str(newest.version)} if newest else {}
    kind: FindingKind
    if not release.row.on(system) or not found.pythons:
        kind = "no_wheel_for_system"
        before = [one for one in others if one.row.on(system) and one.version < release.version]
        after = [one for one in others if before and one.version > before[-1].version]
        since = after[0].uploaded if after else ""
        values |= {"last": str(before[-1].version)} if before else {}
    elif release.row.fits(system, python):
        kind, since = "glibc_too_old", ""
        values |= {"needs": release.row.floors[system], "glibc": at.machine.glibc}
    else:
        pythons = [line.id for line in at.known.pythons]
        newer = pythons.index(python) > pythons.index(found.pythons[-1])
        kind = "python_too_new" if newer else "python_too_old"
        line = at.known.python(python)
        since = max(release.uploaded, line.released if line and newer else "")
        values |= {"python": python, "lowest": found.pythons[0], "highest": found.pythons[-1]}
    if found.state == "source":
        kind = "source_only"
    return LifecycleFinding(
        kind, found.pin.package, str(release.version), since, INDEX, package.as_of, "high", values
    )  # fmt: skip


def _gpu(pin: Pin, release: PackageRelease, package: PackageWheels, at: Situation) -> Iterator[LifecycleFinding]:
    build = at.known.build(pin.package, release.version, pin.label, at.machine.system)
    if build is None:
        return
    first = _first_of(build, package, at.day) or release.uploaded

    def finding(kind: FindingKind, since: str, **more: str) -> LifecycleFinding:
        values = {"cuda": build.cuda, "cudnn": build.cudnn, **{name: text for name, text in more.items() if text}}
        return _dated(kind, pin.package, str(release.version), since, build, at.known, values)

    if not build.generations:
        if at.machine.gpu and not _cpu_on_purpose(pin):
            yield finding("no_gpu_on_system", first, instead=_newest_for_gpu(pin, package, at))
        return
    if at.machine.gpu:
        generation = at.known.generation(at.machine.gpu)
        if generation.id not in build.generations:
            yield finding(
                "gpu_generation",
                max(first, generation.since),
                title=generation.title,
                instead=_newest_for_gpu(pin, package, at),
            )
            return
        if not build.bundled and _number(build.cuda) < _number(generation.cuda):
            since = max(first, generation.since)
            yield finding("own_cuda", since, title=generation.title, first_cuda=generation.cuda)
    if at.machine.toolkit and not build.bundled:
        wanted, there = at.known.library(build.cuda), at.known.library(at.machine.toolkit)
        if wanted and wanted != there:
            values = {"cuda": build.cuda, "toolkit": at.machine.toolkit, "opens": wanted.opens}
            yield _dated("image_cuda", pin.package, str(release.version), first, wanted, at.known, values)
    if at.machine.cuda and not _driver_fits(build.cuda, at.machine.cuda):
        line = at.known.drivers(build.cuda)
        drivers = {"linux": line.linux, "windows": line.windows} if line else {}
        yield finding("driver", first, driver_cuda=at.machine.cuda, **drivers)


def build_unknown(found: Resolved, at: Situation) -> bool:
    """Whether the pin is of a package with GPU builds, and nothing is known of this one."""
    with_builds = any(found.pin.package in build.packages for build in at.known.builds)
    if not with_builds or found.state != "installs" or found.release is None:
        return False
    return at.known.build(found.pin.package, found.release.version, found.pin.label, at.machine.system) is None


def _cpu_on_purpose(pin: Pin) -> bool:
    """Whoever pins a build without a GPU means it."""
    return pin.label == "cpu" or pin.package.endswith("-cpu")


def _driver_fits(built: str, driver: str) -> bool:
    """From CUDA 11 on a driver runs what is built with any minor version of its own major one, and with older ones."""
    if _number(built) >= (11, 0):
        return _number(driver)[0] >= _number(built)[0]
    return _number(driver) >= _number(built)


def _number(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return int(major), int(minor or 0)


def _first_of(build: Build, package: PackageWheels, day: str) -> str:
    versions = SpecifierSet(build.versions)
    return min((release.uploaded for release in package.releases(day) if release.version in versions), default="")


def _newest_for_gpu(pin: Pin, package: PackageWheels, at: Situation) -> str:
    """The newest release of PyPI that installs on the machine and runs on its GPU; "" for none."""
    for release in package.releases(at.day):
        build = at.known.build(pin.package, release.version, "", at.machine.system)
        if build and at.machine.gpu in build.generations and _installs(release, at):
            return str(release.version)
    return ""


def _ends(pin: Pin, release: PackageRelease, package: PackageWheels, at: Situation) -> Iterator[LifecycleFinding]:
    version = str(release.version)
    window = next((entry for entry in at.known.windows if entry.id == pin.package), None)
    later = [one for one in package.releases(at.day) if one.version.release[:2] > release.version.release[:2]]
    if window and later:
        following = min(later, key=lambda one: one.version)
        values = {"next": str(following.version), "newest": str(later[0].version)}
        yield _dated("release_ended", pin.package, version, following.uploaded, window, at.known, values)


def of_machine(machine: InstallTarget, known: Lifecycle) -> Iterator[LifecycleFinding]:
    """What ends whatever is pinned: fixes of the Python, and of the GPU's driver."""
    if line := known.python(machine.python):
        yield _dated("python_ended", "python", line.id, line.ends, line, known, {})
    if machine.gpu and (generation := known.generation(machine.gpu)).ends:
        yield _dated("gpu_ended", generation.id, "", generation.ends, generation, known, {"title": generation.title})


def of_images(images: Sequence[str], known: Lifecycle) -> Iterator[LifecycleFinding]:
    """Until when what each image stands on gets fixes; nothing of those that don't say what it is."""
    for image in images:
        if line := known.distribution(image):
            yield _dated("image_ended", image, "", line.ends, line, known, {"title": line.title})


def _dated(
    kind: FindingKind,
    subject: str,
    version: str,
    day: str,
    entry: DatedEntry,
    known: Lifecycle,
    values: Mapping[str, str],
) -> LifecycleFinding:
    return LifecycleFinding(kind, subject, version, day, known.source(entry), entry.as_of, entry.confidence, values)


def common_pythons(pins: Sequence[Resolved], known: Lifecycle) -> tuple[str, ...]:
    """The Pythons for which all of them have wheels that any are known for; none where nothing is known."""
    found = [set(pin.pythons) for pin in pins if pin.pythons]
    return tuple(line.id for line in known.pythons if found and all(line.id in pythons for pythons in found))
