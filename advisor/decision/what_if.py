"""What if: another weight on one criterion, or another answer to one question. Pure, and nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from advisor import questionnaire
from advisor.answers import TARGET_IDS, Answers, Target
from advisor.decision.decide import decide
from advisor.decision.sampling import weigh
from advisor.decision.scoring.draws import Stream
from advisor.knowledge import Knowledge
from advisor.knowledge.conditions import PATHS, answered
from advisor.model.decision import Decision, DecisionVerdict
from probes.results import RunResult
from probes.schema import Framework

#: Draws: a p near ½ is good to 0.8 points of 100, which no picture shows.
SAMPLES: Final = 4_000
POINTS: Final = 41
_NOTICED: Final = 0.002  # a fifth of a point of 100
_IMPORTANCE: Final = 4  # of a target that nobody has named: it has to be reached


@dataclass(frozen=True, slots=True)
class Sweep:
    """The answer over the weight of one criterion, the others keeping their proportions."""

    criterion: str
    title: str
    weights: tuple[float, ...]  # 0 to 1
    probability: tuple[float, ...]  # of PyTorch at each
    now: float  # the mean weight as it is
    turns_at: float | None  # where the probability passes ½; None if it doesn't


@dataclass(frozen=True, slots=True)
class Alternative:
    """The answer if one question were answered differently."""

    option: str
    verdict: DecisionVerdict
    present: bool  # it is what is answered now
    moved: tuple[tuple[str, Framework, float], ...]  # title, for whom, by how many points of 1; the largest first


def sweep(
    answers: Answers,
    knowledge: Knowledge,
    run: RunResult | None,
    criterion: str,
    *,
    samples: int = SAMPLES,
    seed: int = 0,
) -> Sweep:
    """Probability of PyTorch at ``POINTS`` weights of a row. Raises ValueError for a row that isn't there.

    In each draw Δ(x) = x·dₖ + (1 − x)·D, with dₖ the value difference on the row and D the renormalised mean of the
    others at their drawn weights; ties count half.
    """
    weighed = weigh(answers, knowledge, run, Stream(seed, samples))
    ids = [row.id for row in weighed.rows]
    if criterion not in ids:
        raise ValueError(f"criterion: {criterion!r} has no row here; allowed: {', '.join(ids)}")
    k = ids.index(criterion)
    differences = weighed.values[0] - weighed.values[1]
    difference, weight = differences[k], weighed.weights[k]
    rest = np.einsum("ns,ns->s", weighed.weights, differences) - weight * difference
    others = rest / np.maximum(1 - weight, 1e-12)
    at = np.linspace(0, 1, POINTS)
    probability = [_ahead(x * difference + (1 - x) * others) for x in at]
    return Sweep(
        criterion=criterion,
        title=weighed.rows[k].criterion.title,
        weights=tuple(at.tolist()),
        probability=tuple(probability),
        now=float(weight.mean()),
        turns_at=crossing(at.tolist(), probability, float(weight.mean())),
    )


def turnable(answers: Answers) -> tuple[str, ...]:
    """The questions that can be turned round, of those that matter with these answers; a number is no alternative."""
    return tuple(question.id for question in questionnaire.asked(answers) if question.otherwise)


def alternatives(
    answers: Answers, knowledge: Knowledge, run: RunResult | None, question: str, *, samples: int = SAMPLES
) -> tuple[Alternative, ...]:
    """The answer under each option of a question of ``turnable``, in the questionnaire's order; one alone of several.

    Raises ValueError for any other question.
    """
    if question not in (allowed := turnable(answers)):
        raise ValueError(f"question: {question!r} can't be turned round; allowed: {', '.join(allowed)}")
    present = decide(answers, knowledge, run, samples=samples)
    options = []
    for option in TARGET_IDS if question == "targets" else PATHS[question].choices or ():
        is_now = _is_answered(answers, question, option)
        decision = present if is_now else decide(_changed(answers, question, option), knowledge, run, samples=samples)
        options.append(Alternative(option, decision.verdict, is_now, () if is_now else _moved(present, decision)))
    return tuple(options)


def _is_answered(answers: Answers, question: str, option: str) -> bool:
    if question == "targets":
        return [target.id for target in answers.targets] == [option]
    return PATHS[question].read(answers) in (option, (option,))


def _changed(answers: Answers, question: str, option: str) -> Answers:
    if question != "targets":
        return answered(answers, question, option)
    importance = max((target.importance for target in answers.targets), default=_IMPORTANCE)
    return answers.model_copy(update={"targets": (Target.model_validate({"id": option, "importance": importance}),)})


def _moved(before: Decision, after: Decision) -> tuple[tuple[str, Framework, float], ...]:
    then = {row.criterion.id: row.contribution for row in before.criteria}
    titles = {row.criterion.id: row.criterion.title for row in (*before.criteria, *after.criteria)}
    now = {row.criterion.id: row.contribution for row in after.criteria}
    changes = {name: now.get(name, 0.0) - then.get(name, 0.0) for name in titles}
    largest = sorted(changes, key=lambda name: -abs(changes[name]))[:2]
    return tuple(
        (titles[name], "pytorch" if changes[name] > 0 else "tensorflow", abs(changes[name]))
        for name in largest
        if abs(changes[name]) >= _NOTICED
    )


def _ahead(difference: np.ndarray) -> float:
    return float((difference > 0).mean() + 0.5 * (difference == 0).mean())


def crossing(at: Sequence[float], probability: Sequence[float], now: float) -> float | None:
    """Where ``probability`` passes ½, of several places that nearest to ``now``; None if it stays on one side.

    Between two points it is taken to be linear; points at ½ that lie between either side are themselves such places.
    """
    found: list[float] = []
    for i, j in pairwise(i for i, p in enumerate(probability) if p != 0.5):
        before, after = probability[i] - 0.5, probability[j] - 0.5
        if before * after < 0:
            found += at[i + 1 : j] or [at[i] - (at[j] - at[i]) * before / (after - before)]
    return min(found, key=lambda x: abs(x - now), default=None)
