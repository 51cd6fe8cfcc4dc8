"""The ways that are open to the team, in words: the one that leads, and how the first two differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from advisor.answers import Answers
from advisor.knowledge import Knowledge
from advisor.model.decision import Decision, OptionResult
from advisor.wording.chances import chances
from advisor.wording.moments import first_day, month_words
from probes.schema import FRAMEWORKS
from probes.system.sentences import listed

#: How far ahead of the next one an option that is neither framework has to be to open the headline: below, the two
#: come first about equally often, and the question that was asked is which framework.
LEADS: Final = 0.05
#: From which chance of coming first on an option that is neither framework is named beside one that leads.
NEAR: Final = 0.25
_MOST: Final = 4  # criteria that a comparison names


def headline(options: Sequence[OptionResult], answers: Answers, day: date) -> str:
    """What to do where the option that leads is neither of the two frameworks, fit to stand behind «For this project,»;
    "" where it is one of them, or nothing was answered but the project's name.

    ``options``: best first, as ``rank`` gives them. ``day``: on which the decision is taken.
    """
    if not _leads(options) or answers.is_blank:
        return ""
    first, *others = [option for option in options if not option.closed]
    if not first.until_month or not others:
        return first.call
    if first_day(first.until_month) <= day:
        return f"{first.call} for now, though its support has ended, and plan for {others[0].title}"
    return f"{first.call} until about {month_words(first.until_month)}, then move to {others[0].title}"


def close_behind(options: Sequence[OptionResult]) -> str:
    """The best way that is neither of the two frameworks, where it is not far behind, in one sentence; else "".

    For an answer that names a framework: what is clear between the two may be open among all ways.
    """
    third = next((option for option in options if not option.closed and option.id not in FRAMEWORKS), None)
    if third is None or third.share is None or third.share < NEAR:
        return ""
    return (
        f"Of all ways open to you, «{third.title}» is not far behind: "
        f"its chance of coming out first is {chances(third.share)}."
    )


def _leads(options: Sequence[OptionResult]) -> bool:
    """Whether an option that is neither framework is ahead of all others by enough to be named."""
    left = [option for option in options if not option.closed]
    if not left or left[0].id in FRAMEWORKS:
        return False
    next_share = left[1].share or 0.0 if len(left) > 1 else 0.0
    return (left[0].share or 0.0) - next_share >= LEADS


def left_over(options: Sequence[OptionResult], *, both: bool) -> str:
    """What a requirement leaves, one sentence: all of it where it closes ``both`` frameworks, else only the way that
    leads, if that is no framework; "" if there is nothing to say.
    """
    left = [option.title for option in options if not option.closed]
    if both:
        return f"What is left, best first: {listed(left)}." if left else ""
    return f"Of the ways that are left, «{left[0]}» comes out first most often." if _leads(options) else ""


def of_the_day(knowledge: Knowledge) -> tuple[str, ...]:
    """Where the day is one on which not all that is known now was known: how much of it was, in one sentence."""
    facts = [knowledge.facts[fact] for spec in knowledge.criteria for fact in spec.facts]
    known = sum(fact.known for fact in facts)
    if known == len(facts):
        return ()
    return (
        f"This is asked for {knowledge.today}: {known} of the {len(facts)} facts behind the criteria were known then, "
        "and the others don't count, nor do ways to a target that came later; how much each criterion weighs is "
        "today's judgement.",
    )


@dataclass(frozen=True, slots=True)
class Contrast:
    """A row on which the two options that lead differ."""

    title: str
    points: float  # of 100, of the total value; positive where the first is ahead


def compared(decision: Decision) -> tuple[Contrast, ...]:
    """On which rows the two options that lead differ most, largest first; fewer than two open: none."""
    left = [option for option in decision.options if not option.closed]
    if len(left) < 2:
        return ()
    first, second = left[0].parts, left[1].parts
    rows = [
        Contrast(row.criterion.title, 100 * (first[row.criterion.id] - second[row.criterion.id]))
        for row in decision.criteria
    ]
    ranked = sorted(rows, key=lambda row: -abs(row.points))
    return tuple(row for row in ranked[:_MOST] if abs(row.points) >= 0.05)
