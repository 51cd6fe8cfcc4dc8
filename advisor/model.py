"""The words of the decision, all frozen: Evidence, Cell, Decision and their parts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from advisor.answers import Confidence, Microcontroller, Override, TargetId
from advisor.wording.moments import day_of
from probes.results import ProbeResult
from probes.schema import Framework, Outcome
from probes.system.data_files import Text

# ------------------------------------------------------------------------------------------- evidence

#: ``team``: set for this decision alone; ``scan``: read from the team's code.
EvidenceKind = Literal["probe", "fact", "route", "judgement", "answer", "team", "scan"]


def _in_the_calendar(as_of: str) -> str:
    try:
        day_of(as_of)
    except ValueError as error:
        raise ValueError(f"{as_of!r}: {error}") from error
    return as_of


def _known(fact: str, info: ValidationInfo) -> str:
    if info.context is not None and fact not in info.context:
        raise ValueError(f"the fact {fact!r} doesn't exist")
    return fact


#: ISO date, or as much of it as is known. Text: YAML would make a date of it in one file and a number in the next.
AsOf = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"), AfterValidator(_in_the_calendar)]
#: As ``AsOf``, or nothing.
Since = Annotated[str, AfterValidator(lambda as_of: _in_the_calendar(as_of) if as_of else as_of)]
#: One of those that the context of the validation holds; any where it holds none.
FactId = Annotated[str, AfterValidator(_known)]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was seen."""

    title: Text
    url: Annotated[str, Field(pattern=r"^(https://\S+)?$")] = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Age:
    """How old something is on the day of the decision, beside the half-life of its topic; both in months."""

    months: float = 0.0
    half_life: float = math.inf


@dataclass(frozen=True, slots=True)
class PackageStatement:
    """What a machine can read again of a package on PyPI, and what it was (advisor/knowledge/looking.py)."""

    package: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    what: Literal["version", "python", "requires", "lacks", "classifier"]
    seen: Text


@dataclass(frozen=True)
class WrittenFact:
    """One dated statement with its source, as ``data/facts.yaml`` has it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    subject: Text
    topic: Text
    statement: Text
    as_of: AsOf
    source: Source
    source_kind: Text
    confidence: Confidence
    favours: Literal["pytorch", "tensorflow", "neither"]
    value: str = ""
    unit: str = ""
    note: str = ""
    background: str = ""  # why it is only shown, where nothing in ``data/`` rests on it
    look: tuple[PackageStatement, ...] = ()
    since: Since = ""  # when it came to be so; "" where that isn't known


@dataclass(frozen=True)
class Fact(WrittenFact):
    """A fact on a day."""

    age: Age = Age()
    known: bool = True  # whether it was known to be so on that day


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said about the frameworks, and what the facts say of it (``data/claims.yaml``)."""

    id: str
    claim: str
    verdict: Literal[
        "holds", "holds in part", "outdated", "wrong", "measure", "opinion"
    ]  # measure: only a run can tell
    why: Text
    facts: tuple[FactId, ...]
    statements: tuple[int, ...] = ()  # which statements of the article it answers, counted from 1 in reading order
    probe: str = ""  # how to check it, in words
    measure: str = ""  # the catalog's measure that bears on it, and
    supports: Framework | Literal["equal"] | None = None  # what it must find if the claim is right; None: it only shows
    network: str = ""  # the one network that tells it; "" is the project's own kind

    @model_validator(mode="after")
    def _rests_on_something(self) -> Claim:
        if not (self.facts or self.measure or self.verdict == "opinion"):
            raise ValueError("neither facts nor a measure, and not an opinion")
        if (self.supports or self.network) and not self.measure:
            raise ValueError("supports and network only beside a measure")
        return self


