"""What a rehearsal says. An estimate of a move takes a failure from here in place of a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from probes.schema import Framework
from probes.team_files import ModelFile

#: ``same``: it answers and learns alike. ``answers only``: it answers alike, but its weights can't be trained, or not
#: all of them, or not alike. ``different``: it answers otherwise. ``refused``: code or a converter can't, which
#: ``failure`` places. ``failed``: a process died, or took too long. ``missing``: something isn't installed here.
#: ``no half``: the file has nothing that this way begins with.
RehearsalOutcome = Literal["same", "answers only", "different", "refused", "failed", "missing", "no half"]
#: Where something failed or parted: in the model itself, in the file that was exported, or behind that.
RehearsalStage = Literal["model", "export", "move"]


@dataclass(frozen=True, slots=True)
class RehearsalFailure:
    """A call that failed. ``file``: relative to the model file's folder, or to where packages are installed."""

    stage: RehearsalStage
    reason: str  # the error in its own words
    file: str = ""  # "": nobody says where
    line: int = 0
    call: str = ""  # what was called there: "tensorflow.image"; "" if it isn't known
    own: bool = True  # whether it is the team's own code, not a package's


@dataclass(frozen=True, slots=True)
class Parting:
    """Where both sides part, in the order in which the model's layers run."""

    stage: RehearsalStage
    layer: str  # the first whose values differ; "" if it can't be told
    last_alike: str = ""  # the last one before it whose values are the same
    deviation: float | None = None  # of that layer, as a share of its largest value; None: it has no counterpart


@dataclass(frozen=True, slots=True)
class Learning:
    """What became of the weights, and of their gradients in one step."""

    weights: int  # arrays that the model trains
    kept: int  # of them, those that are trained there too
    deviation: float | None = None  # the largest of a kept weight's gradient, as a share of its length
    worst: str = ""  # that weight


@dataclass(frozen=True, slots=True)
class RehearsedWay:
    """How one way went."""

    id: str
    title: str
    begins_with: Framework
    outcome: RehearsalOutcome
    reason: str = ""  # in words, what to do about it too; "" for ``same``
    failure: RehearsalFailure | None = None
    deviation: float | None = None  # largest of the outputs, as a share of their largest value
    parting: Parting | None = None
    learning: Learning | None = None
    adapted: tuple[str, ...] = ()  # what was bent to get so far: imports that only have to be spelled otherwise
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RanFile:
    """A file of the team's own that was loaded where the model is. ``lines``: those with code on them; ``ran``: of
    them, those of what was called, so that a file of ten models counts for the one that was rehearsed."""

    file: str  # relative to the model file's folder
    sha256: str
    lines: int
    ran: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All ways of one file. ``ran``: what of the team's own code that was, by the side that ways begin with."""

    file: ModelFile
    ways: tuple[RehearsedWay, ...]
    ran: Mapping[Framework, tuple[RanFile, ...]] = field(default_factory=dict)
    schema: Literal[1] = 1


#: Largest deviation of outputs that is rounding, as a share of their largest value: what ways out are allowed.
OUTPUT_LIMIT = 1e-4
