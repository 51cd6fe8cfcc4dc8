"""The answer in one sentence, and what to do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from advisor.answers import Answers, Project
from advisor.decision.evidence.vetoes import relax
from advisor.decision.explain.words import listed, lower_first, other, probability, sentence
from advisor.decision.scoring.smaa import standard_error
from advisor.knowledge import Knowledge
from advisor.model import DecisionVerdict, Flip, Strength, Veto
from probes.schema import FRAMEWORKS, TITLES, Framework

CLEAR: Final = 0.90
LEANING: Final = 0.75


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
) -> DecisionVerdict:
    """The verdict from the share ``p`` of the draws in which PyTorch comes out ahead.

    ``flips``: nearest first. ``moves``: what bringing the existing code to a framework takes, where it takes something.
    ``instead``: what comes before either of the two, if anything does. ``way``: the option that leads, if it is
    neither of them.
    """
    called = strength(p)
    side: Framework = "pytorch" if p >= 0.5 else "tensorflow"
    share = max(p, 1 - p)
    chosen = None if called == "no clear winner" else side
    advice = _no_winner(answers) if chosen is None else _winner(side, called, flips, moves.get(side, ""))
    return DecisionVerdict(
        framework=chosen,
        strength=called,
        probability={"pytorch": p, "tensorflow": 1 - p},
        standard_error=standard_error(p, samples),
        headline=_headline(answers, side, share, called, instead, way),
        advice=" ".join([advice, *assumptions]),
    )


def _project(answers: Answers) -> str:
    return f"For {answers.project.name}" if answers.project.name else "For this project"


def _says_nothing(answers: Answers) -> bool:
    """Whether nothing but a name was given."""
    return answers.model_copy(update={"project": Project(domain=answers.project.domain)}) == Answers()


def _headline(answers: Answers, side: Framework, share: float, called: Strength, instead: str, way: str) -> str:
    odds = probability(share)
    if instead:
        return f"{_project(answers)}, {instead} comes before either; of the two, {TITLES[side]} leads with {odds}."
    if way:
        return f"{_project(answers)}, {way}; of the two frameworks, {TITLES[side]} leads with {odds}."
    if _says_nothing(answers) and called != "no clear winner":
        return (
            f"Nothing is known of the project yet: dated facts alone lean to {TITLES[side]}, with {odds} probability."
        )
    if called == "clear":
        return f"{_project(answers)}, take {TITLES[side]}: it comes out ahead with a probability of {odds}."
    if called == "leaning":
        return (
            f"{_project(answers)}, {TITLES[side]} is the better bet: it comes out ahead with a probability of {odds}."
        )
    if share < 0.505:
        return f"{_project(answers)} there is no clear winner: both come out ahead equally often."
    return f"{_project(answers)} there is no clear winner: {TITLES[side]} leads with a probability of only {odds}."


def _winner(side: Framework, called: Strength, flips: Sequence[Flip], move: str) -> str:
    start = f"Take {TITLES[side]}." if called == "clear" else f"Prefer {TITLES[side]}, but as a bet: it is not settled."
    turns = next((flip.sentence for flip in flips if flip.flips_at is not None), "")
    return " ".join(part for part in (start, move, turns or "No weight on a single criterion changes that.") if part)


def _no_winner(answers: Answers) -> str:
    """Keep the cheaper option open: what that is depends on what there is."""
    code = answers.code.framework
    if (
        code in ("tensorflow2", "keras", "keras2", "keras3", "tensorflow1", "pytorch")
        and answers.code.plan != "rewrite"
    ):
        stay = "PyTorch" if code == "pytorch" else "TensorFlow"
        first = f"Stay with what you have ({stay}): a move would cost more than it is known to bring."
    else:
        first = "Either will do. Let the people who write the code choose."
    return f"{first} Keep the other way open: Keras 3 code runs on both, and an export to ONNX runs without either."


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
    headline = f"{_project(answers)}, {TITLES[winner]}: {lower_first(sentence(failed[0].text))}"
    give_up = listed([relax(veto, knowledge) for veto in failed])
    advice = (
        f"A hard requirement decides, so nothing is weighed. {TITLES[loser]} comes back into play without {give_up}."
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
    headline = f"{_project(answers)} neither framework meets all requirements: {misses}."
    advice = f"{ways}. Otherwise look beyond the two."
    return DecisionVerdict(None, "veto", {}, 0.0, headline, " ".join([advice, *assumptions]))


def assumptions(vetoes: Sequence[Veto]) -> tuple[str, ...]:
    """A requirement that nobody could confirm is no pass: say what is supposed, and what follows if it is wrong."""
    out = failing(vetoes)
    said = []
    for veto in vetoes:
        if veto.status == "unknown" and veto.framework not in out:
            then = "" if other(veto.framework) in out else f" If not, the answer is {TITLES[other(veto.framework)]}."
            said.append(
                f"This supposes that {TITLES[veto.framework]} meets «{veto.requirement}», which is not confirmed: "
                f"{lower_first(sentence(veto.text))}{then}"
            )
    return tuple(said)
