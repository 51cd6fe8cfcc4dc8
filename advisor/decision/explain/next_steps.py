"""What would be worth knowing most: probes to run and questions to answer, by expected value of perfect information."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from advisor import questionnaire
from advisor.answers import TARGET_IDS, Answers, Target
from advisor.decision.evidence import Assessment, rows_of
from advisor.decision.evidence.swings import default_swing, said
from advisor.decision.evidence.vetoes import vetoes
from advisor.decision.explain.verdict import failing
from advisor.decision.explain.words import lower_first, points
from advisor.decision.scoring.sensitivity import evpi, partial_evpi
from advisor.decision.scoring.value_functions import Array
from advisor.knowledge import Knowledge
from advisor.knowledge.conditions import PATHS, TARGETS, Condition
from advisor.knowledge.criteria import (
    BestRouteSpec,
    CriterionSpec,
    JudgementSpec,
    MigrationSpec,
    RatioSpec,
    RatiosSpec,
    SkillsSpec,
)
from advisor.model import NextStep
from probes.schema import BEST_TRACKS, ProbeId, ProbeResult, RunResult, Verdict

Option = str | bool | int
_WORTH: Final = 0.0005  # a twentieth of a point of 100
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
    rules = (rule.when for spec in knowledge.criteria for rule in spec.rules)
    required = (item.when for item in knowledge.requirements)
    hinted = (hint.when for hint in knowledge.hints)
    return _paths((*rules, *required, *hinted)).union(*(_value_reads(spec) for spec in knowledge.criteria))


def next_steps(
    rows: Sequence[Assessment],
    weights: Array,
    values: Array,
    answers: Answers,
    knowledge: Knowledge,
    run: RunResult | None,
) -> tuple[NextStep, ...]:
    """Best first; what could change nothing is left out. ``weights`` (n,) means, ``values`` (2, n, samples)."""
    results = {best.probe: best for best in run.evidence} if run else {}
    still_open = [i for i, row in enumerate(rows) if row.probe and _still_open(row, results.get(row.probe))]
    steps = [*_probes(rows, weights, values, still_open, results), *_questions(answers, knowledge, run)]
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
    still_open: Sequence[int],
    results: Mapping[str, ProbeResult],
) -> list[NextStep]:
    mean = sum(w * (v[0] - v[1]) for w, v in zip(weights, (row.values.mean() for row in rows), strict=True))
    shares = weights[still_open, None] * (values[0, still_open] - values[1, still_open])
    gains = partial_evpi(float(mean), shares)
    return [
        _probe_step(rows[i], float(gain), results.get(rows[i].probe)) for i, gain in zip(still_open, gains, strict=True)
    ]


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


def _probe_step(row: Assessment, gain: float, result: ProbeResult | None) -> NextStep:
    longer = row.status != "unknown" and result is not None
    name = lower_first(row.criterion.title)
    verb = "Measuring longer" if longer else "Measuring"
    sentence = f"{verb} {name} could turn the answer; knowing it is worth {points(gain)} on average."
    return NextStep("probe", row.probe, f"{'Measure longer' if longer else 'Measure'}: {name}", gain, sentence)


def _questions(answers: Answers, knowledge: Knowledge, run: RunResult | None) -> list[NextStep]:
    outlook = _Outlook(answers, knowledge, run)
    titles = {question.id: question.title for question in questionnaire.questions()}
    steps = []
    for path in unanswered(answers, knowledge):
        gain = evpi(np.array([outlook.difference(path, option) for option in _options(path)]))
        sentence = f"The answer could turn the recommendation; knowing it is worth {points(gain)} on average."
        steps.append(NextStep("question", path, titles[path], gain, sentence))
    return steps


def _options(path: str) -> Sequence[Option]:
    """The answers that might be given; of numbers, some."""
    if path == TARGETS:
        return TARGET_IDS
    asked = PATHS[path]
    return (True, False) if asked.kind == "yes-no" else asked.choices or _NUMBERS[path]


class _Outlook:
    """E[Δ] under an answer that might be given, every option being as likely as the next.

    Only what looks at that answer is assessed again, a criterion's swing apart from its values, and nothing is drawn:
    expected values and default swings are enough to rank questions.
    """

    def __init__(self, answers: Answers, knowledge: Knowledge, run: RunResult | None) -> None:
        self._answers, self._knowledge, self._run = answers, knowledge, run
        defaults = {spec.id: default_swing(spec, answers)[0] for spec in knowledge.criteria}
        self._required = _paths(item.when for item in knowledge.requirements) | {TARGETS, "hardware.train"}
        self._said = said(answers.priorities.counted, defaults)
        self._criteria = [
            (
                spec,
                _paths(rule.when for rule in spec.rules),
                _value_reads(spec),
                self._swing(spec, answers),
                self._values(spec, answers),
            )
            for spec in knowledge.criteria
        ]

    def difference(self, path: str, option: Option) -> float:
        """E[Δ] if the answer at ``path`` were ``option``; a side that misses a requirement is worth nothing."""
        answers = answered(self._answers, path, option)
        pytorch = tensorflow = weight = 0.0
        for spec, swing_reads, value_reads, swing, values in self._criteria:
            used = self._swing(spec, answers) if path in swing_reads else swing
            of_pytorch, of_tensorflow, share = self._values(spec, answers) if path in value_reads else values
            pytorch, tensorflow = pytorch + used * of_pytorch, tensorflow + used * of_tensorflow
            weight += used * share
        out = failing(vetoes(answers, self._knowledge)) if path in self._required else ()
        pytorch, tensorflow = pytorch * ("pytorch" not in out), tensorflow * ("tensorflow" not in out)
        return (pytorch - tensorflow) / weight if weight else 0.0

    def _swing(self, spec: CriterionSpec, answers: Answers) -> float:
        return self._said[spec.id] if spec.id in self._said else default_swing(spec, answers)[0]

    def _values(self, spec: CriterionSpec, answers: Answers) -> tuple[float, float, float]:
        """Expected values of both sides and 1, each times the row's share, summed over the criterion's rows."""
        pytorch = tensorflow = share = 0.0
        for row in rows_of(spec, answers, self._knowledge, self._run):
            values = row.values.mean()
            pytorch, tensorflow = pytorch + row.share * values[0], tensorflow + row.share * values[1]
            share += row.share
        return pytorch, tensorflow, share


def _value_reads(spec: CriterionSpec) -> frozenset[str]:
    """Key paths of the answers that a criterion's value looks at."""
    value = spec.value
    match value:
        case JudgementSpec():
            routed = ("hardware.train", "targets") if value.from_route else ()
            return _paths(case.when for case in value.cases).union(routed)
        case RatioSpec():
            return frozenset({f"hardware.{value.runs_on}", "targets", "stage"})
        case RatiosSpec():
            return frozenset({f"hardware.{value.runs_on}", "targets"})
        case BestRouteSpec():
            return frozenset({"targets"})
        case SkillsSpec():
            return frozenset({"team.skills.pytorch", "team.skills.tensorflow"})
        case MigrationSpec():
            return frozenset({"code.framework", "code.lines", "code.plan", "stage"})


def _paths(conditions: Iterable[Condition]) -> frozenset[str]:
    return frozenset(line.asks for when in conditions for line in when.lines)


def answered(answers: Answers, path: str, option: Option) -> Answers:
    """The answers with one more given, as the only one where several can be."""
    if path == TARGETS:
        return answers.model_copy(update={"targets": (Target.model_validate({"id": option}),)})
    given: Any = (option,) if PATHS[path].kind == "several" else option
    first, _, rest = path.partition(".")
    if not rest:
        return answers.model_copy(update={first: given})
    part: Any = getattr(answers, first)
    name, _, key = rest.partition(".")
    value: Any = {**getattr(part, name), key: given} if key else given
    return answers.model_copy(update={first: part.model_copy(update={name: value})})
