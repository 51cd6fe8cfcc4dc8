"""Values from several probes that count alike: the geometric mean of the ratios that were measured."""

from __future__ import annotations

import math

from advisor.answers import Answers
from advisor.decision.evidence.assessment import Assessment
from advisor.decision.evidence.machine_choice import chosen
from advisor.decision.evidence.measurements import (
    Z95,
    machine_kind,
    measured_pair,
    probe_evidence,
    ratio_words,
    transfer_words,
    unmeasured,
)
from advisor.decision.evidence.values import CostRatio
from advisor.knowledge import Knowledge
from advisor.knowledge.criteria import CriterionSpec, RatiosSpec
from probes.results import RunResult
from probes.schema import ProbeId


def assess(
    spec: CriterionSpec, value: RatiosSpec, answers: Answers, run: RunResult | None, knowledge: Knowledge
) -> Assessment:
    """Unknown as long as none of the probes has a ratio; ``probe`` is the first one that is still missing."""
    choice = chosen(run, answers, value.runs_on, {ProbeId.parse(probe).measure for probe in value.probes})
    run = choice.run
    best = {f"{found.model}.{found.measure}": found for found in run.evidence} if run else {}
    results = [best[probe] for probe in value.probes if probe in best]
    missing = [probe for probe in value.probes if probe not in best]
    if run is None or not results:
        return unmeasured(spec, ProbeId.parse(value.probes[0]), run)
    pairs = [measured_pair(result) for result in results]
    log = sum(pair.log for pair in pairs) / len(pairs)
    measured = math.hypot(*(pair.sd for pair in pairs)) / len(pairs)
    kind = machine_kind(answers, value.runs_on, run)
    factor = knowledge.transfer[kind]
    sd = math.hypot(measured, math.log(factor) / Z95)
    told = [ratio_words(result, pair) for result, pair in zip(results, pairs, strict=True)]
    evidence = [probe_evidence(result, pair, run) for result, pair in zip(results, pairs, strict=True)]
    margin = max(result.margin for result in results)
    return Assessment(
        spec.criterion,
        spec.id,
        CostRatio(log, sd, value.swing_ratio, margin),
        "measured",
        " ".join(told),
        (*evidence, *choice.evidence, transfer_words(kind, factor)),
        probe=(missing or [results[0].probe])[0],
    )
