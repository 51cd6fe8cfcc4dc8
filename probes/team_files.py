"""What is known of the files that a team brings: its own model, its own data. Their content is in no record."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from probes.places import Framework

#: An archive of NumPy's arrays, a table of numbers with a line of names, a folder with a subfolder a class.
DataKind = Literal["npz", "csv", "jpeg"]


@dataclass(frozen=True, slots=True)
class TeamData:
    """A team's own data, as they were looked at. They are in no record, their hash is."""

    name: str  # of the file or folder, without the one that it lies in
    sha256: str  # of a folder over the sorted names, sizes and contents of its files
    kind: DataKind
    count: int  # samples
    shapes: Mapping[str, tuple[int, ...]]  # of one sample, by array; of a table its columns but one; {} of images
    label: str  # the column or array with the labels; "" where subfolders are the labels, or there are none
    classes: int  # that the labels tell apart, 0: they are numbers, or there are none
    pass_count: int  # samples that one pass of a pipeline reads

    @property
    def labelled(self) -> bool:
        """Whether each sample has a label."""
        return self.kind == "jpeg" or bool(self.label)

    @property
    def key(self) -> str:
        """12 hex digits for the content and for which part of it is the label."""
        return hashlib.sha256(f"{self.sha256} {self.label}".encode()).hexdigest()[:12]

    @property
    def id(self) -> str:
        """As a model's in the catalog: what was measured with other data is never merged with it."""
        return f"data-{self.key}"


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a side has no half of a published model here."""

    # «no implementation» says something of the framework; «not installed» of this machine; «refused» of this model.
    kind: Literal["not installed", "no implementation", "refused"]
    library: str  # "KerasHub"
    version: str = ""
    what: str = ""  # "modernbert as encoder"; the environment that has the library; or the words of a refusal
    as_of: str = ""  # ISO 8601, the day of the look

    @property
    def reason(self) -> str:
        match self.kind:
            case "not installed":
                return f"{self.library} isn't here: python -m probes env create {self.what}"
            case "no implementation":
                return f"no implementation of {self.what} in {self.library} {self.version}, as of {self.as_of}"
        return self.what


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A team's own model, as its file described itself. Its code is in no record, its hash is."""

    name: str  # of the file, without its folder
    sha256: str
    title: str
    sides: tuple[Framework, ...]  # that it has a half for
    trains: bool  # whether its inputs come with labels
    parameters: Mapping[Framework, int] = field(default_factory=dict)
    packages: tuple[str, ...] = ()  # that it needs besides the frameworks
    # What a step of 64 samples took when the file was looked at; bytes are on top of the framework's own.
    step_seconds: Mapping[Framework, float] = field(default_factory=dict)
    step_bytes: Mapping[Framework, int] = field(default_factory=dict)
    data: TeamData | None = None  # that take the place of what its ``inputs`` draws
    generates: bool = False  # whether it writes text, token by token
    lacks: Mapping[Framework, Lack] = field(default_factory=dict)  # sides that a published model has no half for

    @property
    def id(self) -> str:
        """As a model's in the catalog: two versions of a file are two models, whose results never merge."""
        return f"own-{self.sha256[:12]}" + (f"-{self.data.key}" if self.data else "")
