"""What there is to move, by framework and area: names, lines, and the lines that a rule names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from advisor.effort.report import EFFORT_AREAS, EffortArea
from advisor.scan.report import CodeFinding, Concern, FoundFramework, ScanReport, Severity
from advisor.scan.rules import rules

_RANK: Final[Mapping[Severity, int]] = {"nice": 0, "perhaps": 1, "must": 2}


@dataclass(frozen=True, slots=True)
class Constructs:
    """What an area holds of a framework. Counts are ≥ 0 and need not be whole: files share out their lines.

    ``names``: names of the framework that no rule of the move speaks of. ``must``, ``perhaps``, ``nice``: lines that
    one does, each line once with the severest; what may have to change with a probability counts for that much here
    and for the rest as an ordinary name.
    """

    names: float = 0.0
    lines: float = 0.0
    must: float = 0.0
    perhaps: float = 0.0
    nice: float = 0.0

    def __add__(self, other: Constructs) -> Constructs:
        return Constructs(
            self.names + other.names, self.lines + other.lines, self.must + other.must,
            self.perhaps + other.perhaps, self.nice + other.nice,
        )  # fmt: skip

    def times(self, share: float) -> Constructs:
        """So much of it."""
        return Constructs(*(share * one for one in (self.names, self.lines, self.must, self.perhaps, self.nice)))

    def less(self, other: Constructs) -> Constructs:
        """Without what ``other`` holds of it."""
        return Constructs(
            max(self.names - other.names, 0.0), max(self.lines - other.lines, 0.0), max(self.must - other.must, 0.0),
            max(self.perhaps - other.perhaps, 0.0), max(self.nice - other.nice, 0.0),
        )  # fmt: skip

    @property
    def found(self) -> float:
        """Lines that a rule names."""
        return self.must + self.perhaps + self.nice


#: What there is of each framework in each area.
Held: TypeAlias = Mapping[tuple[FoundFramework, EffortArea], Constructs]


@dataclass(slots=True)
class FileConstructs:
    """What one file holds, by framework and area."""

    file: str
    held: dict[tuple[FoundFramework, EffortArea], Constructs] = field(default_factory=dict)

    def add(self, framework: FoundFramework, area: EffortArea, more: Constructs) -> None:
        self.held[framework, area] = self.held.get((framework, area), Constructs()) + more


def by_file(report: ScanReport, concerns: Mapping[FoundFramework, Collection[Concern]]) -> list[FileConstructs]:
    """What the files hold of the frameworks in ``concerns``, by their paths: which findings count for each of them."""
    lines_of_rules = _severest(report, concerns)
    files: dict[str, FileConstructs] = {}
    for source in report.sources:
        file = files.setdefault(source.file, FileConstructs(source.file))
        named = list(_named(source.uses))
        all_names = sum(count for _, _, count in named)
        for framework, area, count in named:
            if framework in concerns:
                file.add(framework, area, Constructs(names=count, lines=source.lines * count / all_names))
        if not named and (of_imports := _of_imports(report)) is not None and of_imports in concerns:
            file.add(of_imports, "elsewhere", Constructs(lines=source.lines))
    for path, found in lines_of_rules.items():
        file = files.setdefault(path, FileConstructs(path))
        for framework, one in found:
            area = one.area or "elsewhere"
            share = 1.0 if one.probability is None else one.probability
            here = file.held.get((framework, area), Constructs())
            covered = min(share, here.names)
            file.add(framework, area, Constructs(names=-covered, **{one.severity: share}))
    return [files[path] for path in sorted(files) if files[path].held]


def by_area(files: Collection[FileConstructs]) -> Held:
    """The sums, in the order of areas."""
    sums: dict[tuple[FoundFramework, EffortArea], Constructs] = {}
    for file in files:
        for key, held in file.held.items():
            sums[key] = sums.get(key, Constructs()) + held
    return dict(sorted(sums.items(), key=lambda item: (EFFORT_AREAS.index(item[0][1]), item[0][0])))


def _named(
    uses: Mapping[str, Mapping[FoundFramework, int]],
) -> Iterator[tuple[FoundFramework, EffortArea, int]]:
    for area in EFFORT_AREAS:
        for framework, count in uses.get(area, {}).items():
            yield framework, area, count


def _of_imports(report: ScanReport) -> FoundFramework | None:
    """Whose a file is that imports a framework and uses no name of it: the one with most names in the project, None
    where no name of any is used."""
    used = {framework: use.uses for framework, use in report.frameworks.items() if use.uses}
    return max(used, key=lambda framework: used[framework], default=None)


def _severest(
    report: ScanReport, concerns: Mapping[FoundFramework, Collection[Concern]]
) -> dict[str, list[tuple[FoundFramework, CodeFinding]]]:
    """By file, of each line the severest finding, so that two rules about one thing don't count it twice."""
    frameworks = {rule.id: rule.framework for rule in rules()}
    best: dict[tuple[str, int, int], tuple[FoundFramework, CodeFinding]] = {}
    for one in report.findings:
        framework = frameworks.get(one.rule)
        if framework is None or one.concern not in concerns.get(framework, ()):
            continue
        place = (one.file, one.cell or 0, one.line)
        if place not in best or _weight(one) > _weight(best[place][1]):
            best[place] = framework, one
    found: dict[str, list[tuple[FoundFramework, CodeFinding]]] = {}
    for (path, _, _), pair in best.items():
        found.setdefault(path, []).append(pair)
    return found


def _weight(one: CodeFinding) -> tuple[int, float, str]:
    return _RANK[one.severity], one.probability or 0.0, one.rule
