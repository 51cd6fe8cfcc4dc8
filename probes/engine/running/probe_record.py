"""What a round notes of a probe while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from probes.catalog import Probe, why_not
from probes.engine.judging.statistics import six
from probes.results import Instance, Measurement, SideReport
from probes.schema import FRAMEWORKS, Framework, Interpreter, Outcome


@dataclass
class ProbeRecord:
    probe: Probe
    sides: dict[Framework, SideReport]
    instances: list[Instance] = field(default_factory=list)
    agreement: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    doubt: str = ""
    turns: tuple[str, ...] = ()

    def fail(self, framework: Framework, outcome: Outcome, reason: str) -> None:
        """The first failure of a side stands."""
        if self.sides[framework].outcome == Outcome.OK:
            self.sides[framework] = SideReport(outcome, reason)

    def sound(self) -> list[Framework]:
        """The sides that nothing speaks against so far."""
        return [framework for framework, side in self.sides.items() if side.outcome == Outcome.OK]

    def closed(self) -> Measurement:
        notes = tuple(dict.fromkeys(self.notes))
        return Measurement(
            self.probe.spec.id, dict(self.sides), tuple(self.instances), dict(self.agreement), notes,
            doubt=self.doubt, turns=self.turns,
        )  # fmt: skip


def open_record(probe: Probe, interpreters: Mapping[Framework, Interpreter]) -> ProbeRecord:
    """A fresh entry; a side that can't run here has failed already."""
    reasons = {framework: why_not(probe, framework, interpreters) for framework in FRAMEWORKS}
    return ProbeRecord(
        probe, {side: SideReport(Outcome.UNSUPPORTED, why) if why else SideReport() for side, why in reasons.items()}
    )


def curve(over: str, values: Mapping[int, Mapping[Framework, float]], *, efficiency: bool = False) -> Instance:
    """An instance of what was measured along a curve: its last value is compared, all are kept by their place.

    ``efficiency``: how much of what the places promise is there at the last one, from the first.
    """
    first, last = values[min(values)], values[max(values)]
    details = {side: {f"{over}_{at}": found[side] for at, found in values.items()} for side in last}
    if efficiency:
        for side, value in last.items():
            details[side]["efficiency_share"] = six(first[side] / value / max(values))
    return Instance(single=dict(last), details=details)
