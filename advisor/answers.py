"""What a team says: the answers file as strict types. Nothing in here decides anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from advisor.older_answers import migrated
from advisor.wording.plain import STORED, PlainText
from probes.schema import Framework

Domain = Literal[
    "vision", "language", "tabular", "recommendation", "audio", "time-series",
    "reinforcement-learning", "generative", "scientific", "medical-imaging", "graphs", "robotics", "forecasting",
    "weather", "quantum", "other",
]  # fmt: skip
Stage = Literal["exploring", "prototype", "first-production", "scaling", "maintenance"]
TargetId = Literal[
    "server_rest_grpc", "server_batch", "edge_linux", "android", "ios", "browser", "microcontroller",
    "desktop_cpp", "embedded_gpu_jetson", "coral", "hailo", "rockchip", "core_ml", "tpu", "serverless", "spark",
    "bigquery", "llm_serving", "llm_device", "library",
]  # fmt: skip
Hardware = Literal["cpu", "nvidia", "amd", "intel", "apple", "tpu", "trainium", "ascend"]
#: Of NVIDIA GPUs: Blackwell and newer; Ampere to Hopper; Turing; Volta, Pascal and older.
NvidiaGeneration = Literal["blackwell", "ampere", "turing", "volta"]
Host = Literal["x86", "arm"]
System = Literal["linux", "macos", "windows", "windows-arm"]
PythonVersion = Literal["3.10", "3.11", "3.12", "3.13", "3.14"]
#: Devices are renewed less often than workstations.
DevicePython = Literal["3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"]
Language = Literal[
    "python", "jvm", "dotnet", "nodejs", "go", "rust", "cpp", "unity", "unreal", "flutter", "react-native", "ros2",
]  # fmt: skip
Platform = Literal["sagemaker", "vertex", "azure-ml", "triton", "kserve", "databricks"]
Microcontroller = Literal["cortex-m", "esp32", "riscv", "other"]
#: ``keras``: in which version wasn't said; ``mixed``: parts in both; ``both``: two complete backends.
CodeFramework = Literal[
    "none", "pytorch", "tensorflow1", "tensorflow2", "keras", "keras2", "keras3", "jax", "javascript", "mixed", "both",
]  # fmt: skip
CodePlan = Literal["keep", "rewrite", "undecided"]
CodeUse = Literal["training", "inference"]
#: The areas of a scan, and what belongs to none of them.
CodePart = Literal[
    "model", "training_loop", "data_pipeline", "losses_metrics", "export", "serving", "distributed", "tests",
    "elsewhere",
]  # fmt: skip
#: What becomes of a part: brought along as it is, given up, or brought along in another design.
PartFate = Literal["keep", "drop", "rewrite"]
Checkpoint = Literal["none", "pytorch", "tensorflow", "keras", "jax", "onnx"]
Skill = Annotated[int, Field(strict=True, ge=0, le=5)]
SkillName = Literal["pytorch", "tensorflow", "jax", "cpp", "javascript"]
Swing = Annotated[float, Field(strict=True, ge=0, le=100)]
Method = Literal["swings", "ranking", "ranges", "pairs"]
Confidence = Literal["high", "medium", "low"]
PersonName = Annotated[str, PlainText(80, shortest=1)]
CriterionId = Annotated[str, PlainText(60, shortest=1)]  # which ids there are, only the knowledge knows
YesNo = Annotated[bool, Field(strict=True, description="true or false")]
Item = TypeVar("Item")


def _each_once(values: tuple[Item, ...]) -> tuple[Item, ...]:
    if twice := sorted({str(value) for value in values if values.count(value) > 1}):
        raise ValueError(f"named twice: {', '.join(twice)}")
    return values


#: Several choices; none at all is an answer that was not given.
Several = Annotated[tuple[Item, ...], AfterValidator(_each_once)]


def _written_out(day: object) -> object:
    """pydantic would take a number for seconds since 1970."""
    if isinstance(day, date) or (isinstance(day, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", day)):
        return day
    raise ValueError("year, month and day")


Day = Annotated[date, BeforeValidator(_written_out), Field(description="a day, as 2026-11-23")]

TARGET_IDS: tuple[TargetId, ...] = get_args(TargetId)


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Project(_Answer):
    """What is being built."""

    name: Annotated[str, PlainText(120)] = ""
    domain: Domain | None = None
    #: Weights of the largest network.
    parameters: Annotated[int, Field(strict=True, ge=1, le=10**14)] | None = None
    #: Training data, in 10⁹ bytes.
    data_gb: Annotated[float, Field(strict=True, ge=0, le=1e9)] | None = None
    #: Accelerators that train at once.
    devices: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = None


class Latency(_Answer):
    """Milliseconds: reaching ``target`` is full value, ``limit`` and beyond is none."""

    target: Annotated[float, Field(strict=True, gt=0, le=1e7, description="milliseconds")]
    limit: Annotated[float, Field(strict=True, gt=0, le=1e7, description="milliseconds")]

    @model_validator(mode="after")
    def _ordered(self) -> Latency:
        if self.limit <= self.target:
            raise ValueError("limit must be above target")
        return self


class Target(_Answer):
    """A place where the trained model must run."""

    id: TargetId
    importance: Annotated[int, Field(strict=True, ge=1, le=5)] = 3
    latency_ms: Latency | None = None


class HardwareUse(_Answer):
    """Where training and serving happen."""

    train: Several[Hardware] = ()
    serve: Several[Hardware] = ()
    nvidia: Several[NvidiaGeneration] = ()
    #: The processor beside the NVIDIA GPU.
    host: Host | None = None


class Member(_Answer):
    """One person's levels, 0 to 5; none where nobody knows."""

    name: PersonName
    pytorch: Skill | None = None
    tensorflow: Skill | None = None


