"""Escaped texts, read back by the rules of Markdown, are the texts; nothing in them is left for a renderer to find.

``tests/browser/test_markdown.py`` asks Streamlit's own renderer.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.wording.markdown import for_github, for_streamlit
from probes.system.plaintext import visible
from tests import hostile

Escape = Callable[[str], str]
CUTS = {for_streamlit: ":color[]", for_github: "&#8288;"}
PIECES = [
    *(
        "https://",
        "www.",
        "a.b",
        "@",
        ":material/",
        ":",
        "smile",
        "/",
        "->",
        "<-",
        "--",
        ">=",
        "~=",
        " ",
        "*",
        "_",
        "`",
    ),
    *("$", "[", "]", "(", ")", "!", "#", "- ", "1.", "|", "\\", "&", "copy;", "<b>", "~", "^", "=", "{", "}", "\u00a0"),
    *("`", ":color[]", "&#8288;", "\u2060", "5 %", "\ufeff", "é", "\n", "\x00", "\u202e"),
]
TEXTS = st.one_of(
    st.sampled_from([*hostile.TEXTS, "@->", "0<."]),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.text(),
)
both = pytest.mark.parametrize("escape", CUTS, ids=["streamlit", "github"])


def pieces(escape: Escape, text: str) -> list[str]:
    """What a renderer has between the cuts, once it has read the backslashes."""
    assert "\0" not in escape(text)
    return [re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", piece) for piece in escape(text).split(CUTS[escape])]


def one_line(text: str) -> str:
    return visible(" ".join(text.replace("\ufeff", " ").split()))


@both
@given(text=TEXTS)
def test_the_text_is_what_is_shown(escape: Escape, text: str) -> None:
    assert "".join(pieces(escape, text)).replace("\u00a0", " ") == one_line(text)


@both
@given(text=TEXTS)
def test_nothing_is_left_to_be_found_in_the_finished_text(escape: Escape, text: str) -> None:
    for piece in pieces(escape, text):
        assert not re.search(r"://|www\.|@[-\w]", piece, re.IGNORECASE)
        assert not re.search(r":[\w+-]+:|:material/", piece, re.ASCII)
        if escape is for_streamlit:
            assert not re.search(r"(?<!\S)(<->|->|<-|--|>=|<=|~=)(?!\S)", piece)


@both
@given(text=TEXTS)
def test_no_markup_is_left_without_a_backslash(escape: Escape, text: str) -> None:
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "x", escape(text).replace(CUTS[escape], ""))
    assert not set(bare) & set("\\`*_[]()<>#+!|~$&{}")
    if escape is for_streamlit:
        assert not set(bare) & set(":-.=^")
    assert not re.match(r"\s|[-=]|\d+\.", bare)
    assert "\n" not in bare


def test_a_number_and_its_percent_sign_stay_together_in_the_page() -> None:
    assert for_streamlit("50 % of it") == "50\u00a0% of it"
    assert for_github("50 % of it") == "50 % of it"


def test_plain_words_stay_as_they_are_and_addresses_can_still_be_copied() -> None:
    assert for_github("PyTorch 2.9, on 4 cores: well-known") == "PyTorch 2.9, on 4 cores: well-known"
    assert for_streamlit("see https://x.y") == r"see https\:/:color[]/x\.y"
    assert for_github("see https://x.y or @ada") == "see https:/&#8288;/x.y or @&#8288;ada"
