"""Probabilities that rest on judgements, as people say them: words first, the figure behind."""

from __future__ import annotations

from typing import Final

from probes.system.quantities import percent

#: Up to which probability the chances are called so. Every word is within 5 points of what it is said of.
_WORDS: Final = (
    (0.01, "less than 1 in 100"),
    (0.035, "less than one in twenty"),
    (0.075, "about one in twenty"),
    (0.15, "about one in ten"),
    (0.225, "about one in five"),
    (0.275, "about one in four"),
    (0.315, "about three in ten"),
    (0.365, "about one in three"),
    (0.45, "about two in five"),
    (0.55, "about one in two"),
    (0.635, "about three in five"),
    (0.685, "about two in three"),
    (0.725, "about seven in ten"),
    (0.775, "about three in four"),
    (0.85, "about four in five"),
    (0.925, "about nine in ten"),
    (0.965, "about nineteen in twenty"),
    (0.99, "more than nineteen in twenty"),
)
_CERTAIN: Final = "more than 99 in 100"


def chances(probability: float) -> str:
    """0.81 -> «about four in five (81 %)»; never «0 %» or «100 %». ``probability`` in [0, 1]."""
    words = next((words for end, words in _WORDS if probability < end), _CERTAIN)
    return f"{words} ({figure(probability)})"


def figure(probability: float) -> str:
    """The figure alone, without false certainty: never «0 %» or «100 %»."""
    if probability >= 0.99:
        return "more than 99 %"
    return "less than 1 %" if probability < 0.01 else percent(probability)
