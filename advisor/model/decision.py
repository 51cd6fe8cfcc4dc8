"""The recommendation and its parts, ready to be drawn, exported or read aloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from advisor.answers import Override, TargetId
from advisor.model.evidence import Cell, CriterionRow, Dropped, Evidence
from advisor.model.routes import RouteChoice
from probes.results import ProbeResult
from probes.schema import Framework

Strength = Literal["clear", "leaning", "no clear winner", "veto"]


@dataclass(frozen=True, slots=True)
class DecisionVerdict:
    """The answer. ``framework`` is None for «no clear winner», and when every side is vetoed."""

    framework: Framework | None
    strength: Strength
    probability: Mapping[Framework, float]  # empty when a requirement decides: a veto shows no score
    standard_error: float  # √(p(1−p)/N)
    headline: str  # one sentence
    advice: str  # what to do with it: one or two sentences; first-class for «no clear winner»


@dataclass(frozen=True, slots=True)
class Veto:
    """A hard requirement: whether a framework meets it."""

    id: str
    framework: Framework
    status: Literal["pass", "fail", "unknown"]
    requirement: str  # "Runs on iOS"
    text: str
    evidence: tuple[Evidence, ...] = ()
    detail: str = (
        ""  # what the table of ways says of it, as a sentence: fit to stand beside the text, not in a headline
    )


@dataclass(frozen=True, slots=True)
class Flip:
    """The weight at which a criterion would change the answer, if any weight would."""

    criterion: str
    title: str
    weight: float  # now, 0 to 1
    flips_at: float | None  # weight in [0, 1], None: no weight on this criterion changes the answer
    sentence: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence that a manager can read aloud, with its evidence."""

    sentence: str
    criterion: str
    side: Framework
    contribution: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """Why nothing that is still open would change the answer."""

    because: str
    could_decide: tuple[str, ...] = ()  # key paths of open questions that could bring in another hard requirement


@dataclass(frozen=True, slots=True)
class NextStep:
    """What would be worth knowing most: a probe to run or a question to answer."""

    kind: Literal["probe", "question"]
    id: str  # probe id or the answer's key path ("code.framework")
    title: str
    gain: float  # what knowing it would do to side and strength of the answer, ≥ 0 (docs/adr/0036)
    sentence: str
    settles: float = 0.0  # share of what may come out that makes the answer clear where it isn't yet
    turns: float = 0.0  # share of what may come out that puts the other side ahead


@dataclass(frozen=True, slots=True)
class VoiceResult:
    """What one person's weights alone come to, over the same values."""

    name: str
    probability: Mapping[Framework, float]
    standard_error: float  # √(p(1−p)/n) over this person's draws
    sentence: str  # what sets this person apart, "" for who agrees with the group


@dataclass(frozen=True, slots=True)
class Group:
    """The people whose weights count, each alike, and in one sentence whether they agree."""

    voices: tuple[VoiceResult, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class OptionResult:
    """One way that is open to the team, beside the others; or one that a requirement closes."""

    id: str
    title: str
    call: str  # as one is told to take it: «write Keras 3 and run it on PyTorch»
    write: str
    run: str
    ship: str
    right_when: str
    keeps_open: str
    cost: str  # what bringing the code along takes, one sentence
    days: tuple[float, float, float] | None  # person-days: low, likely, high; None where nobody said which code exists
    share: float | None = None  # of the draws in which it comes first, ties shared; None where it is closed
    ranks: tuple[float, ...] = ()  # share of the draws at each rank, best first
    total: Cell | None = None  # 5 %, mean, 95 % of its total value
    parts: Mapping[str, float] = field(default_factory=dict)  # mean weight × value of each row
    reason: str = ""  # where it is furthest ahead of the best other one, and behind it
    until: str = ""  # until when it holds, and why, one sentence; "" without an end in sight
    until_month: str = ""
    closed: str = ""  # which requirement closes it; "" while it is open
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole recommendation, ready to be drawn, exported or read aloud."""

    verdict: DecisionVerdict
    criteria: tuple[CriterionRow, ...]
    totals: Mapping[Framework, Cell]  # distribution of the total values (5 %, mean, 95 %)
    central_weights: Mapping[Framework, Mapping[str, float] | None]
    confidence_factor: Mapping[Framework, float | None]
    central_sentences: Mapping[Framework, str]
    vetoes: tuple[Veto, ...]
    routes: Mapping[TargetId, Mapping[Framework, RouteChoice]]
    flips: tuple[Flip, ...]
    reasons_for: tuple[Reason, ...]
    reasons_against: tuple[Reason, ...]
    next_steps: tuple[NextStep, ...]  # best first
    unknowns: tuple[str, ...]  # answers not given: key paths
    probes: tuple[ProbeResult, ...]  # those that fed it
    machine: str  # where they were measured, "" without probes
    samples: int
    seed: int
    schema: Literal[1] = 1
    assumptions: tuple[str, ...] = ()  # what nobody could confirm, and what the team set
    overrides: tuple[Override, ...] = ()  # as the team set them, those that replace no judgement included
    day: str = ""  # ISO date on which the facts were as old as they counted
    settled: Settled | None = None  # None where what is open could turn it
    dropped: tuple[Dropped, ...] = ()  # criteria that can't matter to these answers
    group: Group | None = None  # None where nobody gave weights of their own, or a requirement decides
    options: tuple[OptionResult, ...] = ()  # the ways that are open, best first, and then those that are closed
