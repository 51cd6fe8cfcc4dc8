"""Plain text: what is taken, what is refused and how that is said, and what becomes of texts of earlier days."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from advisor.answers import Answers, Override, Voice
from advisor.questionnaire import AnswersError, members
from advisor.storage.rows import answers_json
from advisor.wording.plain import STORED, PlainText

NAME = PlainText(80, shortest=1)


def refusal(kind: PlainText, text: object) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        kind.taken(text)
    context = caught.value.context
    assert context is not None
    assert context["allowed"] == kind.allowed
    return str(context["problem"])


def strings(annotation: Any, where: str, plain: bool = False) -> Iterator[tuple[str, bool]]:
    """Every ``str`` inside a type, and whether it is plain text."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            own = any(isinstance(kind, PlainText) for kind in field.metadata)
            yield from strings(field.annotation, f"{where}.{name}", own)
    elif annotation is str:
        yield where, plain
    elif get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        yield from strings(inner, where, any(isinstance(kind, PlainText) for kind in metadata))
    elif get_origin(annotation) is not Literal:
        for part in get_args(annotation):
            yield from strings(part, where)


def test_all_that_people_write_is_plain_text() -> None:
    found = list(strings(Answers, "answers"))
    assert {"answers.project.name", "answers.voices.name", "answers.overrides.author"} <= {where for where, _ in found}
    assert [where for where, plain in found if not plain] == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Ada\tLovelace\r\n", "Ada Lovelace"),
        ("a\u2028b\u2029c\x85d\x0be\u00a0f\u3000g", "a b c d e f g"),
        ("e\u0301", "é"),
        ("A\u200bda\u00ad \ufeffL", "Ada L"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("\U0001fae9", "\U0001fae9"),  # Unicode 16: this Python doesn't know it
        ("日本 <b>*x*</b>", "日本 <b>*x*</b>"),
    ],
)
def test_what_a_paste_brings_along_is_tidied(text: str, kept: str) -> None:
    assert NAME.taken(text) == kept


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a\x00b", "holds U+0000 (NULL)"),
        ("\x1b[2J", "holds U+001B (ESCAPE)"),
        ("a\x1cb", "holds U+001C (FILE SEPARATOR)"),
        ("a\x9b2Jb", "holds U+009B (no name)"),
        ("\u202egnp.exe", "holds U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        *((f"a{char}b", f"holds U+{ord(char):04X} ({unicodedata.name(char)})") for char in "\u200e\u200f\u061c"),
        *((f"a{chr(code)}b", f"holds U+{code:04X} ({unicodedata.name(chr(code))})") for code in range(0x2066, 0x206A)),
        ("a\U000e0041", "holds U+E0041 (TAG LATIN CAPITAL LETTER A)"),
        ("\ud800", "holds U+D800 (no name)"),
        ("a\uffff", "holds U+FFFF (no name)"),
        ("\ue000", "holds U+E000 (no name)"),
        ("\u200d\u200c", "shows nothing"),
        ("\u3164\u115f", "shows nothing"),
        ("\ufe0f", "shows nothing"),
        ("\u200b", "has 0 characters"),
        ("x" * 81, "has 81 characters"),
        (5, "is no text"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_its_name(text: object, problem: str) -> None:
    assert refusal(NAME, text) == problem


def test_length_is_that_of_what_is_kept() -> None:
    assert NAME.taken("e\u0301" * 80 + " \u200b") == "é" * 80
    assert PlainText(3).taken("") == ""
    assert PlainText(3).allowed == "printable text of at most 3 characters"
    assert NAME.allowed == "printable text of 1 to 80 characters"


ODD = st.text(st.one_of(st.characters(), st.sampled_from("\x00\x1b\x1c\n\u0301\u0958\u200b\u200d\u202e\u3164 ab")))


@given(ODD)
@example("e\u202e\u0301")
@example("\u0958" * 80)
@example("\ud800")
def test_what_is_taken_or_cleaned_is_taken_again_unchanged(text: str) -> None:
    kept = NAME.cleaned(text)
    assert NAME.taken(kept) == kept
    try:
        taken = NAME.taken(text)
    except PydanticCustomError:
        return
    assert taken == NAME.taken(taken) == kept
    assert taken.isprintable() or any(unicodedata.category(char) in ("Cf", "Cn") for char in taken)


DIRTY = "Ada\x1b[2J\u202e\x00"
SET = {"criterion": "governance", "framework": "pytorch", "level": 4, "date": "2026-11-20"}


@pytest.mark.parametrize(
    "content",
    [
        {"project": {"name": DIRTY}},
        {"team": {"members": [{"name": DIRTY}]}},
        {"voices": [{"name": DIRTY}]},
        {"overrides": [{**SET, "statement": DIRTY, "author": DIRTY}]},
    ],
    ids=lambda content: next(iter(content)),
)
def test_stored_answers_of_earlier_days_open_and_entry_refuses_them(content: dict[str, Any]) -> None:
    stored = json.dumps({"schema": 1, **content})
    with pytest.raises(ValidationError, match="holds U"):
        Answers.model_validate_json(stored)
    opened = Answers.model_validate_json(stored, context=STORED)
    assert "Ada[2J" in answers_json(opened)
    assert Answers.model_validate_json(answers_json(opened)) == opened


def test_stored_people_whom_only_hidden_characters_told_apart_stay_apart() -> None:
    names = ["Ana", "Ana\u200b", "Ana\x00", "\u202e", "\x1b" * 80]
    stored = json.dumps({"schema": 1, "voices": [{"name": name} for name in names]})
    opened = Answers.model_validate_json(stored, context=STORED)
    assert [voice.name for voice in opened.voices] == ["Ana", "Ana (2)", "Ana (3)", "?", "? (5)"]
    assert Answers.model_validate(opened.model_dump(by_alias=True)) == opened


def test_members_in_a_csv_file_are_held_to_the_same() -> None:
    with pytest.raises(AnswersError, match=r"line 2, column name: 'A\\x1bda' holds U\+001B \(ESCAPE\); allowed: print"):
        members.read("name,pytorch,tensorflow\nA\x1bda,1,2\n")
    assert members.read("name,pytorch,tensorflow\nE\u0301va\u200b,1,2\n")[0].name == "Éva"


def test_types_say_so_on_their_own() -> None:
    assert Voice(name=" Ana\n").name == "Ana"
    with pytest.raises(ValidationError, match=r"holds U\+202E"):
        Override.model_validate({"criterion": "\u202e"})
