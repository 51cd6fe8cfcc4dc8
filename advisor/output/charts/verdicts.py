"""What a result says, in words: the same on the page, in the tables and beside the marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from advisor.measured.ratios import advantage, times, turned_over
from advisor.measured.scaling import Scaling
from advisor.wording.quantities import percent
from probes.results import ModeEffect, ProbeResult
from probes.schema import FRAMEWORKS, TITLES, Framework, Outcome, Verdict
from probes.tracks import ran

_WINS: Final[dict[str, str]] = {"s": "faster", "B": "leaner", "J": "leaner"}


def better_word(result: ProbeResult | Scaling) -> str:
    """How the better side is called: faster, leaner, or plainly better."""
    return "faster" if result.unit.endswith("/s") else _WINS.get(result.unit, "better")


def winner(result: ProbeResult) -> Framework | None:
    """The side that the verdict names, if it names one."""
    if result.verdict is Verdict.PYTORCH:
        return "pytorch"
    return "tensorflow" if result.verdict is Verdict.TENSORFLOW else None


def words(result: ProbeResult, *, short: bool = False) -> str:
    """``PyTorch 2.20× faster`` (``short``: ``PyTorch 2.20×``), ``Equal within 5 %``, ``Undecided``, ``No result: timed
    out``.
    """
    factors = advantage(result)
    if result.outcome is not Outcome.OK or factors is None:
        return f"No result: {result.outcome.value}" if result.outcome is not Outcome.OK else "No result yet"
    side = winner(result)
    if side is not None:
        said = f"{TITLES[side]} {times(factors[0])}"
        return said if short else f"{said} {better_word(result)}"
    if result.verdict is Verdict.EQUAL:
        return f"Equal within {percent(result.margin)}"
    return "Undecided"


def side_title(results: Sequence[ProbeResult], side: Framework) -> str:
    """What ran on a side in all of ``results``: ``TensorFlow (Keras 3)``."""
    return ran(side, [result.sides[side].mode for result in results])


def modes(result: ProbeResult) -> str:
    """How either side ran, PyTorch first: ``eager, careful / tf.function, careful``."""
    return " / ".join(result.sides[side].mode for side in FRAMEWORKS)


def effect_words(effect: ModeEffect) -> str:
    """``torch.compile: 2.10× faster than eager (1.90–2.30×)``; ``… makes no difference beyond 5 %``."""
    ratio = effect.ratio
    factors = (ratio.estimate, ratio.low, ratio.high)
    estimate, low, high = factors if effect.better == "higher" else turned_over(factors)
    if effect.verdict == "equal":
        return f"{effect.mode}: no difference to {effect.against} that counts ({low:.2f}–{high:.2f}×)"
    if effect.verdict == "undecided":
        return f"{effect.mode}: undecided against {effect.against} ({low:.2f}–{high:.2f}×)"
    if effect.verdict == "worse":
        estimate, low, high = turned_over((estimate, low, high))
    return f"{effect.mode}: {times(estimate)} {effect.verdict} than {effect.against} ({low:.2f}–{high:.2f}×)"


def confidence(result: ProbeResult) -> str:
    """``95 %``; 99 % where five looks share the error."""
    return f"{100 * result.ratio.confidence:.3g} %" if result.ratio else ""


def interval(result: ProbeResult) -> str:
    """``1.90–2.50×``, oriented like ``words``: factors of the side that the estimate favours."""
    factors = advantage(result)
    if factors is None:
        return ""
    _, low, high = factors if factors[0] >= 1 else turned_over(factors)
    return f"{low:.2f}–{high:.2f}×"
