"""Plain text: what people write into the answers, held to what every page, terminal and file shows alike."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

#: Context of a validation that reads what was stored under earlier rules: it cleans where others refuse.
STORED: Final = {"stored": True}
_DEBRIS: Final = re.compile("[\u00ad\u200b\u2060\ufeff]")  # comes along with a paste and means nothing
_SPACE: Final = re.compile("[^\\S\x1c-\x1f]+")  # Python's white space has control characters in it
_JOINERS: Final = "\u200c\u200d"  # Persian and some emoji need them
_BLANK: Final = re.compile("[\u115f\u1160\u2065\u2800\u3164\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]")  # letters, some


@dataclass(frozen=True, slots=True)
class PlainText:
    """Metadata of a ``str`` field: ``Annotated[str, PlainText(80, shortest=1)]``. Lengths are in code points.

    Texts come out in NFC, on one line, with single spaces inside and none around, without soft hyphens and zero-width
    spaces. Control characters, bidirectional controls and other invisible format characters are refused (joiners
    aren't), and so is a text in which nothing can be seen.
    """

    longest: int
    shortest: int = 0

    @property
    def allowed(self) -> str:
        return f"printable text of {f'{self.shortest} to' if self.shortest else 'at most'} {self.longest} characters"

    def taken(self, text: object) -> str:
        """As it is kept. Raises PydanticCustomError ``plain_text`` whose context has ``problem`` and ``allowed``."""
        if not isinstance(text, str):
            raise self._refused("is no text")
        text = _normal(text)
        if refused := next(filter(_is_refused, text), None):
            raise self._refused(f"holds {_named(refused)}")
        if text and not any(map(_is_seen, text)):
            raise self._refused("shows nothing")
        if not self.shortest <= len(text) <= self.longest:
            raise self._refused(f"has {len(text):,} characters")
        return text

    def cleaned(self, text: str) -> str:
        """What ``taken`` takes, from any text: without what it refuses, cut, and ``?`` where nothing is left."""
        text = _normal("".join(char for char in _normal(text) if not _is_refused(char)))[: self.longest].rstrip()
        if not any(map(_is_seen, text)):
            return "?" if self.shortest else ""
        return text

    def _refused(self, problem: str) -> PydanticCustomError:
        return PydanticCustomError("plain_text", "{problem}", {"problem": problem, "allowed": self.allowed})

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        def validated(value: object, info: ValidationInfo) -> str:
            if info.context == STORED and isinstance(value, str):
                return self.cleaned(value)
            return self.taken(value)

        return core_schema.with_info_plain_validator_function(validated)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", _SPACE.sub(" ", _DEBRIS.sub("", text)).strip(" "))


def _is_refused(char: str) -> bool:
    category = unicodedata.category(char)
    if (
        category == "Cn"
    ):  # not yet assigned in this Python's Unicode: next year's emoji are, noncharacters never will be
        return ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF
    return category in ("Cc", "Cf", "Cs", "Co") and char not in _JOINERS


def _is_seen(char: str) -> bool:
    category = unicodedata.category(char)
    return (category[0] in "LNPS" or category == "Cn") and not _BLANK.match(char)


def _named(char: str) -> str:
    picture = unicodedata.name(chr(0x2400 + ord(char)), "") if char < " " else ""  # controls have no names, these do
    name = unicodedata.name(char, "") or picture.removeprefix("SYMBOL FOR ") or "no name"
    return f"U+{ord(char):04X} ({name})"
