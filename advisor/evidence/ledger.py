"""What this machine says of a claim: the measurement that it names, for or against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from advisor.answers import Answers
from advisor.evidence.measured import measured_pair, network, ratio_words
from advisor.knowledge import Knowledge
from advisor.model import Claim
from probes.schema import Outcome, ProbeResult, RunResult, Verdict

Says = Literal["bears it out", "speaks against it", "can't tell yet", "not measured"]


@dataclass(frozen=True, slots=True)
class Local:
    """One claim on this machine. ``probe`` is what would measure it, and did if ``says`` is not «not measured»."""

    probe: str
    says: Says
    sentence: str
    day: str = ""  # ISO date of the measurement
    machine: str = ""


def local(claim: Claim, answers: Answers, knowledge: Knowledge, run: RunResult | None) -> Local | None:
    """What the project's kind of network says of the claim here; None if no measure bears on it."""
    if claim.supports is None:
        return None
    probe = f"{network(answers, knowledge)}.{claim.measure}"
    result = next((row for row in run.results if row.probe == probe), None) if run else None
    if run is None or result is None:
        return Local(probe, "not measured", "")
    if result.outcome is not Outcome.OK or result.ratio is None:
        return Local(probe, "not measured", result.reason or f"It ended without a figure: {result.outcome.value}.")
    day = (result.measured_at or run.started_at)[:10]
    return Local(probe, _says(claim, result), ratio_words(result, measured_pair(result)), day, run.machine.name)


def _says(claim: Claim, result: ProbeResult) -> Says:
    """A claim that one side is ahead is spoken against by «equal» as much as by the other side."""
    if result.verdict is Verdict.UNDECIDED or result.provisional:
        return "can't tell yet"
    return "bears it out" if result.verdict.value == claim.supports else "speaks against it"
