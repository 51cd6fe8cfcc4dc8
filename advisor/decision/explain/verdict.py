"""The answer in one sentence, and what to do with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from advisor.answers import Answers
from advisor.decision.evidence.vetoes import relax
from advisor.decision.explain import undecided
from advisor.decision.explain.words import leading, other
from advisor.decision.scoring.smaa import standard_error
from advisor.knowledge import Knowledge
from advisor.model.decision import DecisionVerdict, Flip, Strength, Veto
from advisor.wording.chances import chances
from probes.schema import FRAMEWORKS, TITLES, Framework
from probes.system.sentences import listed, lower_first, sentence

CLEAR: Final = 0.90
LEANING: Final = 0.75
NO_WEIGHT: Final = "No weight near yours on any single criterion changes that."


def strength(p: float) -> Strength:
    """What a probability is called: 0.90 clear, 0.75 leaning, the rest is no clear winner."""
    best = max(p, 1 - p)
    return "clear" if best >= CLEAR else "leaning" if best >= LEANING else "no clear winner"


def failing(vetoes: Sequence[Veto]) -> frozenset[Framework]:
    """The frameworks that miss a hard requirement."""
    return frozenset(veto.framework for veto in vetoes if veto.status == "fail")


def weighed(
    p: float,
    samples: int,
    answers: Answers,
    flips: Sequence[Flip],
    assumptions: Sequence[str],
    moves: Mapping[Framework, str],
    instead: str = "",
    way: str = "",
    beside: str = "",
    *,
    open_ends: bool = True,
) -> DecisionVerdict:
    """The verdict from the share ``p`` of the draws in which PyTorch comes out ahead.

    ``flips``: nearest first. ``moves``: what bringing the existing code to a framework takes, where it takes something.
    ``instead``: what comes before either of the two, if anything does. ``way``: the option that leads, if it is
    neither of them. ``beside``: what is not far behind the two, if anything is. ``open_ends``: whether
    something that is not known yet could turn the answer.
    """
    called = strength(p)
    side = leading(p)
    share = max(p, 1 - p)
    chosen = None if called == "no clear winner" else side
    move = moves.get(side, "")
    if instead:
        advice = ""  # the hint behind it says what to do first
    elif way:  # what staying or moving to a framework takes is beside the point
        rest = undecided.keeps_open(answers) if chosen is None else _turns(flips)
        advice = f"«Ways open to you» ranks it beside the others and says what each costs. {rest}".rstrip()
    elif chosen is None:
        advice = undecided.advice(answers, side, share, move)
    else:
        advice = _winner(called, flips, move, beside, open_ends)
    return DecisionVerdict(
        framework=chosen,
        strength=called,
        probability={"pytorch": p, "tensorflow": 1 - p},
        standard_error=standard_error(p, samples),
        headline=_headline(answers, side, share, called, instead, way),
        advice=" ".join(part for part in (advice, *assumptions) if part),
    )


def _project(answers: Answers) -> str:
    return f"For {answers.project.name}" if answers.project.name else "For this project"


def _headline(answers: Answers, side: Framework, share: float, called: Strength, instead: str, way: str) -> str:
    project, name, odds = _project(answers), TITLES[side], chances(share)
    if instead:
        between = f"between them, {name}'s chance of coming out ahead is {odds}"
        return f"{project}, {instead} comes before either of the two; {between}."
    if way:
        return f"{project}, {way}; between the two frameworks, {name}'s chance of coming out ahead is {odds}."
    if answers.is_blank and called != "no clear winner":
        return (
            f"Nothing is known of the project yet: on dated facts alone, {name}'s chance of coming out ahead is {odds}."
        )
    if called == "clear":
        return f"{project}, take {name}: its chance of coming out ahead is {odds}."
    if called == "leaning":
        return f"{project}, {name} is the better bet: its chance of coming out ahead is {odds}."
    if undecided.is_even(share):
        return f"{project}, there is no clear winner: both come out ahead equally often."
    return f"{project}, there is no clear winner: the chance that {name} comes out ahead is only {odds}."


def _winner(called: Strength, flips: Sequence[Flip], move: str, beside: str, open_ends: bool) -> str:
    """What it takes, and what would turn it: a settled answer says so first."""
    start = "" if called == "clear" else "That is a bet, not a certainty."
    if called == "clear" and not open_ends:
        between = "Between the two this" if beside else "This"
        start = f"{between} is settled: nothing that is still unknown is likely to turn it round."
    return " ".join(part for part in (start, move, _turns(flips) or NO_WEIGHT, beside) if part)


def _turns(flips: Sequence[Flip]) -> str:
    return next((flip.sentence for flip in flips if flip.flips_at is not None), "")


def vetoed(
    vetoes: Sequence[Veto], answers: Answers, knowledge: Knowledge, assumptions: Sequence[str]
) -> DecisionVerdict:
    """The verdict when a requirement decides: no score, only what fails."""
    out = failing(vetoes)
    if len(out) == len(FRAMEWORKS):
        return _nobody(vetoes, answers, knowledge, assumptions)
    (loser,) = out
    winner = other(loser)
    failed = [veto for veto in vetoes if veto.status == "fail"]
    headline = f"{_project(answers)}, take {TITLES[winner]}: {lower_first(sentence(failed[0].text))}"
    give_up = listed([relax(veto, knowledge) for veto in failed])
    advice = (
        "This is settled: a hard requirement decides, so nothing is weighed. "
        f"{TITLES[loser]} comes back into play without {give_up}."
    )
    return DecisionVerdict(winner, "veto", {}, 0.0, headline, " ".join([advice, *assumptions]))


def _nobody(
    vetoes: Sequence[Veto], answers: Answers, knowledge: Knowledge, assumptions: Sequence[str]
) -> DecisionVerdict:
    failed = [veto for veto in vetoes if veto.status == "fail"]
    missed = {
        side: listed([f"«{veto.requirement}»" for veto in failed if veto.framework == side]) for side in FRAMEWORKS
    }
    without = {side: listed([relax(v, knowledge) for v in failed if v.framework == side]) for side in FRAMEWORKS}
    if len(set(missed.values())) == 1:
        misses, ways = f"both miss {missed['pytorch']}", f"Without {without['pytorch']} either is possible"
    else:
        misses = listed([f"{TITLES[side]} misses {missed[side]}" for side in FRAMEWORKS])
        ways = "; ".join(f"without {without[side]}, {TITLES[side]} is possible" for side in FRAMEWORKS)
        ways = f"Relax one: {ways}"
    headline = f"{_project(answers)}, neither framework meets all requirements: {misses}."
    advice = f"{ways}. Otherwise look beyond the two."
    return DecisionVerdict(None, "veto", {}, 0.0, headline, " ".join([advice, *assumptions]))


def assumptions(vetoes: Sequence[Veto], ahead: Framework) -> tuple[str, ...]:
    """A requirement that nobody could confirm is no pass: say what is assumed, and what follows if it is wrong.

    One text a side at most. ``ahead``: who leads if all of it is right.
    """
    out = failing(vetoes)
    said = []
    for side in FRAMEWORKS:
        unconfirmed = [veto for veto in vetoes if veto.status == "unknown" and veto.framework == side]
        if unconfirmed and side not in out:
            named = listed([f"«{veto.requirement}»" for veto in unconfirmed])
            are = "is" if len(unconfirmed) == 1 else "are"
            why = "; ".join(lower_first(sentence(veto.text)).rstrip(".") for veto in unconfirmed)
            said.append(
                f"This assumes that {TITLES[side]} meets {named}, which {are} not confirmed: {why}."
                f"{_if_not(side, ahead, out)}"
            )
    return tuple(said)


def _if_not(side: Framework, ahead: Framework, out: Collection[Framework]) -> str:
    rest = other(side)
    if rest in out:
        return ""
    if rest == ahead:
        return f" If not, {TITLES[rest]}, which leads anyway, is the only one left."
    return f" If not, the answer is {TITLES[rest]}."
