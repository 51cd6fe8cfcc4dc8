"""Interpreters that a side's children run in instead of the app's: looked at before a run, and started from here.

A side's own interpreter sees nothing of the app's packages: of the app it gets the code of the measured child alone,
which needs NumPy and psutil beside the framework.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from probes import catalog
from probes.contracts import Cancelled
from probes.engine.child.import_guard import OWN
from probes.engine.running.child import Child, Launcher, ProcessChild
from probes.engine.running.environment import SHADOWS
from probes.model_file import published
from probes.schema import TITLES, Framework, Interpreter
from probes.system import asking, installed, variables
from probes.system.folders import PACKAGES

WORKER: Final = "probes.engine.child.worker"
#: The oldest Python that the measured child's code can be read by.
LOWEST: Final = (3, 11)
#: Takes ``probes`` from the app, and nothing else: a folder on the path would bring all that lies beside it. What is
#: started from there (a loader's workers) finds it last of all.
_BEGIN: Final = (
    "import importlib.util, sys; root = {root}; "
    "spec = importlib.util.spec_from_file_location("
    "'probes', root + '/probes/__init__.py', submodule_search_locations=[root + '/probes']); "
    "sys.modules['probes'] = importlib.util.module_from_spec(spec); "
    "spec.loader.exec_module(sys.modules['probes']); "
    "sys.path.append(root)"
)
_BEGIN_AT_FIRST: Final = _BEGIN.format(root="sys.argv.pop(1)")
_RUN: Final = (
    f"{_BEGIN_AT_FIRST}\nimport runpy\nrunpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)\n"
)
#: Any Python 3 can read it. Neither the framework nor what measuring needs is imported unless all of it is there.
_LOOK: Final = f"""
import json, platform, sys
root, side, needed = sys.argv[1], sys.argv[2], sys.argv[3:]
told = {{"python": platform.python_version(), "absent": [], "packages": {{}}, "modules": [], "fault": ""}}
if sys.version_info >= {LOWEST}:
    import importlib, pkgutil
    from importlib import metadata, util
    told["absent"] = [name for name in needed if util.find_spec(name) is None]
    told["packages"] = {{package.name: package.version for package in metadata.distributions() if package.name}}
    told["modules"] = [module.name for module in pkgutil.iter_modules() if not module.name.startswith("_")]
    if not told["absent"]:
        sys.argv[1:] = [root]
        try:
            exec({_BEGIN_AT_FIRST!r})
            importlib.import_module("probes.engine.child.worker_bench")
            importlib.import_module("probes.frameworks." + side)
        except Exception as error:
            told["fault"] = "%s: %s" % (type(error).__name__, error)
print({asking.MARK!r} + json.dumps(told))
"""


class InterpreterError(ValueError):
    """An interpreter can't be used for a side. The text names the setting, its value, and what to do."""


@dataclass(frozen=True, slots=True)
class SidePython:
    """The interpreter of one side: what a record says of it, and where it is."""

    told: Interpreter
    path: Path
    packages: Mapping[str, str]  # all that are installed there, with their versions, by normalised name
    modules: frozenset[str]  # all that can be imported there, at the top

    def command(self, module: str, *arguments: str) -> tuple[str, ...]:
        """``python -m module``, with the app's ``probes`` and nothing else of the app's."""
        return str(self.path), "-c", _RUN, str(PACKAGES), module, *arguments

    def surroundings(self, of_child: Mapping[str, str]) -> dict[str, str]:
        """A child's variables, made for this interpreter: its own programs come first, and nobody else's modules."""
        return _without_app(of_child, self.path)


def begin() -> str:
    """A statement with which a program that such an interpreter runs takes ``probes`` from here."""
    return _BEGIN.format(root=repr(str(PACKAGES)))


#: By side; a side that isn't in it runs in the app's own interpreter.
SidePythons: TypeAlias = Mapping[Framework, SidePython]


def told(pythons: SidePythons) -> dict[Framework, Interpreter]:
    """What a request says of them."""
    return {side: python.told for side, python in pythons.items()}


