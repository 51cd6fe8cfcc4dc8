"""What a scan found, all frozen. Paths are relative to the tree, with slashes; lines and cells count from 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

FoundFramework: TypeAlias = Literal["tensorflow", "keras", "pytorch", "jax"]
Primary: TypeAlias = Literal["pytorch", "tensorflow", "keras", "jax", "mixed", "none"]
CodeArea: TypeAlias = Literal[
    "model", "training_loop", "data_pipeline", "losses_metrics", "export", "serving", "distributed", "tests"
]
Concern: TypeAlias = Literal["upgrade", "move"]
Severity: TypeAlias = Literal["must", "perhaps", "nice"]
BlindKind: TypeAlias = Literal[
    "binary", "changed", "custom-op", "depth", "dispatcher", "dynamic-attribute", "dynamic-import", "encoding",
    "file-limit", "finding-limit", "generated", "guarded", "history", "ignored", "line-length", "link", "manifest",
    "notebook", "null-bytes", "own-name", "pickle", "read-limit", "size", "special", "star-import", "submodule",
    "time", "unparsed", "unreadable", "vendored",
]  # fmt: skip
Reach: TypeAlias = Literal["entry_point", "notebook", "package", "tests", "nothing"]
AreaFate: TypeAlias = Literal["keep", "drop", "rewrite"]
FateReason: TypeAlias = Literal["reached", "artefact", "recent", "unreached", "unreached_and_quiet"]
FRAMEWORKS_OF_CODE: Final[tuple[FoundFramework, ...]] = ("tensorflow", "keras", "pytorch", "jax")
CODE_AREAS: Final[tuple[CodeArea, ...]] = (
    "model", "training_loop", "data_pipeline", "losses_metrics", "export", "serving", "distributed", "tests",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """What the scan didn't see. ``count`` is how many things ``said`` stands for."""

    kind: BlindKind
    said: str
    file: str = ""
    line: int = 0  # 0: the whole file
    count: int = 1


@dataclass(frozen=True, slots=True)
class CodeFinding:
    """A place at which a rule holds. ``probability`` (0 to 1) is there exactly where the severity is ``perhaps``."""

    file: str
    line: int
    rule: str
    message: str
    severity: Severity
    concern: Concern
    area: CodeArea | None
    probability: float | None = None
    cell: int | None = None  # of a notebook; ``line`` is within it then
    name: str = ""  # what stands there: «tensorflow.Session»


@dataclass(frozen=True, slots=True)
class Coverage:
    """Files that were listed, sources that were read, those of them that were parsed (the others name no framework)."""

    files: int
    sources: int
    parsed: int
    lines: int
    parsed_lines: int
    unreadable: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class FrameworkUse:
    """How much of a framework there is. ``uses`` counts names of it in code, ``lines`` the lines with such a name."""

    files: int
    imports: int
    lazy: int  # imports inside a function
    conditional: int  # imports below ``if`` or ``try``
    uses: int
    lines: int
    in_tests: int  # of the uses
    versions: tuple[str, ...]  # as the lists of packages have it: «tensorflow==2.15.0 (requirements.txt)»
    major: str | None = None  # of Keras
    backend: str | None = None  # of Keras


@dataclass(frozen=True, slots=True)
class AreaUse:
    """How much of an area there is: files, and framework names in them by framework."""

    files: int
    uses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SourceUse:
    """A source that names a framework. ``uses``: names in it, by area («elsewhere» for none) and by framework.

    Here Keras inside TensorFlow (``tf.keras``) counts as Keras: what a move makes of it is Keras' matter.
    """

    file: str
    lines: int
    uses: Mapping[str, Mapping[FoundFramework, int]]
    sha256: str = ""  # of its bytes, so that a rehearsal finds it again; "" in a scan of before


@dataclass(frozen=True, slots=True)
class Dependency:
    """A package that a file asks for. ``specifier`` as PEP 440 has it, "" for any version."""

    name: str  # normalised
    specifier: str
    file: str
    line: int
    locked: bool = False
    cell: int | None = None  # of a notebook; ``line`` is within it then


@dataclass(frozen=True, slots=True)
class ModelArtefact:
    """A file that holds a model, known by its first bytes. ``modules``: what a pickle would import, never loaded."""

    file: str
    format: str
    size: int
    framework: FoundFramework | None
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileActivity:
    """Whether a file that names a framework is in use. ``uses``: names of frameworks in it.

    ``reached_by``: the file at which the way begins, by imports. ``last_commit``: ISO day, None where it isn't known.
    ``artefacts``: models' files of the tree whose names stand in it.
    """

    file: str
    areas: tuple[CodeArea, ...]
    uses: int
    reached_from: Reach
    reached_by: str
    last_commit: str | None
    artefacts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AreaActivity:
    """The same of an area: files by what reaches them, the share (0 to 1) of its uses that nothing reaches.

    ``proposed`` is what the scan would answer to «keep, drop or rewrite?», by ``reason``; the team answers. Rewriting
    is never proposed: no code says that it is wanted.
    """

    files: int
    reached_from: Mapping[Reach, int]
    unreached_share: float
    last_commit: str | None
    artefacts: int
    proposed: AreaFate
    reason: FateReason


@dataclass(frozen=True, slots=True)
class CodeActivity:
    """Is it alive? ``last_commit``: of the whole, None without a history.

    ``read_back_to``: where the history was read in part only, the day that was reached: files without a day were last
    changed on it or before, if they are tracked.
    """

    last_commit: str | None
    read_back_to: str | None
    areas: Mapping[CodeArea, AreaActivity]
    files: tuple[FileActivity, ...]


@dataclass(frozen=True, slots=True)
class ScanReport:
    """Everything, blind spots first."""

    blind_spots: tuple[BlindSpot, ...]
    coverage: Coverage
    primary: Primary
    frameworks: Mapping[FoundFramework, FrameworkUse]
    areas: Mapping[CodeArea, AreaUse]
    dependencies: tuple[Dependency, ...]
    artefacts: tuple[ModelArtefact, ...]
    activity: CodeActivity
    findings: tuple[CodeFinding, ...]
    sources: tuple[SourceUse, ...] = ()
