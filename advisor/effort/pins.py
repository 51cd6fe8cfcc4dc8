"""The support clock of what a scanned tree pins: which of its lists of packages is asked, and what it says."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Final, Literal, get_args

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from advisor.answers import Answers, NvidiaGeneration, PythonVersion, System
from advisor.effort import seen
from advisor.lifecycle import lock_files
from advisor.lifecycle.clock import SupportClock, support_clock
from advisor.lifecycle.code_bounds import CodeBound
from advisor.lifecycle.dates import ClockInputError, WheelSystem, lifecycle
from advisor.lifecycle.lock_files import is_dockerfile
from advisor.lifecycle.machine import MachineError, machine
from advisor.lifecycle.pins import LockFile, Pin
from advisor.lifecycle.wheels import wheels
from advisor.scan.dependencies import is_script
from advisor.scan.report import CodeFinding, FoundFramework, ScanReport
from advisor.scan.rules import rules
from probes.system.whole_files import UnreadableFileError, contents

_LOCK_ENDS: Final = (".lock", ".txt", ".in", ".pip", ".yml", ".yaml")  # what ``lock_files`` reads by itself
THE_CODE: Final = "the code itself"  # in place of a list of packages
_PACKAGES: Final = {"TensorFlow": "tensorflow", "PyTorch": "torch", "Keras": "keras", "JAX": "jax"}
_USES: Final[Mapping[str, tuple[FoundFramework, ...]]] = {
    "tensorflow": ("tensorflow", "keras"), "torch": ("pytorch",), "keras": ("keras",), "jax": ("jax",),
}  # fmt: skip
_SYSTEMS: Final[Mapping[System, WheelSystem]] = {
    "linux": "linux-x86_64", "windows": "windows-x86_64", "macos": "macos-arm64", "windows-arm": "windows-arm64",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodeClock:
    """The clock of ``file``; or why there is none, in ``reason``, with ``clock`` None."""

    file: str
    clock: SupportClock | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BriefMachine:
    """What the brief says of the machine, "" for what it doesn't say: a Python, a system, a generation of the GPU."""

    python: str
    system: WheelSystem | Literal[""]
    gpu: NvidiaGeneration | Literal[""]

    @classmethod
    def of(cls, answers: Answers) -> BriefMachine:
        """Of several answers what stops first: the oldest Python, the newest GPU; of several systems the first."""
        asked, generations = answers.constraints, get_args(NvidiaGeneration)  # newest first
        return cls(
            python=min(asked.python, key=get_args(PythonVersion).index, default=""),
            system=_SYSTEMS[asked.os[0]] if asked.os else "",
            gpu=min(answers.hardware.nvidia, key=generations.index, default=""),
        )


def clock_of(root: Path, report: ScanReport, day: date, answers: Answers | None = None) -> CodeClock:
    """The clock of the list that says most of the frameworks in ``root``, the folder that ``report`` is of.

    It is asked on the machine of the answers (``BriefMachine``). A Python that nobody names is supposed: the newest
    that the project allows, or else the newest with which its pins install.
    """
    code = code_bounds(report)
    file = next(iter(pin_files(report)), THE_CODE if code else "")
    if not file:
        return CodeClock("", None, "No list of packages names one whose wheels are known.")
    brief = BriefMachine.of(answers or Answers())
    try:
        lock = pins_of(root, file, report) if file != THE_CODE else of_code(code)
        try:
            return CodeClock(file, _clock(lock, brief.python, brief, day, code))
        except MachineError:
            return CodeClock(file, supposed(lock, seen.seen(report).python, brief, day, code))
    except ClockInputError as error:
        return CodeClock(file, None, f"{file} can't be asked: {error}".replace(f"{root}/", ""))


def _clock(lock: LockFile, python: str, brief: BriefMachine, day: date, code: Sequence[CodeBound]) -> SupportClock:
    """Raises MachineError where no Python is named, neither here nor by the file."""
    known = lifecycle()
    where = machine(known.pythons, lock.python, python=python, system=brief.system, gpu=brief.gpu)
    return support_clock(lock, where, known, wheels(), day, code=code)


def supposed(
    lock: LockFile, python: str | None, brief: BriefMachine, day: date, code: Sequence[CodeBound] = ()
) -> SupportClock:
    """With ``python``, the newest that is allowed, or else the newest of those with which least stops."""
    known = [line.id for line in lifecycle().pythons if line.released <= day.isoformat()]
    clocks = [_clock(lock, one, brief, day, code) for one in ([python] if python in known else reversed(known))]
    found = min(clocks, key=lambda clock: sum(one.bearing == "blocks" for one in clock.findings))
    return replace(found, machine=replace(found.machine, supposed=("python", *found.machine.supposed)))


