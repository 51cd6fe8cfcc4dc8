"""The questions, the worked examples, and the answers file: read with care, written so that it reads back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import Field, ValidationError

from advisor.answers import TARGET_IDS, Answers
from advisor.knowledge import KnowledgeError, criterion_ids
from advisor.knowledge import load as knowledge
from advisor.knowledge.conditions import PATHS
from advisor.knowledge.reading import DATA, build, unique
from advisor.knowledge.reading import read as read_data
from advisor.questionnaire import members, overrides, priorities
from advisor.questionnaire import text as yaml_text
from advisor.questionnaire.errors import AnswersError, from_pydantic, without_blanks

__all__ = ["AnswersError", "Example", "Option", "Question", "dump", "examples", "load", "parse", "questions"]

QuestionKind = Literal["text", "choice", "number", "scale", "targets"]
_OTHERS: Final[Mapping[str, QuestionKind]] = {"project.name": "text", "targets": "targets"}


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be chosen."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``id`` is the key path of its answer; ``low`` and ``high`` bound a number or a scale."""

    id: str
    group: str
    title: str
    why: str
    kind: QuestionKind
    options: tuple[Option, ...] = ()
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example that fills the questionnaire."""

    id: str
    title: str
    summary: str
    answers: Answers


@dataclass(frozen=True, slots=True)
class _Written:
    id: str
    group: str
    title: str
    why: Annotated[str, Field(min_length=1)]
    kind: QuestionKind
    options: Mapping[str, str] = Field(default_factory=dict)
    low: int | None = None
    high: int | None = None


def parse(text: str, *, today: date | None = None) -> Answers:
    """The answers in a YAML text, none of them dated after ``today``.

    Raises AnswersError naming path, value and what is allowed.
    """
    return _validated(yaml_text.read(text), today)


def load(path: str | Path, *, today: date | None = None) -> Answers:
    """The answers in a file, none of them dated after ``today``.

    Raises AnswersError, also when the file can't be read or is too large to look at.
    """
    try:
        size = Path(path).stat().st_size
        if size > yaml_text.LARGEST:
            raise AnswersError("", f"{size:,} bytes", f"an answers file of at most {yaml_text.LARGEST:,} bytes")
        content = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise AnswersError(
            "", f"{path} can't be read ({error.strerror})", "a file that can be read", problem=""
        ) from error
    except UnicodeDecodeError as error:
        raise AnswersError(
            "", f"{path} is not UTF-8 at byte {error.start}", "a text file in UTF-8", problem=""
        ) from error
    return parse(content, today=today)


def dump(answers: Answers) -> str:
    """The answers as YAML that ``parse`` reads back to the same answers."""
    given = answers.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump({"schema": 1, **given}, sort_keys=False, allow_unicode=True, width=120)


def _validated(content: dict[str, Any], today: date | None = None) -> Answers:
    if "schema" not in content:
        raise AnswersError("schema", "missing", "1", problem="")
    try:
        answers = Answers.model_validate(without_blanks(content))
    except ValidationError as error:
        raise from_pydantic(error) from error
    if answers.team.members:
        answers = answers.model_copy(update={"team": members.completed(answers.team)})
    ids = criterion_ids(knowledge())
    priorities.check(answers.priorities, ids)
    for i, voice in enumerate(answers.voices):
        priorities.check(voice.priorities, ids, at=f"voices[{i}].priorities")
    overrides.check(answers.overrides, knowledge(), today)
    return answers


@cache
def questions() -> tuple[Question, ...]:
    """Every question, in the order of asking. Raises KnowledgeError when the file doesn't fit the answers."""
    entries = read_data(DATA, "questions.yaml").get("questions")
    found = tuple(_question(entry) for entry in build(list[_Written], entries, "questions.yaml: questions"))
    unique((question.id for question in found), "questions.yaml")
    if missing := {*PATHS, *_OTHERS} - {question.id for question in found}:
        raise KnowledgeError(f"questions.yaml: nobody asks for {sorted(missing)[0]!r}")
    return found


def _question(written: _Written) -> Question:
    where = f"questions.yaml: {written.id}"
    if written.id not in PATHS and written.id not in _OTHERS:
        raise KnowledgeError(f"{where}: the answers have no such key; allowed: {', '.join([*_OTHERS, *PATHS])}")
    choices = PATHS[written.id][1] if written.id in PATHS else None
    if (choices is not None) != (written.kind == "choice") or set(written.options) != set(choices or ()):
        raise KnowledgeError(f"{where}: options must be exactly {', '.join(choices or ()) or 'left out'}")
    options = tuple(Option(value, label) for value, label in written.options.items())
    low, high = written.low, written.high
    if written.kind == "targets":
        options = tuple(Option(target, knowledge().target_titles[target]) for target in TARGET_IDS)
    if written.kind == "scale":
        low, high = 0, 5
    return Question(written.id, written.group, written.title, written.why, written.kind, options, low, high)


@cache
def examples() -> tuple[Example, ...]:
    """The worked examples."""
    entries = build(list[dict[str, Any]], read_data(DATA, "examples.yaml").get("examples"), "examples.yaml: examples")
    found = tuple(_example(entry) for entry in entries)
    unique((example.id for example in found), "examples.yaml")
    return found


def _example(entry: dict[str, Any]) -> Example:
    where = f"examples.yaml: {entry.get('id', '?')}"
    if set(entry) != {"id", "title", "summary", "answers"}:
        raise KnowledgeError(f"{where}: needs exactly id, title, summary and answers")
    try:
        answers = _validated(build(dict[str, Any], entry["answers"], where))
    except AnswersError as error:
        raise KnowledgeError(f"{where}.answers.{error}") from error
    words = {key: build(str, entry[key], f"{where}.{key}") for key in ("id", "title", "summary")}
    return Example(answers=answers, **words)
