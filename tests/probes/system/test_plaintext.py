"""What steers a terminal or reorders a line is written out; the rest stays."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from probes.system.plaintext import visible


def test_controls_are_written_out_and_lines_stay_lines() -> None:
    assert visible("a\x1b[2J\x9b1m\x7f\r\x00\u202eb\ud800") == r"a\u001b[2J\u009b1m\u007f\u000d\u0000\u202eb\ud800"
    assert visible("first\n\tsecond – 日本 👩\u200d💻") == "first\n\tsecond – 日本 👩\u200d💻"


@given(st.text())
def test_nothing_steers_and_json_still_says_the_same(text: str) -> None:
    shown = visible(text)
    assert all(unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") or char in "\n\t" for char in shown)
    assert all(unicodedata.bidirectional(char) not in BIDI and char not in "\u200e\u200f\u061c" for char in shown)
    assert visible(shown) == shown
    written = json.dumps(text, ensure_ascii=False)
    assert json.loads(visible(written)) == text


BIDI = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
