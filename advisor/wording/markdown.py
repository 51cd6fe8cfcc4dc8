"""Any text as Markdown that shows exactly this text: no link, icon, picture, emphasis, heading, list, table or formula.

Backslashes do most of it. What a renderer looks for in the finished text, after it has read the backslashes, has to be
cut in two instead: addresses, e-mail, ``:name:`` of emoji and icons, and Streamlit's typographical arrows.
"""

from __future__ import annotations

import re
from typing import Final

from probes.system.plaintext import visible

_CUT: Final = "\0"  # ``visible`` leaves none
_ADDRESS: Final = re.compile(r"(?<=:/)(?=/)|(?<=www)(?=\.)|(?<=@)(?=[\w-])", re.IGNORECASE)
_SHORTCODE: Final = re.compile(r"(?<=:[\w+-])(?=[\w+-]*:)|(?<=:m)(?=aterial/)", re.ASCII)
_ARROW: Final = re.compile(r"(?<![^\s\0])(?:<->|->|<-|--|>=|<=|~=)(?![^\s\0])")  # a cut ends a word, too
_PERCENT: Final = re.compile(r"(?<=\d) %")
_STREAMLIT_MARKUP: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:=^&])")
_GITHUB_MARKUP: Final = re.compile(r"([\\`*_{}\[\]()<>#+!|~$&]|^[-=])")
_NUMBERED: Final = re.compile(r"^(\d+)\.")


def for_streamlit(text: str) -> str:
    """Text as Streamlit's Markdown; a number and its % stay on one line.

    Cuts are an empty directive, which leaves nothing behind: what is copied from the page has no hidden characters.
    """
    text = _PERCENT.sub("\u00a0%", _one_line(text))
    text = _ARROW.sub(lambda arrow: _CUT.join(arrow[0]), _SHORTCODE.sub(_CUT, _ADDRESS.sub(_CUT, text)))
    return _STREAMLIT_MARKUP.sub(r"\\\1", text).replace(_CUT, ":color[]")


def for_github(text: str) -> str:
    """Text as GitHub's Markdown, which other readers of CommonMark show alike.

    Cuts are word joiners (U+2060), as references: they can be seen in the file.
    """
    text = _SHORTCODE.sub(_CUT, _ADDRESS.sub(_CUT, _one_line(text)))
    return _NUMBERED.sub(r"\1\\.", _GITHUB_MARKUP.sub(r"\\\1", text)).replace(_CUT, "&#8288;")


def _one_line(text: str) -> str:
    return visible(" ".join(text.replace("\ufeff", " ").split()))  # which is white space in JavaScript alone
