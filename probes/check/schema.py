"""What a self-check leaves behind. Frozen, versioned, JSON both ways, like ``probes.schema``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from probes.schema import Device, Framework, Machine, Verdict

#: ``quick`` takes a minute; ``standard`` some, and knows this machine's own spread;
#: ``full`` takes hours and states error rates.
CheckForm = Literal["quick", "standard", "full"]
FindingState = Literal["passed", "failed", "not measured"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One question to the engine and the answer that this machine gave."""

    id: str
    title: str
    state: FindingState
    said: str  # one sentence with the figures, for people
    figures: Mapping[str, float] = field(default_factory=dict)
    framework: Framework | None = None  # that was on the sides; None if both were
    probe: str = ""
    kind: str = ""  # what was looked at: "identical", "idle" …; "" in records of before it was kept


def finding(
    kind: str,
    title: str,
    said: str,
    *,
    passed: bool | None,
    framework: Framework | None = None,
    probe: str = "",
    figures: Mapping[str, float] | None = None,
) -> Finding:
    """A finding whose id names kind, probe and framework. ``passed`` None: it could not be measured."""
    return Finding(
        id=".".join(filter(None, (kind, probe, framework))),
        title=title,
        state="not measured" if passed is None else "passed" if passed else "failed",
        said=said,
        figures=figures or {},
        framework=framework,
        probe=probe,
        kind=kind,
    )


UNAVAILABLE: Final = "unavailable"


def unavailable(framework: Framework, reason: str) -> Finding:
    """What stands where a framework's findings would, if it can't be had here."""
    return finding(UNAVAILABLE, "Both sides of a pair can be started here", reason, passed=None, framework=framework)


@dataclass(frozen=True, slots=True)
class Trial:
    """One verdict on sides of known truth. ``logs`` are log-ratios of instances, one tuple a process pair.

    ``cpu_logs``: the same of CPU time, kept where others were at work, so that both witnesses can be heard again.
    """

    probe: str
    framework: Framework  # on both sides
    slowdown: float  # of the second side, a fraction; 0 for identical sides
    logs: tuple[tuple[float, ...], ...]
    verdict: Verdict
    estimate: float  # ratio
    low: float
    high: float
    seconds: float
    contended: bool
    p: float | None = None  # of the claim that is nearest to standing; None in records of before there was one
    cpu_logs: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """How log-ratios of identical sides scatter here: the ground of every interval."""

    probe: str
    framework: Framework
    within: float  # standard deviation of an instance within its process pair
    between: float  # standard deviation between process pairs beyond what their instances explain; 0 if none is seen
    instances: int
    pairs: int
    instance_seconds: float  # what an instance took, building and warming included
    pair_seconds: float  # what starting a pair took


@dataclass(frozen=True, slots=True)
class Detection:
    """The cheapest way to tell an effect from none: so many pairs of so many instances."""

    effect: float  # a fraction
    seconds: float
    pairs: int
    instances: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """What can be told apart in which time, for one probe and framework; effects out of reach are left out."""

    probe: str
    framework: Framework
    tells: tuple[Detection, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A self-check: findings, the trials behind them, and how this machine scatters."""

    machine: Machine
    form: CheckForm
    findings: tuple[Finding, ...]
    spreads: tuple[Spread, ...]
    trials: tuple[Trial, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    started_at: str = ""  # ISO 8601, UTC
    seconds: float = 0.0
    device: Device = "cpu"
    schema: Literal[1] = 1

    @property
    def passed(self) -> bool:
        """Nothing that was looked at failed."""
        return all(finding.state != "failed" for finding in self.findings)
