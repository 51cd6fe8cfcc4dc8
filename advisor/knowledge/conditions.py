"""Conditions on answers, written as data: ``{stage: [scaling, maintenance], team.size: {min: 8}}``.

All lines of a condition must hold. A line is a key path of the answers file and one of: a value, a list of values (any
of them), ``{min: n}``, ``{max: n}`` or both. Where several answers can be given, as for ``targets`` or
``hardware.train``, a line holds if any of them is listed, and ``hardware.train.only`` if every one is. An answer that
was not given makes a line false: nothing is concluded from silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, PlainValidator

from advisor.answers import TARGET_IDS, Answers, Target

Value = str | bool | int | float | tuple[str, ...]
Read = Callable[[Answers], Value | None]
AnswerKind = Literal["choice", "several", "yes-no", "number"]


class Askable(NamedTuple):
    """What can be asked of the answers at one key path."""

    read: Read
    choices: tuple[str, ...] | None  # None for a number and for yes or no
    kind: AnswerKind
    whole: bool = False  # a number without decimals

    @property
    def options(self) -> tuple[str | bool, ...]:
        """The answers that there are to choose from; of numbers none."""
        return (True, False) if self.kind == "yes-no" else self.choices or ()


def _shape(annotation: Any) -> tuple[AnswerKind, tuple[str, ...] | None, bool] | None:
    """What kind of answer a type is, None for text and for lists of what has parts of its own."""
    origin, inner = get_origin(annotation), [part for part in get_args(annotation) if part is not NoneType]
    if origin in (Annotated, Union, UnionType):
        return _shape(inner[0])
    if origin is Literal:
        return "choice", tuple(inner), False
    if origin is tuple:
        of = _shape(inner[0])
        return ("several", of[1], False) if of and of[0] == "choice" else None
    if annotation is bool:
        return "yes-no", None, False
    return ("number", None, annotation is int) if annotation in (int, float) else None


def _given(field: Callable[[Answers], Any], answers: Answers) -> Any:
    """The value of a field; None where nothing is answered."""
    value = field(answers)
    return None if value == () else value


def _named(field: Callable[[Answers], Any], name: str, answers: Answers) -> Any:
    """The value in a mapping that has the allowed names for keys."""
    return field(answers).get(name)


def _paths(annotation: Any, at: str) -> Iterator[tuple[str, Askable]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from _paths(field.annotation, f"{at}.{name}")
    elif get_origin(annotation) is Mapping:
        names, of = get_args(annotation)
        kind, choices, whole = _shape(of) or ("number", None, True)
        for name in get_args(names):
            yield f"{at}.{name}", Askable(partial(_named, attrgetter(at), name), choices, kind, whole)
    elif shape := _shape(annotation):
        kind, choices, whole = shape
        yield at, Askable(partial(_given, attrgetter(at)), choices, kind, whole)


#: The parts of the answers that can be asked for; the others weigh, speak for somebody or are no plain answers.
_PARTS: Final = ("project", "stage", "hardware", "team", "code", "constraints", "product", "binds")
#: What can be asked of the answers, by key path.
PATHS: Final[Mapping[str, Askable]] = {
    path: found for part in _PARTS for path, found in _paths(Answers.model_fields[part].annotation, part)
}
TARGETS: Final = "targets"
#: Those of them at which several answers can be given at once.
SEVERAL: Final = tuple(path for path, of in PATHS.items() if of.kind == "several")
_ONLY: Final = ".only"
_ALLOWED: Final = (
    *PATHS,
    TARGETS,
    *(f"{path}{_ONLY}" for path in (TARGETS, *SEVERAL)),
)


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One line of a condition."""

    asks: str  # the key path of the answer that it looks at
    values: frozenset[str | bool] = frozenset()
    only: bool = False  # where several answers can be given: every one is to be among ``values``, else any
    least: float | None = None
    most: float | None = None

    def holds(self, answers: Answers) -> bool:
        value = tuple(target.id for target in answers.targets) if self.asks == TARGETS else _value(self.asks, answers)
        if isinstance(value, tuple):
            chosen = frozenset(value)
            return bool(chosen) and (chosen <= self.values if self.only else bool(chosen & self.values))
        if value is None or isinstance(value, str | bool):
            return value in self.values
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


def answered(answers: Answers, path: str, option: str | bool | int) -> Answers:
    """The answers with one more given, as the only one where several can be."""
    if path == TARGETS:
        return answers.model_copy(update={TARGETS: (Target.model_validate({"id": option}),)})
    given: Any = (option,) if PATHS[path].kind == "several" else option
    first, _, rest = path.partition(".")
    if not rest:
        return answers.model_copy(update={first: given})
    part: Any = getattr(answers, first)
    name, _, key = rest.partition(".")
    value: Any = {**getattr(part, name), key: given} if key else given
    return answers.model_copy(update={first: part.model_copy(update={name: value})})


def each_by_itself(answers: Answers, paths: Iterable[str]) -> tuple[Answers, ...]:
    """The answers with one alone of what is given at each of ``paths``, for every choice of one at each."""
    found: tuple[Answers, ...] = (answers,)
    for path in paths:
        given = _value(path, answers)
        if isinstance(given, tuple) and len(given) > 1:
            found = tuple(answered(one, path, option) for one in found for option in given)
    return found


def _value(path: str, answers: Answers) -> Value | None:
    return PATHS[path].read(answers)


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


def any_of(written: object) -> tuple[Condition, ...]:
    """One condition, or a list of conditions of which one has to hold. Raises ValueError as ``condition``."""
    return tuple(map(condition, written if isinstance(written, list) else [written]))


def _line(path: str, value: object) -> ConditionLine:
    if path not in _ALLOWED:
        raise ValueError(f"no answer {path!r}; allowed: {', '.join(_ALLOWED)}")
    asks = path.removesuffix(_ONLY)
    kind = "several" if asks == TARGETS else PATHS[asks].kind
    if kind != "number":
        allowed: tuple[str | bool, ...] = (True, False) if kind == "yes-no" else _choices(asks)
        values: list[Any] = value if isinstance(value, list) else [value]
        for item in values:
            if item not in allowed or isinstance(item, bool) != (kind == "yes-no"):
                named = "true, false" if kind == "yes-no" else ", ".join(_choices(asks))
                raise ValueError(f"{path}: {item!r} is not an answer; allowed: {named}")
        return ConditionLine(asks, frozenset(values), path.endswith(_ONLY))
    if not isinstance(value, dict) or not value or not set(value) <= {"min", "max"}:
        raise ValueError(f"{path}: a number is asked as {{min: n}}, {{max: n}} or both, not {value!r}")
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in value.values()):
        raise ValueError(f"{path}: min and max must be numbers, not {value!r}")
    return ConditionLine(asks, least=value.get("min"), most=value.get("max"))


def _choices(path: str) -> tuple[str, ...]:
    return TARGET_IDS if path == TARGETS else PATHS[path].choices or ()


ALWAYS: Final = Condition()
#: A condition as a field of what ``data/`` holds.
When = Annotated[Condition, PlainValidator(condition)]
#: Conditions of which one has to hold.
AnyOf = Annotated[tuple[Condition, ...], PlainValidator(any_of)]