def look(framework: Framework, python: Path, *, setting: str, name: str = "") -> SidePython:
    """The interpreter ``python`` for children of ``framework``, looked at; about a quarter of a second.

    ``setting``: what named it, for who reads a refusal; ``name``: its environment's. Raises InterpreterError if there
    is none, or it doesn't run, is too old, lacks the framework or what measuring needs, or can't take the child's code.
    """
    # Not resolved: an environment's python is a link to another.
    path = Path(os.path.abspath(os.path.expanduser(python)))

    def refused(reason: str) -> InterpreterError:
        return InterpreterError(f"{setting}: {name or path} {reason}")

    if not os.path.exists(path):
        raise refused("doesn't exist; name an interpreter, or an environment of «python -m probes env list»")
    if os.path.isdir(path):
        raise refused("is a folder; name the python in it")
    try:
        answer = asking.ask(
            path,
            _LOOK,
            (str(PACKAGES), framework, *OWN, *catalog.MODULES[framework]),
            environment=_without_app(variables.variables() | {"PYTHONSAFEPATH": "1"}, path),
            read=_Answer.read,
        )
    except asking.NoAnswerError as error:
        raise refused(f"doesn't run as Python does: {error}") from None
    if reason := _unfit(framework, answer):
        raise refused(reason)
    name = name or f"own-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    versions = {package: answer.packages[package] for package in _told(framework) if package in answer.packages}
    told = Interpreter(framework, name, answer.python, versions)
    return SidePython(told, path, answer.packages, answer.modules)


def launcher(pythons: SidePythons, module: str = WORKER) -> Launcher:
    """Starts ``module`` for a side in its interpreter: its own, or else the app's."""

    def start(framework: Framework, environment: dict[str, str], cancelled: Cancelled) -> Child:
        python = pythons.get(framework)
        if python is None:
            return ProcessChild(framework, environment, cancelled, (sys.executable, "-m", module, framework))
        command = python.command(module, python.told.framework)
        return ProcessChild(framework, python.surroundings(environment), cancelled, command)

    return start


def drift(told: Interpreter, said: Mapping[str, str]) -> str:
    """What a child ``said`` of itself that isn't what was found when its interpreter was looked at; "" if nothing."""
    package = catalog.MODULES[told.framework][0]
    looked_at = {"python": told.python, "version": told.versions.get(package, "")}
    # Of a build, "2.13.0+cu130", the framework itself says more than its metadata.
    now = {name: said[name] for name, was in looked_at.items() if name in said and not _alike(said[name], was)}
    return " and ".join(f"{package if name == 'version' else name} {version}" for name, version in now.items())


def _alike(version: str, other: str) -> bool:
    return version.partition("+")[0] == other.partition("+")[0]


@dataclass(frozen=True, slots=True)
class _Answer:
    python: str
    absent: tuple[str, ...]  # modules that are needed and can't be found
    packages: Mapping[str, str]
    modules: frozenset[str]
    fault: str  # why the child's code can't be imported, or ""

    @classmethod
    def read(cls, said: Any) -> _Answer:
        if not isinstance(said, dict) or said.keys() != {"python", "absent", "packages", "modules", "fault"}:
            raise ValueError(said)
        packages = {installed.normalised(str(name)): str(version) for name, version in dict(said["packages"]).items()}
        return cls(
            str(said["python"]), tuple(map(str, said["absent"])), packages, frozenset(map(str, said["modules"])),
            str(said["fault"]),
        )  # fmt: skip


def _unfit(framework: Framework, answer: _Answer) -> str:
    """Why it can't be used; "" if it can."""
    minor = tuple(int(part) for part in answer.python.split(".")[:2] if part.isdigit())
    lowest = ".".join(map(str, LOWEST))
    if minor < LOWEST:
        return f"is Python {answer.python}; allowed: {lowest} or newer"
    if answer.absent:
        lacking = " and ".join(answer.absent)
        return f"lacks {lacking}, which {TITLES[framework]}'s side needs: install it there with pip"
    if unknown := [name for name in catalog.MODULES[framework] if name not in answer.packages]:
        return f"has {' and '.join(unknown)}, but no version is recorded there: install it with pip"
    if answer.fault:
        return f"can't run the measured child's code ({answer.fault})"
    return ""


def _told(framework: Framework) -> tuple[str, ...]:
    """All that a record should say the version of, or that some measure needs."""
    named = (*catalog.PACKAGES[framework], *OWN, *published.PACKAGES[framework], *catalog.measuring_packages())
    return tuple(dict.fromkeys(installed.parsed(text)[0] for text in named))


def _without_app(of_child: Mapping[str, str], python: Path) -> dict[str, str]:
    """``PYTHONPATH`` and ``VIRTUAL_ENV`` are about the app's own interpreter."""
    kept = {name: value for name, value in of_child.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    path = os.pathsep.join((str(python.parent), of_child.get("PATH", os.defpath)))
    return kept | {"PATH": path, "PYTHONPATH": str(SHADOWS)}