def code_bounds(report: ScanReport) -> tuple[CodeBound, ...]:
    """Below which version of its framework the code, tests aside, is at home: what that version dropped stands in more
    than ``LEFTOVERS`` of what it uses. Less is a leftover, which is among what has to change.
    """
    since = {rule.id: rule.since for rule in rules() if rule.concern == "upgrade" and rule.severity == "must"}
    places: dict[tuple[str, str], list[CodeFinding]] = {}
    for one in report.findings:
        if one.area != "tests" and (dropped := _dropped(one, since.get(one.rule, ""))):
            places.setdefault(dropped, []).append(one)
    found = []
    for (package, below), at_once in places.items():
        before = [one for key, ones in places.items() if key[0] == package and _older(key[1], below) for one in ones]
        uses = sum(report.frameworks[name].uses for name in _USES[package] if name in report.frameworks)
        if len(before) + len(at_once) > seen.LEFTOVERS * uses:
            found.append(CodeBound(package, below, len(at_once), f"{at_once[0].file}:{at_once[0].line}"))
    return tuple(found)


def of_code(code: Iterable[CodeBound]) -> LockFile:
    """A list for a project without one: what its code asks for by its names."""
    return LockFile("requirements", tuple(Pin(package, "") for package in dict.fromkeys(one.package for one in code)))


def _dropped(one: CodeFinding, since: str) -> tuple[str, str] | None:
    """The package that a place is of, and its first version without what is used there."""
    title, _, version = since.partition(" ")
    root = one.name.partition(".")[0]
    if root == "tensorflow" and title == "Keras":  # what TensorFlow carries as tf.keras is Keras 3 from 2.16 on
        return ("tensorflow", "2.16") if version == "3.0" else None
    package = _PACKAGES.get(title)
    return (package, version) if package == root else None


def _older(one: str, other: str) -> bool:
    return Version(one) < Version(other)


def pin_files(report: ScanReport) -> list[str]:
    """Lists that name a package whose wheels are known, the one to ask first.

    A lock goes before a list, then comes the one nearest to the root: what the project itself installs.
    """
    known = wheels()
    named = {one.file: one.locked for one in report.dependencies if one.name in known and one.name != "numpy"}
    return sorted(named, key=lambda file: (not named[file], len(PurePosixPath(file).parts), file))


def pins_of(root: Path, file: str, report: ScanReport) -> LockFile:
    """What a list of ``report`` below ``root`` asks for, on the images of the Dockerfiles near it.

    Near is beside it, at the root and in ``docker``. Their Python counts where the list allows it and all of them say
    the same. Raises ClockInputError.
    """
    lock = _listed(root, file, report)
    near = [one for path in _dockerfiles(root, file) if (one := _read(path))]
    pythons = {one.python for one in near if one.python}
    both = ",".join(filter(None, (lock.python, *pythons)))
    python = both if len(pythons) == 1 and _is_range(both) else lock.python
    return replace(
        lock, python=python, images=tuple(dict.fromkeys(image for one in (lock, *near) for image in one.images))
    )


def _dockerfiles(root: Path, file: str) -> list[Path]:
    """Nothing that a link leads to is read: it may lie outside."""
    found: set[Path] = set()
    for folder in {root, root / "docker", (root / file).parent}:
        with suppress(OSError):  # there is none, or it can't be looked into
            inside = () if folder.is_symlink() else folder.iterdir()
            found |= {path for path in inside if is_dockerfile(path.name) and path.is_file() and not path.is_symlink()}
    return sorted(found)


def _read(path: Path) -> LockFile | None:
    """None for a Dockerfile that can't be read or names no image: it says nothing."""
    try:
        return lock_files.read(path)
    except ClockInputError:
        return None


def _listed(root: Path, file: str, report: ScanReport) -> LockFile:
    if file.endswith(_LOCK_ENDS) and not is_script(file):  # a workflow of a host of code is YAML, and no lock
        return lock_files.read(root / file)
    asked = [one for one in report.dependencies if one.file == file]
    python = next((one.specifier for one in asked if one.name == "python" and _is_range(one.specifier)), "")
    if listed := _with_markers(root / file):
        return replace(lock_files.parsed("\n".join(listed)), python=python)
    pins = (Pin(one.name, one.specifier) for one in asked if one.name != "python" and _is_range(one.specifier))
    return LockFile("requirements", tuple(dict.fromkeys(pins)), python)


def _with_markers(path: Path) -> list[str]:
    """The requirements of a ``pyproject.toml`` as they stand there, which say for which systems they are."""
    if path.name != "pyproject.toml":
        return []
    try:
        found = tomllib.loads(contents(path, largest=lock_files.LARGEST).decode())["project"]["dependencies"]
    except (UnreadableFileError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _is_range(specifier: str) -> bool:
    try:
        SpecifierSet(specifier)
    except InvalidSpecifier:
        return False
    return True
