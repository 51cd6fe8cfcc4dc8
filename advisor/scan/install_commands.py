"""Packages that shell commands install, by pip, ``uv pip`` or conda, in whatever text they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_COMMAND: Final = re.compile(r"\b(?:pip[23]?(?:\.\d+)?|conda|mamba|micromamba)\s+install\s")
#: A word, quoted or not, or what ends the command. A quote that nothing closes was opened before it: «sh -c "pip …"».
_WORD: Final = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|([^\s;&|\"']+)|([;&|\n])")
_TAKE_A_VALUE: Final = re.compile(
    r"-[rcefitnp]|--(?:requirement|constraint|editable|find-links|index-url|extra-index-url|target|prefix|root|src|log"
    r"|proxy|cache-dir|trusted-host|timeout|default-timeout|retries|platform|python-version|implementation|abi"
    r"|progress-bar|no-binary|only-binary|name|channel|file)"
)


def installed(text: str) -> Iterator[str]:
    """Each package as the command names it, with its versions («tensorflow < 2»), in the order of the text.

    Options, their values, and what a comment says are left out; addresses and folders are not.
    """
    text = re.sub(r"\\\r?\n", " ", text)
    at = 0
    while (command := _COMMAND.search(text, at)) is not None:
        skip, at = False, len(text)
        for found in _WORD.finditer(text, command.end() - 1):
            word = next((part for part in found.groups()[:3] if part is not None), "")
            if found[4] or word.startswith("#"):
                at = found.start()
                break
            if not skip and word and not word.startswith("-"):
                yield word.strip()
            skip = _TAKE_A_VALUE.fullmatch(word) is not None
