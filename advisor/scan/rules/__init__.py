"""What is looked for in code: a file a family, each with its ``RULES``. A new file is found by being there.

Names are written short: ``tf:X`` is ``tensorflow.X``; ``tf1:X`` that and ``tensorflow.compat.v1.X``; ``keras:X`` is
Keras wherever it lives (``keras``, ``tensorflow.keras``, ``tf_keras``). Anything else is a full name. A name stands for
all below it.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from advisor.scan.ecosystems import framework_of
from advisor.scan.report import CodeArea, Concern, FoundFramework, Severity

TextKind: TypeAlias = Literal["native", "docker"]  # C++ and CUDA; Dockerfiles, CI files and scripts
_KERAS: Final = re.compile(r"(?:tensorflow\.(?:python\.|compat\.v[12]\.|_api\.v2\.)?keras|tf_keras|keras)(?:\.(?=.)|$)")
_MODULES: Final = re.compile(r"^torch\.nn\.modules\.(?:[a-z]\w*\.)?")


@dataclass(frozen=True, slots=True)
class LinePattern:
    """A regular expression for lines of other files. One of its ``words`` stands in all that it finds.

    They are looked for first: an expression that begins with what may be any blank is tried at every letter.
    """

    kind: TextKind
    words: tuple[str, ...]
    expression: str


@dataclass(frozen=True, slots=True)
class CodeRule:
    """One thing to look for, and what is to be said of it.

    ``concern``: it stands in the way of today's versions, or of a move to the other framework. ``severity``: ``must``
    doesn't work any more, or has no counterpart that could be put in its place; ``perhaps`` with a probability;
    ``nice`` works, with something better at hand. ``keywords``: only calls with one of them («name» or «name=literal»);
    ``lacking``: only calls with none of them.
    """

    id: str
    title: str  # what stands there
    framework: FoundFramework
    concern: Concern
    severity: Severity
    replacement: str
    source: str
    since: str = ""  # «TensorFlow 2.16»: the first release in which all of it is gone or deprecated; of an upgrade only
    area: CodeArea | None = None
    probability: float | None = None
    names: tuple[str, ...] = ()
    calls: bool = False  # only where it is called
    bases: bool = False  # only where a class derives from it
    keywords: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()  # called on whatever object, in a file that uses the framework
    packages: tuple[str, ...] = ()  # «name», or «name<2»: no version from 2 on is allowed
    texts: tuple[LinePattern, ...] = ()


@cache
def rules() -> tuple[CodeRule, ...]:
    """Every rule, family by family."""
    families = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(rule for name in families for rule in importlib.import_module(f"{__name__}.{name}").RULES)


def listed(names: str) -> tuple[str, ...]:
    """«tf1: a b c» as («tf1:a», «tf1:b», «tf1:c»)."""
    prefix, _, rest = names.partition(": ")
    return tuple(
        f"{prefix}:{name}" if prefix in ("tf", "tf1", "keras") else f"{prefix}.{name}" for name in rest.split()
    )


def is_keras(name: str) -> bool:
    """Whether a full name is one of Keras', wherever it lives, or of a package on it."""
    return _KERAS.match(name) is not None or framework_of(name) == "keras"


@cache
def forms(name: str) -> tuple[str, ...]:
    """Every way in which a rule may write a full name."""
    found = [name]
    if name.startswith("torch.nn.modules."):  # where they are defined
        found.append(f"torch.nn.{_MODULES.sub('', name)}")
    if inner := _KERAS.match(name):
        found.append(f"keras:{name[inner.end() :]}")
    if name.startswith("tensorflow.compat.v1."):
        found.append(f"tf1:{name.removeprefix('tensorflow.compat.v1.')}")
    elif name.startswith("tensorflow."):
        rest = name.removeprefix("tensorflow.").removeprefix("compat.v2.")
        found += [f"tf:{rest}", f"tf1:{rest}"]
    return tuple(found)


class RuleIndex:
    """Rules by what they look for."""

    def __init__(self, known: Iterable[CodeRule]) -> None:
        self.known = tuple(known)
        self.by_id: Mapping[str, CodeRule] = {rule.id: rule for rule in self.known}
        self.methods = frozenset(method for rule in self.known for method in rule.methods)
        self._names: dict[str, list[CodeRule]] = {}
        for rule in self.known:
            for name in rule.names:
                self._names.setdefault(name, []).append(rule)
        self._seen: dict[str, tuple[CodeRule, ...]] = {}

    def of_name(self, name: str) -> tuple[CodeRule, ...]:
        """Rules that a full name falls under, whatever the call looks like."""
        if name not in self._seen:
            found: dict[str, CodeRule] = {}
            for form in forms(name):
                while form:
                    found |= {rule.id: rule for rule in self._names.get(form, ())}
                    form = form.rpartition(".")[0]
            self._seen[name] = tuple(found.values())
        return self._seen[name]

    def asks(self, name: str) -> bool:
        """Whether the keywords of its calls matter."""
        return any(rule.keywords or rule.lacking for rule in self.of_name(name))

    def of_method(self, method: str) -> Iterator[CodeRule]:
        """Rules about a method of whatever object."""
        return (rule for rule in self.known if method in rule.methods)

    def of_package(self, name: str, specifier: str) -> Iterator[CodeRule]:
        """Rules about a package that something asks for."""
        for rule in self.known:
            for pattern in rule.packages:
                wanted, _, below = pattern.partition("<")
                if wanted == name and (not below or stays_below(specifier, below)):
                    yield rule


def stays_below(specifier: str, version: str) -> bool:
    """Whether a specifier of PEP 440 allows no version from ``version`` on. One that can't be read allows all."""
    bound = Version(version)
    try:
        parts = list(SpecifierSet(specifier))
        return any(
            _below(part.operator, Version(part.version.removesuffix(".*")), bound, any_end=part.version.endswith(".*"))
            for part in parts
        )
    except (InvalidVersion, ValueError):
        return False


def _below(operator: str, given: Version, bound: Version, *, any_end: bool) -> bool:
    if operator in ("==", "===") and any_end:
        return _next(given.release) <= bound
    if operator in ("==", "===", "<="):
        return given < bound
    if operator == "<":
        return given <= bound
    return operator == "~=" and _next(given.release[:-1]) <= bound


def _next(release: tuple[int, ...]) -> Version:
    return Version(".".join(map(str, (*release[:-1], release[-1] + 1))))
