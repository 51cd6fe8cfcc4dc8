"""Asks a team's own model file what it is, in children with limits of time and memory. It is never loaded in here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from probes import catalog
from probes.contracts import DataPlace, UnsupportedError
from probes.engine.planning.memory_estimate import gib
from probes.engine.running import environment, strays
from probes.engine.running.child import ChildError, Launcher, ProcessChild
from probes.model_file import published
from probes.model_file.loading import read
from probes.places import against, runs_at, titles
from probes.schema import FRAMEWORKS, TITLES, Framework, Interpreter, Outcome
from probes.system.plaintext import visible
from probes.system.scratch import scratch_folder
from probes.team_files import Lack, ModelFile

#: Seconds that a child may take to import its framework, build the model and answer for two samples.
LIMIT: Final = 120.0
#: Seconds for building it once more, two predictions and two steps, traced where they are. One of 40 s fits.
STEP_LIMIT: Final = 240.0
_LONGEST_TITLE: Final = 80


class ModelFileError(ValueError):
    """A file that can't be measured. The text says why, and where."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may take that is only looked at: seconds, and bytes of private memory (0: as a run's children)."""

    seconds: float = LIMIT
    step_seconds: float = STEP_LIMIT
    memory: int = 0


def describe(
    path: Path,
    *,
    launcher: Launcher = ProcessChild,
    interpreters: Mapping[Framework, Interpreter] = catalog.NONE,
    limits: Limits | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda _: None,
    data: DataPlace | None = None,
) -> ModelFile:
    """What the file says of itself; of each half that is installed here its parameters, and what a step takes.

    ``interpreters``: those of sides whose children ``launcher`` starts elsewhere than in the app's own; where both run
    one framework, each of the answer's sides is a place of it. ``data`` take the place of what its ``inputs`` draws.
    Raises ModelFileError. Nothing that the file started is left behind.
    """
    path = path.absolute()  # a child works in another folder
    try:
        sha256 = hashlib.sha256(read(path)).hexdigest()
        if published.is_published(path):
            published.load(path)  # what can't be measured is told before a framework is waited for
    except UnsupportedError as error:
        raise ModelFileError(str(error)) from error
    look = _Look(path, launcher, limits or Limits(), cancelled, titles(interpreters))
    answers: dict[Framework, Mapping[str, Any]] = {}
    lacks: dict[Framework, Lack] = {}
    sides: tuple[Framework, ...] = FRAMEWORKS
    with scratch_folder() as scratch, strays.ended(scratch):
        for side in FRAMEWORKS:
            if side not in sides or catalog.not_installed(side, interpreters):
                continue
            tell(f"{look.titles[side]}: what is {path.name}?")
            answer = look.at(side, scratch, data)
            written = answer["model"]["sides"] if answer["model"] else answer["sides"]
            sides = tuple(place for place in FRAMEWORKS if runs_at(place, interpreters) in written)
            if "lack" in answer:
                lacks[side] = Lack(**answer["lack"])
            if answer["model"] and "parameters" in answer["model"]:
                answers[side] = answer
    if against(interpreters) and len(answers) < len(FRAMEWORKS):
        raise ModelFileError(_no_versions(path.name, runs_at("pytorch", interpreters), lacks, look.titles))
    described = _described(path.name, sha256, sides, answers, lacks)
    file = replace(described, data=data.data if data else None)
    catalog.adopt(file)
    return file


def _no_versions(
    name: str, framework: Framework, lacks: Mapping[Framework, Lack], titles: Mapping[Framework, str]
) -> str:
    """Why two versions of one framework can't be compared on the file."""
    if lacks:
        return f"{name}: " + "; ".join(f"{titles[side]}: {lack.reason}" for side, lack in lacks.items())
    return f"{name} has no half for {TITLES[framework]}, of which two versions were asked for"


def _described(
    name: str,
    sha256: str,
    sides: tuple[Framework, ...],
    answers: Mapping[Framework, Mapping[str, Any]],
    lacks: Mapping[Framework, Lack],
) -> ModelFile:
    if not answers:
        reasons = [f"{TITLES[side]}: {lack.reason}" for side, lack in lacks.items()]
        missing = "; ".join(reasons or filter(None, map(catalog.not_installed, sides or FRAMEWORKS)))
        raise ModelFileError(f"{name} has no half that can be measured here" + (f": {missing}" if missing else ""))
    first = next(iter(answers.values()))["model"]
    return ModelFile(
        name=name,
        sha256=sha256,
        title=visible(first["title"])[:_LONGEST_TITLE].strip() or Path(name).stem,
        sides=tuple(side for side in sides if side not in lacks),
        trains=first["trains"],
        parameters={side: answer["model"]["parameters"] for side, answer in answers.items()},
        packages=tuple(first["packages"]),
        step_seconds={side: float(f"{answer['step_s']:.3g}") for side, answer in answers.items()},
        step_bytes={side: answer["bytes"] for side, answer in answers.items()},
        generates=first.get("generates", False),
        lacks=lacks,
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """One file, looked at in a child of each side in turn."""

    path: Path
    launcher: Launcher
    limits: Limits
    cancelled: Callable[[], bool]
    titles: Mapping[Framework, str]  # what people call the sides

    def at(self, side: Framework, scratch: str, data: DataPlace | None) -> dict[str, Any]:
        """What the child says: the file's sides; ``model`` and what a step takes, if it has this side's half."""
        memory = self.limits.memory or environment.memory_limit("cpu", gpu_here=False)
        limit, doing = self.limits.seconds, "loading and building the model"
        child = self.launcher(side, environment.variables(1, "cpu", scratch), self.cancelled)
        try:
            child.ask("limit", timeout=limit, cpus=(), memory=memory)
            if data is not None:
                child.ask("data", timeout=limit, path=str(data.path), data=asdict(data.data))
            answer = child.ask("describe", timeout=limit, path=str(self.path))
            if answer["model"] and "parameters" in answer["model"]:
                limit, doing = self.limits.step_seconds, "one step"
                answer |= child.ask("try_step", timeout=limit, path=str(self.path))
        except ChildError as error:
            reason = error.reason
            if error.outcome is Outcome.TIMED_OUT:
                reason = f"{doing} takes longer than {limit:g} s; the process was ended"
            elif error.outcome is Outcome.OUT_OF_MEMORY:
                reason = f"{doing} takes more than the {gib(memory)} of memory that it may have here"
            told = reason if reason.startswith(self.path.name) else f"{self.path.name} in {self.titles[side]}: {reason}"
            raise ModelFileError(told) from error
        finally:
            child.close()
        return answer


def refusal(path: Path, file: ModelFile) -> str:
    """Why a run can't go on with the file, which may be another one by now; "" if it is what was described."""
    try:
        read(path, file.sha256)
    except UnsupportedError as error:
        return str(error)
    return ""
