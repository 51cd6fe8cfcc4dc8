"""The questions, the worked examples, and the answers file: read with care, written so that it reads back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

import yaml
from pydantic import PlainValidator, ValidationError, field_validator, model_validator

from advisor.answers import TARGET_IDS, Answers
from advisor.knowledge import criterion_ids
from advisor.knowledge import load as knowledge
from advisor.knowledge.conditions import PATHS
from advisor.questionnaire import members, overrides, priorities
from advisor.questionnaire import text as yaml_text
from advisor.questionnaire.errors import AnswersError, from_pydantic, without_blanks
from probes.system.data_files import DataFile, Once, Text

__all__ = ["AnswersError", "Example", "Question", "dump", "examples", "load", "parse", "questions"]

QuestionKind = Literal["text", "choice", "number", "scale", "targets"]
_OTHERS: Final[Mapping[str, QuestionKind]] = {"project.name": "text", "targets": "targets"}


def parse(text: str, *, today: date | None = None) -> Answers:
    """The answers in a YAML text, none of them dated after ``today``.

    Raises AnswersError naming path, value and what is allowed.
    """
    return _validated(yaml_text.read(text), today)


def load(path: str | Path, *, today: date | None = None) -> Answers:
    """The answers in a file, «-» being standard input, none of them dated after ``today``.

    Raises AnswersError, also when the file can't be read or is too large to look at.
    """
    return parse(yaml_text.of_file(path), today=today)


def dump(answers: Answers) -> str:
    """The answers as YAML that ``parse`` reads back to the same answers."""
    given = answers.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump({"schema": 1, **given}, sort_keys=False, allow_unicode=True, width=120)


def _validated(content: Any, today: date | None = None) -> Answers:
    if not isinstance(content, dict) or "schema" not in content:
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


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``id`` is the key path of its answer; ``low`` and ``high`` bound a number or a scale."""

    id: str
    group: str
    title: str
    why: Text
    kind: QuestionKind
    options: Mapping[str, str] = field(default_factory=dict)  # value -> label
    low: int | None = None
    high: int | None = None

    @model_validator(mode="after")
    def _fits_the_answers(self) -> Question:
        if self.id not in PATHS and self.id not in _OTHERS:
            raise ValueError(f"the answers have no such key; allowed: {', '.join([*_OTHERS, *PATHS])}")
        choices = PATHS[self.id][1] if self.id in PATHS else None
        if (choices is not None) != (self.kind == "choice") or set(self.options) != set(choices or ()):
            raise ValueError(f"options must be exactly {', '.join(choices or ()) or 'left out'}")
        return replace(self, low=0, high=5) if self.kind == "scale" else self


class _Questions(DataFile):
    file: ClassVar[str] = "questions.yaml"
    questions: Once[Question]

    @field_validator("questions")
    @classmethod
    def _all_asked(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        if missing := {*PATHS, *_OTHERS} - {question.id for question in questions}:
            raise ValueError(f"nobody asks for {sorted(missing)[0]!r}")
        return questions


@cache
def questions() -> tuple[Question, ...]:
    """Every question, in the order of asking. Raises DataError when the file doesn't fit the answers."""
    titles: dict[str, str] = {target: knowledge().target_titles[target] for target in TARGET_IDS}
    return tuple(
        replace(question, options=titles) if question.kind == "targets" else question
        for question in _Questions.read().questions
    )


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example that fills the questionnaire."""

    id: str
    title: str
    summary: str
    answers: Annotated[Answers, PlainValidator(_validated)]


class _Examples(DataFile):
    file: ClassVar[str] = "examples.yaml"
    examples: Once[Example]


@cache
def examples() -> tuple[Example, ...]:
    """The worked examples. Raises DataError naming file, path and value."""
    return _Examples.read().examples
