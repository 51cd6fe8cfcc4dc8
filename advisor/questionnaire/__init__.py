"""The questions, the worked examples, and the answers file: read with care, written so that it reads back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

import yaml
from pydantic import PlainValidator, ValidationError, field_validator, model_validator

from advisor.answers import TARGET_IDS, Answers
from advisor.knowledge import criterion_ids
from advisor.knowledge import load as knowledge
from advisor.knowledge.conditions import PATHS, TARGETS, AnyOf
from advisor.older_answers import SCHEMAS
from advisor.questionnaire import members, overrides, priorities
from advisor.questionnaire import text as yaml_text
from advisor.questionnaire.errors import AnswersError, from_pydantic, shown, without_blanks
from probes.system.data_files import DataFile, Once, Text

__all__ = ["AnswersError", "Example", "Question", "asked", "dump", "examples", "load", "parse", "questions"]

QuestionKind = Literal["text", "notes", "choice", "several", "yes-no", "number", "scale", "targets"]
_OTHERS: Final[Mapping[str, QuestionKind]] = {"project.name": "text", TARGETS: "targets", "binds.notes": "notes"}


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
    return yaml.safe_dump({"schema": SCHEMAS[-1], **given}, sort_keys=False, allow_unicode=True, width=120)


def _validated(content: Any, today: date | None = None) -> Answers:
    schemas = ", ".join(map(str, SCHEMAS))
    if not isinstance(content, dict) or "schema" not in content:
        raise AnswersError("schema", "missing", schemas, problem="")
    if (schema := content["schema"]) not in SCHEMAS or type(schema) is not int:
        raise AnswersError("schema", shown(schema), schemas)
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
    """One question. ``id`` is the key path of its answer; ``low`` and ``high`` bound a number or a scale.

    ``opens``: conditions of which one has to hold before it is asked, none for always. ``more``: options that stand
    behind the others, because few need them. ``otherwise``: the end of «What if …?», where it can be turned round.
    """

    id: str
    group: str
    title: str
    why: Text
    kind: QuestionKind
    options: Mapping[str, str] = field(default_factory=dict)  # value -> label
    low: int | None = None
    high: int | None = None
    opens: AnyOf = ()
    more: tuple[str, ...] = ()
    otherwise: str = ""

    @model_validator(mode="after")
    def _fits_the_answers(self) -> Question:
        if self.id not in PATHS and self.id not in _OTHERS:
            raise ValueError(f"the answers have no such key; allowed: {', '.join([*_OTHERS, *PATHS])}")
        kinds = {"number", "scale"} if _kind(self.id) == "number" else {_kind(self.id)}
        if self.kind not in kinds:
            raise ValueError(f"kind: {self.kind!r} doesn't fit the answer; allowed: {', '.join(sorted(kinds))}")
        choices = PATHS[self.id].choices if self.id in PATHS else None
        if set(self.options) != set(choices or ()):
            raise ValueError(f"options must be exactly {', '.join(choices or ()) or 'left out'}")
        if unknown := set(self.more) - set(choices or (TARGET_IDS if self.kind == "targets" else ())):
            raise ValueError(f"more: {sorted(unknown)[0]!r} is none of the options")
        if self.otherwise and self.kind not in ("choice", "several", "targets"):
            raise ValueError("otherwise: only where there are options to choose from")
        return replace(self, low=0, high=5) if self.kind == "scale" else self

    def is_asked(self, answers: Answers) -> bool:
        """Whether it matters by now. An answer that was given stays in sight whatever opened it."""
        return not self.opens or any(when.holds(answers) for when in self.opens) or self.is_answered(answers)

    def is_answered(self, answers: Answers) -> bool:
        """Whether anything was answered."""
        if self.id in PATHS:
            return PATHS[self.id].read(answers) is not None
        return bool(attrgetter(self.id)(answers))

    def chosen(self, answers: Answers) -> tuple[str, ...]:
        """The options that are answered; none where it has no options to choose from."""
        if self.kind == "targets":
            return tuple(target.id for target in answers.targets)
        value = PATHS[self.id].read(answers) if self.id in PATHS else None
        return value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()


def _kind(path: str) -> str:
    return _OTHERS[path] if path in _OTHERS else PATHS[path].kind


class _Questions(DataFile):
    file: ClassVar[str] = "questions.yaml"
    questions: Once[Question]

    @field_validator("questions")
    @classmethod
    def _all_asked(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        if missing := {*PATHS, *_OTHERS} - {question.id for question in questions}:
            raise ValueError(f"nobody asks for {sorted(missing)[0]!r}")
        return questions

    @field_validator("questions")
    @classmethod
    def _opened_by_earlier_ones(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        """Nobody looks back up the page for a question that has opened meanwhile: one way to open it lies above."""
        before: set[str] = set()
        for question in questions:
            later = [{line.asks for line in when.lines} - before for when in question.opens]
            if later and all(later):
                raise ValueError(f"{question.id}: opens: {sorted(later[0])[0]!r} is asked further below")
            before.add(question.id)
        return questions


@cache
def questions() -> tuple[Question, ...]:
    """Every question, in the order of asking. Raises DataError when the file doesn't fit the answers."""
    titles: dict[str, str] = {target: knowledge().target_titles[target] for target in TARGET_IDS}
    return tuple(
        replace(question, options=titles) if question.kind == "targets" else question
        for question in _Questions.read().questions
    )


def asked(answers: Answers) -> tuple[Question, ...]:
    """The questions that matter once these answers are given, in the order of asking."""
    return tuple(question for question in questions() if question.is_asked(answers))


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
