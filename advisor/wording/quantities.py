"""Numbers with their units, as people write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from probes.system.quantities import counted as counted
from probes.system.quantities import percent as percent

_TIME: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_BYTES: Final = ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "B"))
_ENERGY: Final = ((1e3, "kJ"), (1.0, "J"), (1e-3, "mJ"), (1e-6, "µJ"))
_RATE: Final = ((1e6, "M "), (1e3, "k "), (1.0, ""))


def scale(values: Sequence[float], unit: str) -> tuple[float, str]:
    """The divisor and the unit in which the largest of ``values`` reads best."""
    largest = max((abs(value) for value in values), default=0.0)
    table: Sequence[tuple[float, str]]
    if unit == "s":
        table = _TIME
    elif unit == "B":
        table = _BYTES
    elif unit == "J":
        table = _ENERGY
    elif unit.endswith("/s"):
        table = tuple((factor, prefix + unit) for factor, prefix in _RATE)
    else:
        return 1.0, unit
    for factor, name in table:
        if largest >= factor:
            return factor, name
    return table[-1]


def number(value: float) -> str:
    """Three significant digits, thousands with a thin space."""
    magnitude = abs(value)
    if magnitude >= 100:
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{value:.1f}" if magnitude >= 10 else f"{value:.2f}"


def count(value: float) -> str:
    """A large number in words, three digits: ``539 thousand``, ``4.29 million``; whole below a thousand."""
    for name, size in (("million", 1e6), ("thousand", 1e3)):
        if value >= size:
            return f"{value / size:.3g} {name}" if value < 999.5 * size else f"{value / size:,.0f} {name}"
    return f"{value:g}"


def signed(value: float, digits: int = 1) -> str:
    """``+1.2`` or ``−1.2``, with a real minus: a line may break behind a hyphen. What rounds to nothing has no sign."""
    size = f"{abs(value):.{digits}f}"
    if float(size) == 0:
        return size
    return ("+" if value > 0 else "\N{MINUS SIGN}") + size


def person_days(low: float, likely: float, high: float) -> str:
    """``30, 80, 204`` → ``about 80 person-days (30 to 200)``: two digits, an estimate holds no more."""
    least, about, most = (_two_digits(days) for days in (low, likely, high))
    if round(high) < 1:
        return "less than one person-day"
    if round(likely) < 1:
        return f"less than one person-day ({least} to {most})"
    said = f"about {about} {'person-day' if about == '1' else 'person-days'}"
    return said if least == most else f"{said} ({least} to {most})"


def _two_digits(days: float) -> str:
    whole = round(days)
    return f"{round(whole, min(0, 2 - len(str(whole)))):,}" if whole else "under 1"


def quantity(value: float | None, unit: str) -> str:
    """``0.00123, "s"`` → ``1.23 ms``; ``None`` → ``–``; a relative error, which may be tiny, has no unit."""
    if value is None:
        return "–"
    if unit == "relative":
        return f"{value:.2g}"
    divisor, name = scale((value,), unit)
    return f"{number(value / divisor)} {name}".strip()


def apart(words: Callable[[float, int], str], one: float, other: float) -> tuple[str, str]:
    """Two numbers that stand beside each other: with as many more digits as they need to differ, nine at most.

    ``words`` takes a number and how many digits more than usual it is to have.
    """
    for more in range(10):
        pair = words(one, more), words(other, more)
        if pair[0] != pair[1] or one == other:
            break
    return pair
