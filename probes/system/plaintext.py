"""Characters that steer what shows them, written out: texts of strangers reach terminals, logs and pages."""

from __future__ import annotations

import re
from typing import Final

#: Control characters but tab and line feed, what reorders a line, what only some take for its end, lone surrogates.
_STEERING: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    r"""``text`` with each such character as ``\u001b``, which JSON reads back; tabs and line feeds stay."""
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
