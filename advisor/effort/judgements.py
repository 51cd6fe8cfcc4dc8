"""What every estimate is multiplied by, as people read it: how much, and why."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.effort.rates import EffortRange, EffortRates
from advisor.wording.quantities import percent


@dataclass(frozen=True, slots=True)
class Judgement:
    """One of the judgements that are about all of the work, and not about a single move."""

    title: str
    reckoned: str  # "25 to 100 % on top, 50 % most likely"
    because: str


def judgements(known: EffortRates) -> tuple[Judgement, ...]:
    """In the order in which they count."""
    levels = [(f"Skill {level} of 5", skill) for level, skill in enumerate(known.skills)]
    return (
        Judgement(
            "Many of a kind",
            f"n of them cost n to the power of {known.repetition:g} times what one costs",
            known.repetition_because,
        ),
        Judgement("Another design", _times(known.rewrite), known.rewrite.because),
        Judgement("What ran in a rehearsal", f"{_shares(known.rehearsed)} is left of it", known.rehearsed.because),
        Judgement("Checking what was changed", f"{_shares(known.verification)} on top", known.verification.because),
        *(
            Judgement(title, _times(skill), skill.because)
            for title, skill in (*levels, ("Skill not answered", known.skill_unknown))
        ),
    )


def _times(of: EffortRange) -> str:
    return f"times {of.low:g} to {of.high:g}, {of.likely:g} most likely"


def _shares(of: EffortRange) -> str:
    return f"{percent(of.low)} to {percent(of.high)}, {percent(of.likely)} most likely,"
