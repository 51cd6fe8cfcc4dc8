"""The use case: answers, knowledge and measurements in, an explained recommendation out. Pure, and fast as a slider."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from advisor.answers import Answers
from advisor.decision import options
from advisor.decision.evidence import Assessment, relevance, routes
from advisor.decision.evidence.vetoes import vetoes
from advisor.decision.explain import flips, group, named, next_steps, overrides, reasons, settled, verdict, ways
from advisor.decision.explain.words import leading
from advisor.decision.sampling import Weighed, weigh
from advisor.decision.scoring.draws import Stream
from advisor.decision.scoring.smaa import Smaa, ranges
from advisor.knowledge import Knowledge
from advisor.knowledge.hints import Hint
from advisor.measured.machines import every_machine
from advisor.model.decision import Decision, DecisionVerdict, Flip, NextStep, OptionResult, Reason, Settled, Veto
from advisor.model.evidence import Cell, CriterionRow
from probes.results import ProbeResult, RunResult
from probes.schema import FRAMEWORKS, Framework, ProbeId


def decide(
    answers: Answers, knowledge: Knowledge, run: RunResult | None = None, *, samples: int = 20_000, seed: int = 0
) -> Decision:
    """The recommendation. The same arguments give the same decision, and the same seed the same draws.

    ``samples`` ≥ 100 draws of weights and values. Raises ValueError below that.
    """
    if samples < 100:
        raise ValueError(f"samples must be at least 100, not {samples}")
    stream = Stream(seed, samples)
    weighed = weigh(answers, knowledge, run, stream)
    hard = vetoes(answers, knowledge)
    ranked = options.rank(weighed, answers, knowledge, stream, hard)
    case = _Case(answers, knowledge, run, weighed, hard, ranked, named.unweighed(answers, knowledge, weighed.rows))
    said = _assumed(case)
    mean = weighed.weights.mean(axis=1)
    # Expected differences, without the noise of the draws: what is unknown on both sides is exactly 0.
    differences = [pytorch - tensorflow for pytorch, tensorflow in (row.values.mean() for row in weighed.rows)]
    turns = flips.flips(weighed.rows, mean, np.array(differences))
    decided = bool(verdict.failing(hard))  # by a requirement: no weight and no measurement turns that
    told = (*case.aside, *(hint.say for hint in case.hints), *said)
    steps: tuple[NextStep, ...] = ()
    final: Settled | None
    if decided:
        answer, final = _by_requirement(case, told)
    else:
        steps = next_steps.next_steps(weighed, answers, knowledge, run)
        answer, final = _by_weights(case, told, turns, steps, samples)
    lines = _lines(weighed)
    good, bad = _reasons(lines, hard, answer, case.ahead)
    fed = [row for row in weighed.rows if row.status == "measured" and row.probe]
    confidence = weighed.result.confidence.tolist()
    return Decision(
        verdict=answer,
        criteria=lines,
        totals=_totals(weighed.result),
        central_weights={side: _central(weighed, i) for i, side in enumerate(FRAMEWORKS)},
        confidence_factor={
            side: None if math.isnan(value) else value for side, value in zip(FRAMEWORKS, confidence, strict=True)
        },
        central_sentences=reasons.central_sentences(weighed.rows, weighed.result.central_weights, mean),
        vetoes=hard,
        routes=routes.choices(answers, knowledge),
        flips=() if decided else turns,
        reasons_for=good,
        reasons_against=bad,
        next_steps=steps,
        unknowns=next_steps.unanswered(answers, knowledge),
        probes=_behind(fed, run) if run else (),
        machine="; ".join(dict.fromkeys(filter(None, map(_measured_on, fed)))),
        samples=samples,
        seed=seed,
        assumptions=(*case.aside, *said),
        overrides=answers.overrides,
        day=knowledge.today.isoformat(),
        settled=final,
        dropped=relevance.dropped(answers, knowledge),
        group=None if decided else group.group(weighed),
        options=case.ways,
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """What an answer is found from."""

    answers: Answers
    knowledge: Knowledge
    run: RunResult | None
    weighed: Weighed
    hard: Sequence[Veto]
    ways: tuple[OptionResult, ...]  # best first
    aside: tuple[str, ...]  # what is to be said of names that the team gave and nobody weighed

    @property
    def ahead(self) -> Framework:
        return leading(float(self.weighed.result.acceptability[0]))

    @property
    def hints(self) -> list[Hint]:
        return [hint for hint in self.knowledge.hints if hint.when.holds(self.answers)]


def _assumed(case: _Case) -> tuple[str, ...]:
    """What the answer takes for granted, in sentences."""
    return (
        *verdict.assumptions(case.hard, case.ahead),
        *overrides.said(case.answers, case.weighed.rows, case.knowledge),
        *ways.of_the_day(case.knowledge),
        *map(_nothing_weighs, case.weighed.silent),
    )


def _measured_on(row: Assessment) -> str:
    """The machine that a measured row goes by: what others say of it stands behind that."""
    return next((item.machine for item in row.evidence if item.kind == "probe"), "")


def _behind(fed: Collection[Assessment], run: RunResult) -> tuple[ProbeResult, ...]:
    """The results behind these rows, their other tracks included, each of the machine that its row goes by."""
    counted: dict[str, set[tuple[str, str]]] = {}
    for row in fed:
        probe = ProbeId.parse(row.probe)
        counted.setdefault(_measured_on(row), set()).add((probe.model, probe.measure))
    return tuple(
        result
        for one in every_machine(run)
        for result in one.results
        if (result.model, result.measure) in counted.get(one.machine.name, ())
    )


def _by_requirement(case: _Case, told: Sequence[str]) -> tuple[DecisionVerdict, Settled]:
    """The answer where a hard requirement decides, or where neither side meets all of them."""
    beyond = ways.left_over(case.ways, both=len(verdict.failing(case.hard)) == len(FRAMEWORKS))
    answer = verdict.vetoed(case.hard, case.answers, case.knowledge, tuple(said for said in (beyond, *told) if said))
    return answer, settled.by_requirement(answer.framework, case.answers, case.knowledge)


def _by_weights(
    case: _Case, told: tuple[str, ...], turns: tuple[Flip, ...], steps: Sequence[NextStep], samples: int
) -> tuple[DecisionVerdict, Settled | None]:
    """The answer where both sides meet the requirements, and why it is settled, if it is."""
    third = bool(case.ways) and case.ways[0].id not in FRAMEWORKS  # else their ranking would deny the headline
    instead = next((hint.instead for hint in case.hints if hint.instead and third), "")
    unconfirmed = any(veto.status == "unknown" and veto.framework == case.ahead for veto in case.hard)
    way = ways.headline(case.ways, case.answers, case.knowledge.today)
    # A third way may lead, and what that rests on isn't looked at here, nor is what was named and isn't weighed; a step
    # that may turn it says it is open.
    sure = not (unconfirmed or instead or way or case.aside or any(step.turns > 0 for step in steps))
    result = case.weighed.result
    final = settled.by_weights(result, case.answers, case.knowledge, case.run) if sure else None
    answer = verdict.weighed(
        float(result.acceptability[0]), samples, case.answers, turns, told, _moves(case.weighed.rows), instead, way,
        ways.close_behind(case.ways), open_ends=final is None,
    )  # fmt: skip
    return answer, final


def _nothing_weighs(who: str) -> str:
    gave = f"{who} gave" if who else "You gave"
    return f"{gave} every criterion 0, which says nothing of what matters, so the starting points count instead."


def _lines(weighed: Weighed) -> tuple[CriterionRow, ...]:
    differences = weighed.values[0] - weighed.values[1]
    low, high = ranges(differences)
    weights = weighed.weights.mean(axis=1)
    shares = np.einsum("ns,ns->n", weighed.weights, differences) / weighed.weights.shape[1]
    return tuple(
        CriterionRow(
            criterion=row.criterion,
            weight=float(weights[i]),
            swing=weighed.swings[i].used,
            swing_default=weighed.swings[i].default,
            because=weighed.swings[i].because,
            cells=row.values.cells(),
            difference=float(differences[i].mean()),
            difference_low=float(low[i]),
            difference_high=float(high[i]),
            contribution=float(shares[i]),
            status=row.status,
            evidence=row.evidence,
            summary=row.summary,
        )
        for i, row in enumerate(weighed.rows)
    )


def _moves(rows: Sequence[Assessment]) -> dict[Framework, str]:
    """What it takes to bring the code along, for the side that it would have to move to."""
    code = next((row for row in rows if row.family == "migration" and row.status == "answered"), None)
    if code is None:
        return {}
    worth = dict(zip(FRAMEWORKS, code.values.mean(), strict=True))
    return {side: code.summary for side in FRAMEWORKS if worth[side] < 1}


def _reasons(
    lines: Sequence[CriterionRow], hard: Sequence[Veto], answer: DecisionVerdict, ahead: Framework
) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    good, bad = reasons.reasons(lines, answer.framework or ahead)
    if answer.strength == "veto" and answer.framework is not None:
        return reasons.veto_reasons(hard, answer.framework), bad
    return good, bad


def _totals(result: Smaa) -> dict[Framework, Cell]:
    low, high = np.quantile(result.totals, [0.05, 0.95], axis=1)
    means = result.totals.mean(axis=1)
    return {side: Cell(float(low[i]), float(means[i]), float(high[i])) for i, side in enumerate(FRAMEWORKS)}


def _central(weighed: Weighed, i: int) -> dict[str, float] | None:
    central = weighed.result.central_weights[i]
    if np.isnan(central).any():
        return None
    return {row.id: float(weight) for row, weight in zip(weighed.rows, central, strict=True)}