class Team(_Answer):
    """Who does the work; skills from 0 (none) to 5 (expert)."""

    size: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = None
    skills: Mapping[SkillName, Skill] = Field(default_factory=dict)
    #: Whose spread widens the levels.
    members: tuple[Member, ...] = Field((), max_length=1000, description="members")


class Code(_Answer):
    """What exists already."""

    framework: CodeFramework | None = None
    lines: Annotated[int, Field(strict=True, ge=0, le=100_000_000)] | None = None
    plan: CodePlan | None = None
    use: CodeUse | None = None


class Constraints(_Answer):
    """What can't move: versions and systems, all of which are needed, and rules of the place."""

    python: Several[PythonVersion] = ()
    device_python: DevicePython | None = None
    os: Several[System] = ()
    #: Whether WSL2 is allowed on Windows.
    wsl: YesNo | None = None
    #: Whether the machines that train or serve reach no network.
    offline: YesNo | None = None
    #: Whether every change of the system has to be validated, as in medicine or aviation.
    validated: YesNo | None = None


class Product(_Answer):
    """What the model becomes a part of."""

    #: Of the programs that call the model.
    language: Several[Language] = ()
    #: Platforms that are given.
    platform: Several[Platform] = ()
    microcontroller: Microcontroller | None = None


class Binds(_Answer):
    """What else ties the project."""

    #: A checkpoint or model file that has to be used.
    checkpoint: Checkpoint | None = None
    #: In the team's own words.
    notes: Annotated[str, PlainText(300)] = ""


class ShareRange(_Answer):
    """Between which shares of the whole decision a criterion's weight lies, in per cent."""

    low: Annotated[float, Field(strict=True, ge=0, le=100, description="shares in per cent")]
    high: Annotated[float, Field(strict=True, ge=0, le=100, description="shares in per cent")]

    @model_validator(mode="after")
    def _in_order(self) -> ShareRange:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self


class PairJudgement(_Answer):
    """``first`` matters ``ratio`` times as much as ``second``: 1/9 to 9, Saaty's scale."""

    first: CriterionId
    second: CriterionId
    ratio: Annotated[float, Field(strict=True, ge=1 / 9 - 1e-9, le=9)]


