"""What differs between two sets of answers, answer by answer: so that of two changes at once none is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from advisor.answers import Answers
from advisor.knowledge.conditions import PATHS

#: A key of the answers file, or what names an entry of a list whose entries are answers of their own.
PathStep = str | tuple[str, ...]
AnswerPath = tuple[PathStep, ...]
#: Those lists, and the keys that name an entry.
_NAMED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "targets": ("id",),
    "voices": ("name",),
    "overrides": ("criterion", "framework"),
    "team.members": ("name",),
    "priorities.pairs": ("first", "second"),
}
#: Lists of plain choices, each of which is an answer of its own.
_SEVERAL: Final = frozenset(path for path, of in PATHS.items() if of.kind == "several")
#: Values that only make sense as a whole: entries of these lists, and what has these keys (two ends of one range).
_WHOLE_ENTRIES: Final = ("overrides", "priorities.pairs")
_WHOLE: Final = (frozenset({"target", "limit"}), frozenset({"low", "high"}))


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """One answer that is another now, as plain types; None where nothing is answered."""

    path: AnswerPath  # ("project", "name"), ("targets", ("android",), "importance")
    before: Any
    after: Any


def differences(before: Answers, after: Answers) -> tuple[AnswerChange, ...]:
    """Every answer that differs, in the order of the answers file.

    That a target, a person or one of several choices is there is an answer of its own, True.
    """
    old, new = dict(_leaves(_plain(before), ())), dict(_leaves(_plain(after), ()))
    paths = dict.fromkeys([*old, *new])
    return tuple(AnswerChange(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path))


def with_answer(answers: Answers, path: AnswerPath, value: Any) -> Answers:
    """The answers with another value at a path of ``differences``; None takes the answer back.

    Raises ``pydantic.ValidationError`` if the value isn't allowed there, and LookupError where the entry that it
    belongs to isn't there any more.
    """
    document = _plain(answers)
    place: Any = document
    for depth, step in enumerate(path[:-1]):
        if isinstance(step, tuple):
            place = next((entry for entry in place if _name(entry, path[:depth]) == step), None)
            if place is None:
                raise LookupError(f"{in_words(path[: depth + 1])} isn't there any more")
        else:
            place = place.setdefault(step, [] if isinstance(path[depth + 1], tuple) else {})
    last = path[-1]
    if isinstance(last, tuple):
        place[:] = [entry for entry in place if _name(entry, path[:-1]) != last]
        if value is not None and _list(path[:-1]) in _SEVERAL:
            place.extend(last)
        elif value is not None:
            rest = value if isinstance(value, dict) else {}
            place.append(dict(zip(_NAMED_BY[_list(path[:-1])], last, strict=True)) | rest)
    elif value is None:
        place.pop(last, None)
    else:
        place[last] = value
    return Answers.model_validate(document)


def in_words(path: AnswerPath) -> str:
    """``targets › android › importance``: for people, where no question has that title."""
    return " › ".join(" and ".join(step) if isinstance(step, tuple) else step.replace("_", " ") for step in path)


def _plain(answers: Answers) -> dict[str, Any]:
    return answers.model_dump(mode="json", by_alias=True, exclude_none=True)


def _leaves(value: Any, path: AnswerPath) -> Iterator[tuple[AnswerPath, Any]]:
    if isinstance(value, dict) and frozenset(value) not in _WHOLE:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list) and _list(path) in _SEVERAL:
        yield from (((*path, _name(entry, path)), True) for entry in value)
    elif isinstance(value, list) and _list(path) in _NAMED_BY:
        for entry in value:
            here = (*path, _name(entry, path))
            rest = {key: inner for key, inner in entry.items() if key not in _NAMED_BY[_list(path)]}
            yield here, rest if _list(path) in _WHOLE_ENTRIES else True
            if _list(path) not in _WHOLE_ENTRIES:
                yield from _leaves(rest, here)
    elif value not in ("", []):
        yield path, value


def _list(path: AnswerPath) -> str:
    """The list at a path, as ``_NAMED_BY`` calls it: each person's priorities are priorities."""
    return ".".join(step for step in path if isinstance(step, str)).removeprefix("voices.")


def _name(entry: Any, path: AnswerPath) -> tuple[str, ...]:
    if _list(path) in _SEVERAL:
        return (str(entry),)
    return tuple(str(entry[key]) for key in _NAMED_BY[_list(path)])