@dataclass(frozen=True, slots=True)
class Tried:
    """What a way did on a machine, with one network."""

    state: Literal["works", "exported", "fails", "not tried"]  # exported: written, but nothing here can run it
    network: str
    way: str  # the one that counts: the fastest in full precision that works
    title: str
    said: str  # one sentence or two, with the figures or the reasons
    machine: str
    date: str  # ISO 8601, UTC
    latency_s: float | None = None  # seconds a call at batch 1, with its 95 % interval
    low_s: float | None = None
    high_s: float | None = None
    where: str = "here"  # as in «1 ms a call here»: on this machine, or in a browser
    reasons: str = ""  # of a way that fails: what stood in the way of each of its forms


@dataclass(frozen=True)
class WrittenRoute:
    """A way to a deployment target, as ``data/routes.yaml`` has it below the target and the framework."""

    tool: str
    version: str
    month: AsOf
    maturity: Literal["production", "beta", "experimental", "maintenance", "archived", "none"]
    constraints: str
    facts: tuple[FactId, ...] = ()
    sources: tuple[str, ...] = ()
    conversion: str = ""
    scope: Literal["any model", "part", "other framework"] = "any model"  # only the first is a framework's own way
    background: tuple[FactId, ...] = ()  # facts that count in another criterion: shown, not counted
    tried_by: tuple[str, ...] = ()  # files of probes/routes that export and compute as it does
    in_browser: str = ""  # the runtime of data/browser_runtimes.yaml by which a visitor's browser tries it
    microcontrollers: tuple[Microcontroller, ...] = ()  # families that it runs on; () is all
    since: Since = ""  # when it came to be as mature as it is; "" where that isn't known: then from ``month`` on


@dataclass(frozen=True, kw_only=True)
class Route(WrittenRoute):
    """A way from one framework to a deployment target on a day."""

    target: TargetId
    framework: Framework
    topic: str  # whose half-life it ages by
    as_of: str  # when its maturity was judged; ``month`` is that of the release
    age: Age = Age()
    known: bool = True  # whether it was known to be so on that day
    tried: Mapping[str, Tried] = field(default_factory=dict)  # by network; what is known of this machine


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of what a value rests on, fit to be shown: text, date, source or machine."""

    kind: EvidenceKind
    id: str  # probe id, fact id, route tool, criterion id, or the answer's key path
    text: str
    date: str = ""
    source: Source | None = None
    confidence: Confidence | None = None
    machine: str = ""
    stale: bool = False  # older than its half-life: the text says how old


CellStatus = Literal["measured", "fact", "answered", "unknown"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One framework's value on one criterion: 0 (worst anchor) to 1 (best anchor), as a range."""

    low: float
    likely: float
    high: float
    outcome: Outcome = Outcome.OK
    reason: str = ""  # why there is no measurement, or no knowledge


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the decision (``data/criteria.yaml``)."""

    id: str
    title: Text
    group: Text
    question: Text  # the question it answers
    why: Text  # why it matters, and when


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion with its weight, both values and what they rest on, as the pages show it.

    ``difference`` is value(PyTorch) − value(TensorFlow) in [−1, 1]; ``contribution`` is its mean share in the
    difference of the totals (mean weight × difference over the draws).
    """

    criterion: Criterion
    weight: float  # mean normalised weight, 0 to 1
    swing: float  # 0 to 100, as used
    swing_default: float  # 0 to 100, from the answers
    because: tuple[str, ...]  # "because you deploy to Android, ×1.8"
    cells: Mapping[Framework, Cell]
    difference: float
    difference_low: float  # 5 % quantile
    difference_high: float  # 95 % quantile
    contribution: float
    status: CellStatus
    evidence: tuple[Evidence, ...]
    summary: str = ""  # what the evidence says of both sides, one sentence


@dataclass(frozen=True, slots=True)
class Dropped:
    """A criterion that can't matter to these answers, and why."""

    criterion: Criterion
    because: str


# ------------------------------------------------------------------------------------------- decision

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
class RouteChoice:
    """The best route of one framework to one target, chosen by expected value before the comparison."""

    route: Route | None
    value: float  # expected value, 0 to 1
    alternatives: tuple[Route, ...] = ()
    tried: Tried | None = None  # what the route did with the project's kind of network
    broken: tuple[Tried, ...] = ()  # those that were tried with it and don't work


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
