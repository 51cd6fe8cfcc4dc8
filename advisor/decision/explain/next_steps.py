"""What would be worth knowing most: probes to run and questions to answer, by what they would do to the answer.

The gain of knowing something is what it does to the strength of the answer (how much surer or less sure it becomes, on
average) plus what it is worth as to the side (expected value of perfect information); docs/adr/0036.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from advisor import questionnaire
from advisor.answers import TARGET_IDS, Answers
from advisor.decision.evidence import Assessment
from advisor.decision.explain.outlook import Option, Outlook, Standing, reads
from advisor.decision.explain.verdict import CLEAR, LEANING, strength
from advisor.decision.explain.words import share
from advisor.decision.sampling import Weighed
from advisor.decision.scoring.sensitivity import evpi, partial_evpi, strength_gain
from advisor.decision.scoring.value_functions import Array
from advisor.knowledge import Knowledge
from advisor.knowledge.conditions import PATHS, TARGETS
from advisor.model.decision import NextStep
from probes.results import ProbeResult, RunResult
from probes.schema import BEST_TRACKS, ProbeId, Verdict
from probes.system.sentences import listed, lower_first

_WORTH: Final = 0.002  # a five-hundredth of the way from even odds to a clear answer
_RARELY: Final = 0.01  # of what may come out: not worth a word
_FOUND: Final = 4_000  # draws of what a probe may find
_NUMBERS: Final[Mapping[str, tuple[int, ...]]] = {
    "team.size": (2, 5, 20), "code.lines": (1_000, 10_000, 60_000),
    "team.skills.pytorch": (1, 3, 5), "team.skills.tensorflow": (1, 3, 5), "team.skills.jax": (1, 3, 5),
    "team.skills.cpp": (1, 3, 5), "team.skills.javascript": (1, 3, 5),
    "project.parameters": (1_000_000, 100_000_000, 10_000_000_000), "project.data_gb": (1, 100, 10_000),
    "project.devices": (1, 8, 64),
}  # fmt: skip


def unanswered(answers: Answers, knowledge: Knowledge) -> tuple[str, ...]:
    """Key paths of the questions that are open by now, not answered, and looked at by anything that is known.

    In the order of the questionnaire.
    """
    counts = _looked_at(knowledge)
    silent = (question for question in questionnaire.asked(answers) if not question.is_answered(answers))
    return tuple(question.id for question in silent if question.id in counts)


def _looked_at(knowledge: Knowledge) -> frozenset[str]:
    """Key paths of the answers that a weight, a value, a requirement or a hint depends on."""
    criteria = (reads(spec) for spec in knowledge.criteria)
    required = (item.asks for item in knowledge.requirements)
    hinted = (line.asks for hint in knowledge.hints for line in hint.when.lines)
    return frozenset(hinted).union(*required, *criteria)


def next_steps(weighed: Weighed, answers: Answers, knowledge: Knowledge, run: RunResult | None) -> tuple[NextStep, ...]:
    """Best first; what could change nothing is left out."""
    rows, weights = weighed.rows, weighed.weights.mean(axis=1)
    results = {best.probe: best for best in run.evidence} if run else {}
    still_open = [i for i, row in enumerate(rows) if row.probe and _still_open(row, results.get(row.probe))]
    now = Standing.of(weighed.result)
    steps = [
        *_probes(rows, weights, weighed.values, now, still_open, results),
        *_questions(answers, knowledge, run, now),
    ]
    worth_it = sorted((step for step in steps if step.gain >= _WORTH), key=lambda step: -step.gain)
    return tuple(worth_it) or _widest(rows, weights, still_open)


def probe_gains(steps: Sequence[NextStep], probe_ids: Collection[str]) -> dict[str, float]:
    """What a run could gain the decision, by probe id; empty if no probe can move it, so that all count alike.

    What may be a side's best mode is worth as much as the mode that the recommendation goes by; where none of them can
    run here, the default mode is.
    """
    gains: dict[str, float] = {}
    for step in steps:
        if step.kind == "probe" and step.gain >= _WORTH:
            probe = ProbeId.parse(step.id)
            modes = [str(replace(probe, track=track)) for track in (probe.track, *BEST_TRACKS)]
            able = [mode for mode in modes if mode in probe_ids] or [str(replace(probe, track="default"))]
            gains |= dict.fromkeys(able, min(1.0, step.gain))
    return {probe: gain for probe, gain in gains.items() if probe in probe_ids}


def _probes(
    rows: Sequence[Assessment],
    weights: Array,
    values: Array,
    now: Standing,
    still_open: Sequence[int],
    results: Mapping[str, ProbeResult],
) -> list[NextStep]:
    """What each open probe would do, over the values that it may find."""
    if not still_open:
        return []
    mean = sum(w * (v[0] - v[1]) for w, v in zip(weights, (row.values.mean() for row in rows), strict=True))
    shares = weights[still_open, None] * (values[0, still_open, :_FOUND] - values[1, still_open, :_FOUND])
    evpis = partial_evpi(float(mean), shares)
    means = now.mean + shares - shares.mean(axis=1, keepdims=True)
    left = 1 - shares.var(axis=1, keepdims=True) / now.sd**2 if now.sd > 0 else np.ones((len(still_open), 1))
    after = now.moved(means, left)
    return [
        _probe_step(rows[i], _worth(now, after[k], float(evpis[k])), results.get(rows[i].probe))
        for k, i in enumerate(still_open)
    ]


@dataclass(frozen=True, slots=True)
class _Worth:
    """What knowing something would do: its gain, and the shares of outcomes that settle, turn or weaken the answer."""

    gain: float
    settles: float
    turns: float
    weakens: float
    outcomes: int

    def does(self, settle: str, turn: str, weaken: str) -> list[tuple[str, float]]:
        """What happens in how much of the outcomes, in these words, without what hardly ever does."""
        happens = ((settle, self.settles), (turn, self.turns), (weaken, self.weakens))
        return [(words, part) for words, part in happens if part >= _RARELY]


def _worth(now: Standing, after: Array, turning: float) -> _Worth:
    """``after``: probability that PyTorch is ahead for each outcome; ``turning``: what it is worth as to the side."""
    surest, turned = np.maximum(after, 1 - after), (after >= 0.5) != (now.probability >= 0.5)
    kept = {"clear": CLEAR, "leaning": LEANING}.get(strength(now.probability), 0.0)
    return _Worth(
        gain=strength_gain(now.probability, after, LEANING, CLEAR) + turning,
        settles=float((surest >= CLEAR).mean()) if kept < CLEAR else 0.0,
        turns=float(turned.mean()),
        weakens=float(((surest < kept) & ~turned).mean()),
        outcomes=len(after),
    )


def _widest(rows: Sequence[Assessment], weights: Array, still_open: Sequence[int]) -> tuple[NextStep, ...]:
    """Nothing alone can turn the answer: then the open probe that leaves most of the total unknown."""
    if not still_open:
        return ()
    cells = {i: rows[i].values.cells()["pytorch"] for i in still_open}
    widest = max(cells, key=lambda i: float(weights[i]) * (cells[i].high - cells[i].low))
    name = lower_first(rows[widest].criterion.title)
    sentence = f"Nothing that is open could turn the answer by itself; {name} leaves the widest gap."
    return (NextStep("probe", rows[widest].probe, f"Measure: {name}", 0.0, sentence),)


def _still_open(row: Assessment, result: ProbeResult | None) -> bool:
    return row.status == "unknown" or (
        result is not None and (result.provisional or result.verdict is Verdict.UNDECIDED)
    )


def _probe_step(row: Assessment, worth: _Worth, result: ProbeResult | None) -> NextStep:
    longer = row.status != "unknown" and result is not None
    name = lower_first(row.criterion.title)
    happens = worth.does("make the answer clear", "turn the answer", "make the answer less sure")
    does = [f"{words} in {share(part)}" for words, part in happens]
    verb = "Measuring longer" if longer else "Measuring"
    sentence = (
        f"{verb} {name} would {listed(does)} of all outcomes."
        if does
        else f"{verb} {name} would move the answer a little."
    )
    title = f"{'Measure longer' if longer else 'Measure'}: {name}"
    return NextStep("probe", row.probe, title, worth.gain, sentence, worth.settles, worth.turns)


def _questions(answers: Answers, knowledge: Knowledge, run: RunResult | None, now: Standing) -> list[NextStep]:
    """What each open question would do, every option being as likely as the next."""
    outlook = Outlook(answers, knowledge, run, now)
    titles = {question.id: question.title for question in questionnaire.questions()}
    steps = []
    for path in unanswered(answers, knowledge):
        supposed = outlook.supposing(path, options(path))
        worth = _worth(now, supposed.probability, evpi(supposed.difference))
        steps.append(
            NextStep("question", path, titles[path], worth.gain, _of_question(worth), worth.settles, worth.turns)
        )
    return steps


def options(path: str) -> Sequence[Option]:
    """The answers that might be given; of numbers, some."""
    if path == TARGETS:
        return TARGET_IDS
    return PATHS[path].options or _NUMBERS[path]


def _of_question(worth: _Worth) -> str:
    happens = worth.does(
        "make the recommendation clear", "turn the recommendation", "make the recommendation less sure"
    )
    if not happens:
        return "The answer would move the recommendation a little."
    does = [f"{round(part * worth.outcomes)} would {words}" for words, part in happens]
    return f"Of {worth.outcomes} answers that were tried, {listed(does)}."
