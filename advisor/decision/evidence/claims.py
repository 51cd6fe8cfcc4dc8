"""What this machine says of a claim: the measurement that it names, for or against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from advisor.answers import Answers
from advisor.decision.evidence.measurements import measured_pair, network, ratio_words
from advisor.knowledge import Knowledge
from advisor.model.facts import Claim
from probes.results import ProbeResult, RunResult
from probes.schema import Outcome, ProbeId, Verdict

Says = Literal["bears it out", "speaks against it", "can't tell yet", "not measured", "shows this"]
#: What the facts say of a claim, and which local word contradicts it.
_CONTRARY: Mapping[str, Says] = {
    "holds": "speaks against it",
    "holds in part": "speaks against it",
    "wrong": "bears it out",
    "outdated": "bears it out",
}


@dataclass(frozen=True, slots=True)
class Local:
    """One claim on this machine. ``probe`` is what would measure it, and did if ``says`` is not «not measured»."""

    probe: str
    says: Says
    sentence: str
    day: str = ""  # ISO date of the measurement
    machine: str = ""
    contradicts: bool = False  # what the facts say of the claim


def local(claim: Claim, answers: Answers, knowledge: Knowledge, run: RunResult | None) -> Local | None:
    """What the project's kind of network says of the claim here; None if no measure bears on it."""
    if not claim.measure:
        return None
    probe = f"{claim.network or network(answers, knowledge)}.{claim.measure}"
    result = _measured(ProbeId.parse(probe), run) if run else None
    if run is None or result is None:
        return Local(probe, "not measured", "")
    if result.outcome is not Outcome.OK or result.ratio is None:
        return Local(probe, "not measured", result.reason or f"It ended without a figure: {result.outcome.value}.")
    day = (result.measured_at or run.started_at)[:10]
    says = _says(claim, result)
    contradicts = _CONTRARY.get(claim.verdict) == says
    return Local(probe, says, ratio_words(result, measured_pair(result)), day, run.machine.name, contradicts)


def _measured(probe: ProbeId, run: RunResult) -> ProbeResult | None:
    """Best mode against best mode, unless the claim is about a mode; where that has no figure, the probe's own end."""
    best = (one for one in run.evidence if (one.model, one.measure) == (probe.model, probe.measure))
    own = next((row for row in run.results if row.probe == str(probe)), None)
    return own if probe.track != "default" else next(best, own)


def _says(claim: Claim, result: ProbeResult) -> Says:
    """A claim that one side is ahead is spoken against by «equal» as much as by the other side."""
    if claim.supports is None:
        return "shows this"
    if result.verdict is Verdict.UNDECIDED or result.provisional:
        return "can't tell yet"
    return "bears it out" if result.verdict.value == claim.supports else "speaks against it"
