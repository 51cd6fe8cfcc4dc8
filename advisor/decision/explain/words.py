"""Numbers and names as people say them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from advisor.wording.quantities import percent
from probes.schema import Framework

#: First words that are names, though they look like any other word at the beginning of a sentence.
_PROPER: Final = frozenset({
    "Amazon", "Android", "Apple", "Arduino", "Azure", "Google", "Hugging", "Intel",
    "Java", "Keras", "Kubernetes", "Linux", "Meta", "Microsoft", "Nvidia", "Python",
    "Qualcomm", "Ray", "Rust", "Spark", "Triton", "Windows",
})  # fmt: skip


def other(side: Framework) -> Framework:
    return "tensorflow" if side == "pytorch" else "pytorch"


def share(of_all: float, more: int = 0) -> str:
    """0.634 -> «63 %», 0.004 -> «0.4 %», with so many more digits."""
    return percent(of_all, more + (0 if of_all >= 0.0095 or of_all == 0 else 1))


def points(value: float) -> str:
    """A difference of total values in points of 100."""
    return f"{abs(value) * 100:.1f} points of 100"


def listed(items: Sequence[str], word: str = "and") -> str:
    """«a, b and c»."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}" if items else ""


def lower_first(text: str) -> str:
    """Fit to stand inside a sentence; acronyms and names keep their capital."""
    first = re.split(r"\W", text, maxsplit=1)[0]
    return text if first in _PROPER or first[1:] != first[1:].lower() else text[:1].lower() + text[1:]


def sentence(text: str) -> str:
    return f"{text.rstrip('. ')}."
