"""Conditions on answers, written as data: ``{stage: [scaling, maintenance], team.size: {min: 8}}``.

All lines of a condition must hold. A line is a key path of the answers file and one of: a value, a list of values (any
of them), ``{min: n}``, ``{max: n}`` or both. ``targets`` holds if any chosen target is listed, ``targets.only`` if
every chosen target is. An answer that was not given makes a line false: nothing is concluded from silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, cast, get_args

from pydantic import PlainValidator

from advisor.answers import (
    TARGET_IDS,
    Answers,
    CodeFramework,
    CodePlan,
    Constraints,
    Domain,
    Hardware,
    SkillName,
    Stage,
)

Value = str | int
Read = Callable[[Answers], Value | None]


def _choices(model: Any, field: str) -> tuple[str, ...]:
    literal = next(arg for arg in get_args(model.model_fields[field].annotation) if arg is not type(None))
    return tuple(get_args(literal))


#: What can be asked of the answers: key path -> how to read it, and its allowed values (None: a number).
PATHS: Final[Mapping[str, tuple[Read, tuple[str, ...] | None]]] = {
    "stage": (lambda a: a.stage, get_args(Stage)),
    "project.domain": (lambda a: a.project.domain, get_args(Domain)),
    "hardware.train": (lambda a: a.hardware.train, get_args(Hardware)),
    "hardware.serve": (lambda a: a.hardware.serve, get_args(Hardware)),
    "team.size": (lambda a: a.team.size, None),
    **{
        f"team.skills.{name}": (lambda a, name=name: a.team.skills.get(name), None)  # type: ignore[misc]
        for name in cast("tuple[SkillName, ...]", get_args(SkillName))
    },
    "code.framework": (lambda a: a.code.framework, get_args(CodeFramework)),
    "code.lines": (lambda a: a.code.lines, None),
    "code.plan": (lambda a: a.code.plan, get_args(CodePlan)),
    "constraints.python": (lambda a: a.constraints.python, _choices(Constraints, "python")),
    "constraints.os": (lambda a: a.constraints.os, _choices(Constraints, "os")),
}
_TARGETS: Final = ("targets", "targets.only")


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One line of a condition."""

    path: str
    values: frozenset[str] = frozenset()
    least: float | None = None
    most: float | None = None

    def holds(self, answers: Answers) -> bool:
        if self.path in _TARGETS:
            chosen = {target.id for target in answers.targets}
            return bool(chosen & self.values) if self.path == "targets" else bool(chosen) and chosen <= self.values
        value = PATHS[self.path][0](answers)
        if value is None:
            return False
        if isinstance(value, str):
            return value in self.values
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True)
class Condition:
    """Lines that must all hold; none at all always holds."""

    lines: tuple[ConditionLine, ...] = ()

    def holds(self, answers: Answers) -> bool:
        return all(line.holds(answers) for line in self.lines)


def condition(written: object) -> Condition:
    """What a file has under ``when``. Raises ValueError naming the key path, the value and what is allowed."""
    if written is None:
        return Condition()
    if not isinstance(written, dict):
        raise ValueError(f"a condition is a mapping of key paths, not {written!r}")
    return Condition(tuple(_line(str(path), value) for path, value in written.items()))


def _line(path: str, value: object) -> ConditionLine:
    if path not in PATHS and path not in _TARGETS:
        raise ValueError(f"no answer {path!r}; allowed: {', '.join([*PATHS, *_TARGETS])}")
    allowed = TARGET_IDS if path in _TARGETS else PATHS[path][1]
    if allowed is not None:
        values: list[Any] = value if isinstance(value, list) else [value]
        for item in values:
            if item not in allowed:
                raise ValueError(f"{path}: {item!r} is not an answer; allowed: {', '.join(allowed)}")
        return ConditionLine(path, frozenset(values))
    if not isinstance(value, dict) or not value or not set(value) <= {"min", "max"}:
        raise ValueError(f"{path}: a number is asked as {{min: n}}, {{max: n}} or both, not {value!r}")
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in value.values()):
        raise ValueError(f"{path}: min and max must be numbers, not {value!r}")
    return ConditionLine(path, least=value.get("min"), most=value.get("max"))


ALWAYS: Final = Condition()
#: A condition as a field of what ``data/`` holds.
When = Annotated[Condition, PlainValidator(condition)]
