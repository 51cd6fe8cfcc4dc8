"""What other programs said is short and visible wherever it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.engine.running.child import last_words
from probes.serving.wire import connections
from probes.system import quoting

TEXTS = st.text() | st.text(st.sampled_from("ab \t\r\n\x00\x1b[2J\u200b\u202e\ufeff😀"), max_size=3000)


@given(TEXTS, st.integers(1, 300))
def test_a_quotation_is_one_short_line_that_can_be_seen(text: str, most: int) -> None:
    for shown in (quoting.quoted(text, most), quoting.line(text, most)):
        assert len(shown) <= most
        assert shown.isprintable()
    assert quoting.quoted(quoting.quoted(text, most), most) == quoting.quoted(text, most)


@given(st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=100))
def test_what_is_short_and_visible_stays_as_it_is(word: str) -> None:
    assert quoting.quoted(word) == word
    assert quoting.line(f"    {word}") == f"    {word}"


def test_a_childs_last_words_keep_their_indentation_and_nothing_else_that_moves() -> None:
    words = last_words(["Traceback:", "  File \x1b[31mx\x1b[0m", "y" * 5000])
    assert words.splitlines()[:2] == ["Traceback:", "  File  [31mx [0m"]
    assert len(words.splitlines()[2]) == 1000


def test_a_servers_refusal_is_quoted() -> None:
    said = connections._refusal(500, b"\x1b[2Jno\r\n" + b"x" * 9999)
    assert said.startswith("HTTP status 500: [2Jno xxx")
    assert said.isprintable()
    assert len(said) <= 220


def test_an_error_about_a_file_says_its_name_and_not_where_it_lies(tmp_path: Path) -> None:
    missing = tmp_path / "rows.npz"
    with pytest.raises(FileNotFoundError) as caught:
        missing.read_bytes()
    said = quoting.error(caught.value)
    assert said == "FileNotFoundError: No such file or directory: 'rows.npz'"
    assert quoting.error(ValueError("x")) == "ValueError: x"
    assert quoting.error(OSError("busy")) == "OSError: busy"
