"""How much of which framework: per file, per area, and whose project it is."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from advisor.scan.areas import area_of, is_test
from advisor.scan.ecosystems import framework_of
from advisor.scan.facts import FileFacts
from advisor.scan.report import (
    CODE_AREAS,
    FRAMEWORKS_OF_CODE,
    AreaUse,
    CodeArea,
    Dependency,
    FoundFramework,
    FrameworkUse,
    Primary,
    SourceUse,
)  # fmt: skip
from advisor.scan.rules import is_keras, stays_below

#: Of all uses: from here on a framework is the project's, and not one of several.
_SHARE: Final = 0.75
_IN_TESTS: Final = 0.1  # what a use in a test counts for
#: And one for data: JAX and PyTorch are often fed by tf.data. Names of every area, as tf.cast, are for data where all
#: others of that framework in the file are.
_OF_DATA: Final = 0.25
_DISTRIBUTIONS: Final[Mapping[FoundFramework, re.Pattern[str]]] = {
    "tensorflow": re.compile(r"tensorflow(-gpu|-cpu|-macos|-intel|-rocm)?$|tf-nightly(-gpu)?$"),
    "keras": re.compile(r"keras$|tf-keras$|keras-nightly$"),
    "pytorch": re.compile(r"torch$|pytorch(-cpu|-gpu)?$|pytorch-lightning$|lightning$"),
    "jax": re.compile(r"jax$|jaxlib$|flax$|dm-haiku$"),
}
_KERAS_3: Final = re.compile(
    r"keras\.(?:ops|distribution|export|tree|dtype_policies|layers\.TFSMLayer|utils\.PyDataset|config)\b"
)
_is_keras_3 = lru_cache(maxsize=65_536)(lambda name: _KERAS_3.search(name) is not None)
_is_keras = lru_cache(maxsize=65_536)(is_keras)
_framework = lru_cache(maxsize=65_536)(framework_of)


@dataclass(slots=True)
class _Count:
    files: set[str] = field(default_factory=set)
    imports: int = 0
    plain: int = 0  # imports that are neither lazy nor conditional
    lazy: int = 0
    conditional: int = 0
    uses: int = 0
    lines: int = 0
    in_tests: int = 0
    weight: float = 0.0


class UseCount:
    """Takes file after file."""

    def __init__(self) -> None:
        self._frameworks: defaultdict[FoundFramework, _Count] = defaultdict(_Count)
        self._areas: defaultdict[CodeArea, Counter[str]] = defaultdict(Counter)
        self._area_files: defaultdict[CodeArea, set[str]] = defaultdict(set)
        self._sources: list[SourceUse] = []
        self.by_file: dict[str, Counter[CodeArea | None]] = {}  # uses
        self._of_keras = 0.0  # of the weights of both
        self._keras_3 = False
        self._tf_keras = False
        self.dispatched = 0  # files that go by a module which chooses the framework

    def add(self, facts: FileFacts, sha256: str = "") -> set[FoundFramework]:
        """The frameworks of this file. ``sha256``: of its bytes."""
        tests = is_test(facts.path)
        seen: set[tuple[FoundFramework, int]] = set()
        held: defaultdict[str, Counter[FoundFramework]] = defaultdict(Counter)
        for one in facts.imports:
            if (framework := _framework(one.name)) is not None:
                count = self._frameworks[framework]
                count.imports += 1
                weight = _IN_TESTS / 4 if tests else 1 / 4
                count.weight += weight
                self._of_keras += weight * _is_keras(one.name)
                count.plain += not (one.lazy or one.conditional)
                count.lazy += one.lazy
                count.conditional += one.conditional
                count.files.add(facts.path)
                seen.add((framework, one.line))
                self._tf_keras = self._tf_keras or one.name.startswith("tf_keras")
        own: Counter[CodeArea | None] = Counter()
        by_area: Counter[tuple[FoundFramework, bool, CodeArea | None]] = Counter()
        for use in facts.uses:
            if (framework := _framework(use.names[0])) is None:
                continue
            count = self._frameworks[framework]
            count.files.add(facts.path)
            count.uses += 1
            count.in_tests += tests
            seen.add((framework, use.line))
            self._keras_3 = self._keras_3 or _is_keras_3(use.names[0])
            area: CodeArea | None = "tests" if tests else area_of(use.names[0])
            by_area[framework, _is_keras(use.names[0]), area] += 1
            own[area] += 1
            if area is not None:
                self._areas[area][framework] += 1
                self._area_files[area].add(facts.path)
            held[area or "elsewhere"]["keras" if _is_keras(use.names[0]) else framework] += 1
        self._weigh(by_area)
        if seen:
            self.by_file[facts.path] = own
        for framework, _ in seen:
            self._frameworks[framework].lines += 1
        if seen:
            uses = {area: dict(sorted(counts.items())) for area, counts in sorted(held.items())}
            self._sources.append(SourceUse(facts.path, facts.lines, uses, sha256))
        return {framework for framework, _ in seen}

    def sources(self) -> tuple[SourceUse, ...]:
        """The files that name a framework, by their paths."""
        return tuple(sorted(self._sources, key=lambda one: one.file))

    def _weigh(self, by_area: Mapping[tuple[FoundFramework, bool, CodeArea | None], int]) -> None:
        """What the uses of a file count for."""
        others = {framework for framework, _, area in by_area if area not in (None, "data_pipeline")}
        data = {framework for framework, _, area in by_area if area == "data_pipeline"} - others
        for (framework, keras, area), uses in by_area.items():
            for_data = area == "data_pipeline" or (area is None and framework in data)
            weight = uses * (_IN_TESTS if area == "tests" else _OF_DATA if for_data else 1)
            self._frameworks[framework].weight += weight
            self._of_keras += weight * keras

    def primary(self) -> Primary:
        """Whose project it is. Keras and TensorFlow are one family; uses in tests and for data count for less.

        Of the family it is Keras' where most of it is Keras, wherever that lives: ``tf.keras`` is Keras 2 or 3 as well.
        What is only tried, and never used, says nothing: a program of a runtime imports PyTorch for its CUDA libraries.
        """
        weights = {
            framework: count.weight for framework, count in self._frameworks.items() if count.uses or count.plain
        }
        family = weights.get("tensorflow", 0.0) + weights.get("keras", 0.0)
        sides: dict[Primary, float] = {
            "keras" if self._of_keras > family / 2 else "tensorflow": family,
            "pytorch": weights.get("pytorch", 0.0),
            "jax": weights.get("jax", 0.0),
        }
        if self.dispatched > len(self.by_file) / 2:
            return "mixed"
        most = max(sides, key=lambda side: sides[side])
        if not sides[most]:
            return "none"
        return most if sides[most] >= _SHARE * sum(sides.values()) else "mixed"

    def frameworks(self, asked: Iterable[Dependency], backends: set[str]) -> dict[FoundFramework, FrameworkUse]:
        """Those that are used or asked for, in a fixed order."""
        asked = list(asked)
        found: dict[FoundFramework, FrameworkUse] = {}
        for framework in FRAMEWORKS_OF_CODE:
            versions = tuple(dict.fromkeys(
                f"{one.name}{one.specifier} ({one.file})" for one in asked if _DISTRIBUTIONS[framework].match(one.name)
            ))  # fmt: skip
            count = self._frameworks.get(framework, _Count())
            if not versions and not count.files:
                continue
            keras = framework == "keras"
            found[framework] = FrameworkUse(
                len(count.files), count.imports, count.lazy, count.conditional, count.uses, count.lines, count.in_tests,
                versions, self._keras_major(asked) if keras else None,
                " or ".join(sorted(backends)) or None if keras else None,
            )  # fmt: skip
        return found

    def areas(self) -> dict[CodeArea, AreaUse]:
        """Those in which something was found, in a fixed order."""
        return {
            area: AreaUse(len(self._area_files[area]), dict(sorted(self._areas[area].items())))
            for area in CODE_AREAS
            if area in self._areas
        }

    def _keras_major(self, asked: list[Dependency]) -> str | None:
        """What is asked for counts before what the code looks like; None where neither says it."""
        for one in asked:
            if one.name == "keras" and one.specifier:
                if stays_below(one.specifier, "3"):
                    return "2"
                if re.search(r"(?:==|>=|~=|>)\s*3", one.specifier):
                    return "3"
        if self._keras_3:
            return "3"
        return "2" if self._tf_keras else None