class Priorities(_Answer):
    """What matters, said directly, in one of four ways. Ids of ``data/criteria.yaml``.

    ``method`` names the way that counts; the others are kept for whoever comes back to them. Without it swings that
    were said count, and else the ranking.
    """

    method: Method | None = None
    ranking: tuple[CriterionId, ...] = Field((), description="a list of criteria, each once")
    swings: Mapping[CriterionId, Swing] = Field(default_factory=dict)  # 0 to 100
    ranges: Mapping[CriterionId, ShareRange] = Field(
        default_factory=dict, description="criteria with low and high, in per cent of the decision"
    )
    pairs: tuple[PairJudgement, ...] = ()  # every pair of the compared criteria once

    @property
    def counted(self) -> Priorities:
        """Only what counts."""
        if self.method is None:
            return Priorities(ranking=self.ranking, swings=self.swings)
        return Priorities.model_validate({"method": self.method, self.method: getattr(self, self.method)})

    @property
    def compared(self) -> tuple[str, ...]:
        """The criteria in ``pairs``, in order of appearance."""
        return tuple(dict.fromkeys(name for pair in self.pairs for name in (pair.first, pair.second)))


class Voice(_Answer):
    """One person's own weights; what is not said has its starting point."""

    name: PersonName
    priorities: Priorities = Priorities()


class Override(_Answer):
    """What the team knows better than the facts, for this decision alone: a side's level on one judged criterion."""

    criterion: CriterionId = Field(description="the id of a judged criterion")
    framework: Framework
    level: Annotated[int, Field(strict=True, ge=1, le=5)]  # of the criterion's five written anchors, 1 the worst
    confidence: Confidence = "medium"
    statement: Annotated[str, PlainText(500, shortest=1)]
    author: Annotated[str, PlainText(120, shortest=1)]
    date: Day

    @property
    def key(self) -> str:
        """What it replaces; no other override of the same answers has it."""
        return f"overrides.{self.criterion}.{self.framework}"


class Answers(_Answer):
    """The answers file. Everything but ``schema`` may be left out: not given means not known."""

    schema_: Literal[2] = Field(default=2, alias="schema")
    project: Project = Project()
    stage: Stage | None = None
    targets: tuple[Target, ...] = Field((), description="a list of targets, each once")
    hardware: HardwareUse = HardwareUse()
    team: Team = Team()
    code: Code = Code()
    #: What becomes of parts of the code, as far as that was said; it counts where the code was scanned.
    code_parts: Mapping[CodePart, PartFate] = Field(default_factory=dict)
    constraints: Constraints = Constraints()
    product: Product = Product()
    binds: Binds = Binds()
    priorities: Priorities = Priorities()
    #: If there are any, they count, each alike.
    voices: tuple[Voice, ...] = Field((), max_length=50, description="people, each once")
    overrides: tuple[Override, ...] = Field((), description="a list of facts, one for each criterion and framework")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is said, but for what the project is called."""
        return self.model_copy(update={"project": self.project.model_copy(update={"name": ""})}) == Answers()

    @model_validator(mode="before")
    @classmethod
    def _todays_schema(cls, document: Any) -> Any:
        """Files and stored decisions of an older schema are answers too."""
        return migrated(document) if isinstance(document, Mapping) else document

    @field_validator("targets")
    @classmethod
    def _targets_once(cls, targets: tuple[Target, ...]) -> tuple[Target, ...]:
        ids = [t.id for t in targets]
        if twice := {i for i in ids if ids.count(i) > 1}:
            raise ValueError(f"named twice: {', '.join(sorted(twice))}")
        return targets

    @field_validator("voices")
    @classmethod
    def _voices_once(cls, voices: tuple[Voice, ...], info: ValidationInfo) -> tuple[Voice, ...]:
        names = [voice.name for voice in voices]
        if info.context == STORED:  # names that only hidden characters told apart
            return tuple(
                voice.model_copy(update={"name": f"{voice.name[:74]} ({i})"}) if voice.name in names[: i - 1] else voice
                for i, voice in enumerate(voices, start=1)
            )
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"named twice: {', '.join(sorted(twice))}")
        return voices

    @field_validator("overrides")
    @classmethod
    def _levels_once(cls, overrides: tuple[Override, ...]) -> tuple[Override, ...]:
        keys = [override.key for override in overrides]
        if twice := {key for key in keys if keys.count(key) > 1}:
            raise ValueError(f"set twice: {', '.join(sorted(twice))}")
        return overrides
