"""One clear error for one wrong answer: its path, its value, and what is allowed."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from advisor.answers import Answers
from advisor.wording.plain import PlainText
from probes.system.plaintext import visible

#: Numbers have ranges; words carry their own lists. Where a key means several things, its parent stands before it.
_RANGES: Final[Mapping[str, str]] = {
    "schema": "1",
    "importance": "whole numbers from 1 to 5",
    "skills": "whole numbers from 0 to 5",
    "size": "whole numbers from 1 to 1,000",
    "lines": "whole numbers from 0 to 100,000,000",
    "target": "milliseconds above 0, up to 10,000,000",
    "limit": "milliseconds above target, up to 10,000,000",
    "latency_ms": "a limit above the target",
    "swings": "numbers from 0 to 100",
    "voices": "up to 50 people, each once",
    "targets": "a list of targets, each once",
    "method": "swings, ranking, ranges, pairs",
    "low": "a share from 0 to 100 per cent, not above high",
    "high": "a share from 0 to 100 per cent",
    "ranges": "criteria with low and high, in per cent of the decision",
    "pairs": "a list of first, second and ratio",
    "ratio": "numbers from 1/9 to 9",
    "ranking": "a list of criteria, each once",
    "criterion": "the id of a judged criterion",
    "level": "whole numbers from 1 to 5",
    "date": "a day, as 2026-11-23",
    "overrides": "a list of facts, one for each criterion and framework",
}
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
    """A value as it is quoted in an error: short, on one line, and visible."""
    return "nothing" if value is None else _one_line(repr(value), _LONGEST)


def from_pydantic(error: ValidationError) -> AnswersError:
    """The first thing that is wrong, in our words."""
    first = error.errors(include_url=False)[0]
    path: list[str | int] = [part for part in first["loc"] if part != "[key]"]
    if first["type"] == "extra_forbidden":
        return AnswersError(where(path), "unknown key", ", ".join(_keys(path[:-1])), problem="")
    if first["type"] == "plain_text":
        problem = f" {first['ctx']['problem']}"
        return AnswersError(where(path), shown(first["input"]), first["ctx"]["allowed"], problem=problem)
    expected = first.get("ctx", {}).get("expected")
    if expected is not None:
        return AnswersError(where(path), shown(first["input"]), _words(str(expected)))
    if first["type"] == "missing":
        return AnswersError(where(path), "missing", _range(path, first["msg"]), problem="")
    if first["type"] == "value_error":
        cause = first["msg"].removeprefix("Value error, ")
        return AnswersError(where(path), shown(first["input"]), f"{_range(path, cause)} ({cause})")
    return AnswersError(where(path), shown(first["input"]), _range(path, first["msg"]))


def _words(expected: str) -> str:
    """pydantic's ``'a', 'b' or 'c'`` as ``a, b, c``."""
    return expected.replace(" or ", ", ").replace("'", "")


def _range(path: Sequence[str | int], message: str) -> str:
    model = _model(path)
    if model is not None and path and isinstance(path[-1], int):
        return f"a mapping with {', '.join(_keys(path))}"
    keys = [part for part in path if isinstance(part, str)]
    parent = _model(path[:-1])
    field = parent.model_fields.get(keys[-1]) if parent is not None and keys and keys[-1] not in _RANGES else None
    if plain := next((kind for kind in (field.metadata if field else ()) if isinstance(kind, PlainText)), None):
        return plain.allowed
    if "swings" in keys:  # below swings, criteria are named, not answers
        keys = keys[: keys.index("swings") + 1]
    for end in range(len(keys), 0, -1):
        if found := _RANGES.get(".".join(keys[end - 2 : end])) or _RANGES.get(keys[end - 1]):
            return found
    return f"a mapping with {', '.join(_keys(path))}" if model is not None else message


def without_blanks(content: Any, path: tuple[str | int, ...] = ()) -> Any:
    """A key that is known and stands there without a value (``stage:``) is an answer that was not given."""
    if isinstance(content, list):
        return [without_blanks(item, (*path, i)) for i, item in enumerate(content)]
    if not isinstance(content, dict):
        return content
    optional = set(_keys(path)) - {"schema"}
    return {
        key: without_blanks(value, (*path, key))
        for key, value in content.items()
        if value is not None or key not in optional
    }


def _keys(path: Sequence[str | int]) -> list[str]:
    model = _model(path)
    if model is None:
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _model(path: Sequence[str | int]) -> type[BaseModel] | None:
    """The part of the answers that stands at ``path``."""
    model: type[BaseModel] | None = Answers
    for part in path:
        if isinstance(part, int) or model is None:
            continue
        field = model.model_fields.get(part)
        model = _first_model(field.annotation) if field is not None else None
    return model


def _first_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (tuple, list, Union, types.UnionType):
        return next((found for arg in get_args(annotation) if (found := _first_model(arg)) is not None), None)
    return None
