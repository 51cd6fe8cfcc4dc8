"""Values from probes: the ratio with its interval, widened for the way from this machine to the one that counts."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from advisor.answers import Answers, Hardware, Latency
from advisor.decision.evidence.assessment import Assessment
from advisor.decision.evidence.machine_choice import chosen, device
from advisor.decision.evidence.values import CostRatio, Limit, UnknownRatio, Values, unknown
from advisor.knowledge import Knowledge
from advisor.knowledge.criteria import CriterionSpec, RatioSpec, anchor_at
from advisor.model.evidence import Evidence
from advisor.wording.quantities import percent
from probes.results import NOT_SHOWN, ProbeResult, RunResult
from probes.schema import FRAMEWORKS, TITLES, TRACKS, Framework, Outcome, ProbeId, Verdict

#: Targets on which the framework itself does not run: a converted model does.
CONVERTED = frozenset(
    {"android", "ios", "browser", "microcontroller", "coral", "hailo", "rockchip", "core_ml", "llm_device", "bigquery"}
)
Z95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class MeasuredRatio:
    """A measured comparison: log of TensorFlow's cost over PyTorch's, its error, and the modes compared."""

    log: float
    sd: float
    modes: Mapping[Framework, str]
    medians: Mapping[Framework, float | None]


def assess(
    spec: CriterionSpec, value: RatioSpec, answers: Answers, run: RunResult | None, knowledge: Knowledge
) -> Assessment:
    """The measure's ratio as values, by the team's own network or the project's kind of network if that was measured;
    else why it is unknown."""
    wanted, transfer = network(answers, knowledge), knowledge.transfer
    choice = chosen(run, answers, value.runs_on, {value.measure})
    run = choice.run
    own = run.request.model_file.id if run and run.request.model_file else ""
    found = {(best.model, best.measure): best for best in run.evidence} if run else {}
    tried = any((row.model, row.measure) == (wanted, value.measure) for row in run.results) if run else False
    others = (row for (_, measure), row in found.items() if measure == value.measure and not tried)
    result = found.get((own, value.measure)) or found.get((wanted, value.measure)) or next(others, None)
    if run is None or result is None:
        return unmeasured(spec, ProbeId(wanted, value.measure, value.track), run)
    pair = measured_pair(result)
    kind = machine_kind(answers, value.runs_on, run)
    elsewhere = math.log(transfer["network"]) / Z95 if result.model not in (wanted, own) else 0.0
    sd = math.hypot(pair.sd, math.log(transfer[kind]) / Z95, elsewhere)
    values = _values(value, answers, result, pair, sd, transfer)
    evidence = [probe_evidence(result, pair, run)]
    witness = found.get((result.model, value.witness))
    if witness is not None:
        evidence.append(probe_evidence(witness, measured_pair(witness), run, "Shown beside it, not counted: "))
    if isinstance(values, Limit):
        text = (
            f"Counted against your own target of {values.target:g} ms and limit of {values.limit:g} ms, "
            "with the probe's network: a larger one takes longer."
        )
        evidence.append(Evidence("judgement", "latency", text))
    else:
        evidence.extend(_anchor_words(value, answers))
    evidence.extend(choice.evidence)
    evidence.append(transfer_words(kind, transfer[kind]))
    if elsewhere:
        text = f"Measured with the network «{result.model}»; for a project like yours that would be «{wanted}». "
        evidence.append(
            Evidence("judgement", "network", f"{text}The range allows for a factor of {transfer['network']:g}.")
        )
    summary = ratio_words(result, pair)
    return Assessment(spec.criterion, spec.id, values, "measured", summary, tuple(evidence), probe=result.probe)


def network(answers: Answers, knowledge: Knowledge) -> str:
    """The model of the catalog that stands for the project."""
    return knowledge.networks.get(answers.project.domain or "", knowledge.networks["else"])


def unmeasured(spec: CriterionSpec, wanted: ProbeId, run: RunResult | None) -> Assessment:
    """Why there is no figure: what the wanted probe says if it was tried, else another track's or network's."""
    tried = [row for row in run.results if row.measure == wanted.measure] if run else []

    def distance(row: ProbeResult) -> tuple[bool, bool, int]:
        return row.model != wanted.model, row.track != wanted.track, TRACKS.index(row.track)

    result = min(tried, key=distance, default=None)
    probe = result.probe if result else str(wanted)
    if result is None:
        outcome, reason = Outcome.OK, "Not measured yet."
    elif result.outcome is Outcome.OK and result.doubt:
        outcome, reason = Outcome.OK, f"Measured, and not counted: {NOT_SHOWN} ({result.doubt})."
    elif result.outcome is Outcome.OK:
        outcome, reason = Outcome.OK, "Measured so far without a ratio: more rounds are needed."
    else:
        sides = [
            f"{TITLES[s]}: {result.sides[s].reason}" for s in FRAMEWORKS if s in result.sides and result.sides[s].reason
        ]
        outcome, told = result.outcome, result.reason or "; ".join(sides)
        reason = f"Measured without a result ({outcome.value}){f': {told}' if told else '.'}"
    values = UnknownRatio(unknown(reason, outcome))
    return Assessment(spec.criterion, spec.id, values, "unknown", reason, probe=probe)


def measured_pair(result: ProbeResult) -> MeasuredRatio:
    """The paired ratio of one probe. ``ratio`` is TensorFlow / PyTorch of the metric; more is worse only for costs."""
    ratio = result.ratio
    if ratio is None:
        raise ValueError(f"{result.probe} has no ratio")
    sign = 1.0 if result.better == "lower" else -1.0
    z = NormalDist().inv_cdf(0.5 + ratio.confidence / 2)
    sd = (math.log(ratio.high) - math.log(ratio.low)) / (2 * z)
    modes = {side: result.sides[side].mode for side in FRAMEWORKS if side in result.sides}
    medians = {side: result.sides[side].median for side in FRAMEWORKS if side in result.sides}
    return MeasuredRatio(sign * math.log(ratio.estimate), sd, modes, medians)


def machine_kind(answers: Answers, runs_on: Literal["train", "serve"], run: RunResult) -> str:
    """Whether the machine that counts is of the kind that was measured: same, other or unknown."""
    chosen = {target.id for target in answers.targets}
    if runs_on == "serve" and chosen and chosen <= CONVERTED:
        return "other"
    wanted = answers.hardware.train if runs_on == "train" else answers.hardware.serve
    return kind_of_machine(wanted, device(run))


def kind_of_machine(wanted: Collection[Hardware], measured: Hardware) -> Literal["same", "other", "unknown"]:
    """Whether the machines that count are of the kind that was measured: all of them, or it holds for some only."""
    if not wanted:
        return "unknown"
    return "same" if set(wanted) == {measured} else "other"


def _values(
    value: RatioSpec,
    answers: Answers,
    result: ProbeResult,
    pair: MeasuredRatio,
    sd: float,
    transfer: Mapping[str, float],
) -> Values:
    wish = latency_wish(answers) if value.runs_on == "serve" and result.unit == "s" else None
    times = [pair.medians.get(side) for side in FRAMEWORKS]
    known = [time for time in times if time]
    if wish is None or len(known) < 2:
        anchor = anchor_at(answers.stage, value.stages)
        return CostRatio(pair.log, sd, anchor.full if anchor else value.swing_ratio, result.margin)
    level = sum(math.log(1000 * time) for time in known) / 2
    return Limit(level, math.log(transfer["level"]) / Z95, pair.log, sd, wish.target, wish.limit)


def _anchor_words(value: RatioSpec, answers: Answers) -> tuple[Evidence, ...]:
    """At which ratio the value ends, where the stage has a say in it."""
    anchor = anchor_at(answers.stage, value.stages)
    if anchor is None:
        return ()
    text = f"A factor of {anchor.full:g} counts in full here, not {value.swing_ratio:g} as elsewhere: {anchor.because}."
    return (Evidence("judgement", value.measure, text),)


def latency_wish(answers: Answers) -> Latency | None:
    """The strictest target and limit of a place that runs the framework itself: whoever meets them meets the others."""
    limits = [wish for target in answers.targets if (wish := target.latency_ms) and target.id not in CONVERTED]
    return min(limits, key=lambda latency: (latency.limit, latency.target), default=None)


def ratio_words(result: ProbeResult, pair: MeasuredRatio) -> str:
    """The comparison as a sentence: who, how many times, how sure, in which modes."""
    sign = 1.0 if result.better == "lower" else -1.0
    more = sign * pair.log  # of the metric itself
    ahead, behind = ("TensorFlow", "PyTorch") if more >= 0 else ("PyTorch", "TensorFlow")
    low, high = sorted(math.exp(abs(more) + step * Z95 * pair.sd) for step in (-1, 1))
    modes = f"{pair.modes.get('pytorch', '')} against {pair.modes.get('tensorflow', '')}"
    interval = f"95 % interval {low:.2f} to {high:.2f}; PyTorch {modes}" if modes.strip() != "against" else ""
    text = f"{ahead}'s {result.metric} was {math.exp(abs(more)):.2f} times {behind}'s ({interval})"
    if result.verdict is Verdict.EQUAL:
        return f"{text}, equal within {percent(result.margin)}."
    return f"{text}, which is not decided yet." if result.verdict is Verdict.UNDECIDED else f"{text}."


def probe_evidence(result: ProbeResult, pair: MeasuredRatio, run: RunResult, before: str = "") -> Evidence:
    text = before + ratio_words(result, pair)
    if result.provisional:
        text += " Provisional: rounds are still missing."
    if result.contended:
        text += " The machine was busy with other work."
    return Evidence("probe", result.probe, text, (result.measured_at or run.started_at)[:10], machine=run.machine.name)


def transfer_words(kind: str, factor: float) -> Evidence:
    why = {
        "same": "Your machines are of the same kind, but not the one that measured",
        "other": "What counts runs on another kind of machine, at least in part",
        "unknown": "On which machines it will run is not answered",
    }[kind]
    return Evidence(
        "judgement", "transfer", f"{why}: the ratio there may differ from the measured one by a factor of {factor:g}."
    )
