"""Words put together as people write them: lists, and texts that begin a sentence or stand inside one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

#: First words that are names, though they look like any other word at the beginning of a sentence.
_PROPER: Final = frozenset({
    "Amazon", "Android", "Apple", "Arduino", "Azure", "Google", "Hessian", "Hugging", "Intel", "Jacobian",
    "Java", "Keras", "Kubernetes", "Linux", "Meta", "Microsoft", "Nvidia", "Python",
    "Qualcomm", "Ray", "Rust", "Spark", "Triton", "Windows",
})  # fmt: skip
#: A first word that code goes by: «tf.contrib», «fit_generator».
_CODE: Final = re.compile(r"[^\W_]+[._]\w")


def listed(items: Sequence[str], word: str = "and") -> str:
    """«a, b and c»; "" for none."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}" if items else ""


def upper_first(text: str) -> str:
    """Fit to begin a sentence; names of code stay as they are."""
    return text if _CODE.match(text) else text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """Fit to stand inside a sentence; acronyms and names, those of code among them, keep their capital."""
    first = re.split(r"\W", text, maxsplit=1)[0]
    named = first in _PROPER or first[1:] != first[1:].lower() or _CODE.match(text)
    return text if named else text[:1].lower() + text[1:]


def sentence(text: str) -> str:
    """With one full stop at its end."""
    return f"{text.rstrip('. ')}."
