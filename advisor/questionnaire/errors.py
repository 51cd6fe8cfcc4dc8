"""One clear error for one wrong answer: its path, its value, and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from advisor.answers import Answers
from advisor.wording.plain import PlainText
from probes.system.mistakes import declared, fields
from probes.system.plaintext import visible

_LONGEST: Final = 60


class AnswersError(ValueError):
    """An answer that can't be taken. ``path`` is the key path, "" for the whole file."""

    def __init__(self, path: str, value: object, allowed: str, problem: str = " is not allowed") -> None:
        self.path, self.value, self.allowed, self.problem = path, value, allowed, problem
        self.said = f"{_one_line(str(value))}{problem}; allowed: {allowed}"  # without the place, for who names it else
        super().__init__(f"{_one_line(path) if path else 'The answers file'}: {self.said}")


def _one_line(text: str, longest: int = 120) -> str:
    """Keys and values are other people's text: on one line, visible, and not longer than needed to find them."""
    text = visible(" ".join(text.split()))
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def where(path: Sequence[str | int]) -> str:
    """``("targets", 0, "id")`` -> ``targets[0].id``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def shown(value: object) -> str:
    """A value as it is quoted in an error: short, on one line, visible, and as a file has it rather than Python."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return _one_line(f"a mapping with {', '.join(map(str, value))}" if value else "an empty mapping", _LONGEST)
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    return _one_line(repr(value), _LONGEST)


def from_pydantic(error: ValidationError, kind: type[BaseModel] = Answers) -> AnswersError:
    """The first thing that is wrong with what was to be a ``kind``, in our words."""
    first = error.errors(include_url=False)[0]
    path: list[str | int] = [part for part in first["loc"] if part != "[key]"]
    if first["type"] == "extra_forbidden":
        return AnswersError(where(path), "unknown key", ", ".join(fields(kind, path[:-1])), problem="")
    if first["type"] == "plain_text":
        problem = f" {first['ctx']['problem']}"
        return AnswersError(where(path), shown(first["input"]), first["ctx"]["allowed"], problem=problem)
    expected = first.get("ctx", {}).get("expected")
    if expected is not None:  # pydantic's «'a', 'b' or 'c'»
        return AnswersError(where(path), shown(first["input"]), expected.replace(" or ", ", ").replace("'", ""))
    field = declared(kind, path)
    allowed = (field and _allowed(field)) or first["msg"]
    if first["type"] == "missing":
        return AnswersError(where(path), "missing", allowed, problem="")
    if first["type"] == "value_error":
        allowed = f"{allowed} ({first['ctx']['error']})"
    return AnswersError(where(path), shown(first["input"]), allowed)


def _allowed(field: FieldInfo) -> str:
    """What a field takes: its description and bounds, or else what its type says; "" if that is nothing."""
    kind, about, arguments = field.annotation, field.description, get_args(field.annotation)
    if NoneType in arguments:
        return about or _allowed(FieldInfo.from_annotation(arguments[0]))
    if plain := next((rule for rule in field.metadata if isinstance(rule, PlainText)), None):
        return about or plain.allowed
    names = ("gt", "ge", "le", "max_length")
    bounds = {name: _number(getattr(rule, name)) for rule in field.metadata for name in names if hasattr(rule, name)}
    if "le" in bounds:
        start = f"above {bounds['gt']}, up" if "gt" in bounds else f"from {bounds['ge']}"
        return f"{about or ('whole numbers' if kind is int else 'numbers')} {start} to {bounds['le']}"
    if about:
        return f"up to {bounds['max_length']} {about}" if "max_length" in bounds else about
    if get_origin(kind) is Literal:
        return ", ".join(map(str, arguments))
    if keys := fields(kind, ()):
        return f"a mapping with {', '.join(keys)}"
    if get_origin(kind) is tuple:
        return f"a list, each {_allowed(FieldInfo.from_annotation(arguments[0]))}"
    return _allowed(FieldInfo.from_annotation(arguments[1])) if arguments else ""


def _number(bound: float) -> str:
    whole = Fraction(bound).limit_denominator(1000)  # Saaty's 1/9
    return f"{whole.numerator:,}" if whole.denominator == 1 else str(whole)


def without_blanks(content: Any, path: tuple[str | int, ...] = ()) -> Any:
    """A key that is known and stands there without a value (``stage:``) is an answer that was not given."""
    if isinstance(content, list):
        return [without_blanks(item, (*path, i)) for i, item in enumerate(content)]
    if not isinstance(content, dict):
        return content
    optional = set(fields(Answers, path)) - {"schema"}
    return {
        key: without_blanks(value, (*path, key))
        for key, value in content.items()
        if value is not None or key not in optional
    }
