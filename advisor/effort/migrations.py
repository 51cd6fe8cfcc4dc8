"""Finished migrations of other teams, counted from their histories: ``data/migrations.yaml``.

What an estimate of effort can be held against: how much code there was and is, and on how many days people worked at
it. ``scripts/migrations.py`` counts; nothing of the code is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from advisor.effort.constructs import Constructs, Held
from advisor.effort.rates import NotNegative
from advisor.effort.report import EffortArea
from advisor.model.facts import AsOf
from advisor.scan.report import FoundFramework
from probes.system.data_files import DataFile, Once, Text

MigratedFrom = Literal["tensorflow-1", "tensorflow-2", "keras-2", "mxnet", "theano"]
MigratedTo = Literal["pytorch", "keras-3", "onnx"]
#: In place; as a second engine beside the first; as new code with another design; or mostly by giving code up.
MigrationKind = Literal["replaced", "beside", "rewritten", "dropped"]
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Count = Annotated[int, Field(ge=0)]
Module = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_.]*$")]


@dataclass(frozen=True, slots=True)
class CountedMigration:
    """What a history shows between two commits, of Python files that import a framework at either of them.

    ``lines``: that aren't blank, of the files that import the old framework ``before`` and the new one ``after``.
    ``author_days``: distinct pairs of author and date of the commits that touch any of these files, merges aside, from
    ``begun`` to ``ended``; ``months`` lie between these two. A history that was squashed has fewer than there were.
    """

    begun: AsOf
    ended: AsOf
    months: Annotated[float, Field(ge=0)]
    files_before: Annotated[int, Field(ge=1)]
    files_after: Count
    lines_before: Annotated[int, Field(ge=1)]
    lines_after: Count
    author_days: Annotated[int, Field(ge=1)]
    authors: Annotated[int, Field(ge=1)]
    commits: Annotated[int, Field(ge=1)]

    def __post_init__(self) -> None:
        if self.begun > self.ended:
            raise ValueError(f"begun {self.begun} after it ended, {self.ended}")
        if not self.authors <= self.author_days <= self.commits:
            raise ValueError("there are as many author-days as authors at least, and as commits at most")


@dataclass(frozen=True, slots=True)
class CountedConstructs:
    """What the scan finds at ``before`` of a framework that was left, in an area: ``Constructs``, as it has them."""

    framework: FoundFramework
    area: EffortArea
    names: NotNegative = 0.0
    lines: NotNegative = 0.0
    must: NotNegative = 0.0
    perhaps: NotNegative = 0.0
    nice: NotNegative = 0.0


def _some(modules: tuple[str, ...]) -> tuple[str, ...]:
    if not modules:
        raise ValueError("names no module")
    return modules


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One, in one repository of GitHub. ``old``, ``new``: the modules whose import makes a file one of the framework.

    ``squashed``: the commits of the work aren't in the history, so that ``author_days`` is too low. ``features``: the
    new code does more than the old, so that its size and its days aren't those of a port. ``brought``: the share of the
    old code that was to be brought along, which a team knows beforehand; the rest was given up. ``constructs``: none
    where the scan knows nothing of the framework.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    repository: Annotated[str, Field(pattern=r"^https://github\.com/[\w.-]+/[\w.-]+$")]
    origin: MigratedFrom
    target: MigratedTo
    kind: MigrationKind
    before: Commit
    after: Commit
    old: Annotated[tuple[Module, ...], AfterValidator(_some)]
    new: Annotated[tuple[Module, ...], AfterValidator(_some)]
    squashed: bool = False
    features: bool = False
    note: Text
    source: Annotated[str, Field(pattern=r"^https://\S+$")]
    counted: CountedMigration
    brought: Annotated[float, Field(ge=0, le=1)] = 1.0
    constructs: tuple[CountedConstructs, ...] = ()

    @property
    def held(self) -> Held:
        """What there was to move, by framework and area."""
        return {
            (one.framework, one.area): Constructs(one.names, one.lines, one.must, one.perhaps, one.nice)
            for one in self.constructs
        }


class Migrations(DataFile):
    """``data/migrations.yaml``, with the day on which the histories were fetched."""

    file: ClassVar[str] = "migrations.yaml"
    as_of: AsOf
    migrations: Once[Migration]

    @model_validator(mode="after")
    def _each_pair_once(self) -> Self:
        pairs = [(one.before, one.after) for one in self.migrations]
        if twice := next((pair for pair in pairs if pairs.count(pair) > 1), None):
            raise ValueError(f"the commits {twice[0]} and {twice[1]} stand there twice")
        return self


@cache
def migrations() -> tuple[Migration, ...]:
    """All of them. Raises DataError naming file, path and value."""
    return Migrations.read().migrations
