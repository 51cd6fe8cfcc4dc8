"""The ways that are open to the team, ranked: the same weights and draws as the two frameworks, over all of them.

Every option's value on a row is made from the two frameworks' draws, or is a draw of its own that is named by the
option. So options that don't differ on a row have the very same numbers there (common random numbers), and those that
differ nowhere tie in every draw and share the rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from advisor.answers import TARGET_IDS, Answers
from advisor.decision.evidence import Assessment
from advisor.decision.evidence.assessment import fact_evidence
from advisor.decision.evidence.judgements import known_level, level_cell
from advisor.decision.evidence.scanned_code import of_side, scanned, with_code_as_read
from advisor.decision.evidence.team import CODE_NAMES, days_cell, lines_of, out_of_reach, person_days
from advisor.decision.evidence.vetoes import route_id
from advisor.decision.sampling import Weighed
from advisor.decision.scoring.draws import Stream
from advisor.decision.scoring.smaa import ranges, rank_acceptability
from advisor.decision.scoring.value_functions import Array
from advisor.knowledge import Knowledge, cited
from advisor.knowledge.criteria import MigrationSpec, SkillsSpec
from advisor.knowledge.options import OptionSpec, ValueSource
from advisor.knowledge.scanned_code import Days
from advisor.model.decision import OptionResult, Veto
from advisor.model.evidence import Cell
from advisor.wording.moments import month_words
from advisor.wording.quantities import person_days as person_days_words
from probes.schema import FRAMEWORKS, TITLES, Framework
from probes.system.sentences import listed, upper_first

_WORTH_SAYING: Final = 0.002  # differences below a fifth of a point of 100 are no reason


def rank(
    weighed: Weighed, answers: Answers, knowledge: Knowledge, stream: Stream, hard: Sequence[Veto]
) -> tuple[OptionResult, ...]:
    """All options that the answers open, best first by first-rank share, and then those that a requirement closes.

    ``stream``: that of ``weighed``. ``hard``: every requirement with what either framework does about it.
    """
    there = with_code_as_read(answers, knowledge)
    ways = [option for option in knowledge.options if option.is_open(there, knowledge.today)]
    shut = {option.id: closed(option, there, hard) for option in ways}
    left = [option for option in ways if not shut[option.id]]
    values = _Values(weighed, answers, knowledge, stream)
    results = [values.result(option) for option in left]
    if left:
        totals = np.stack([values.total(option) for option in left])
        results = _ranked(results, totals, [values.parts(option) for option in left], weighed.rows)
    out = [replace(values.result(option), closed=shut[option.id]) for option in ways if shut[option.id]]
    return (*sorted(results, key=lambda result: -(result.share or 0.0)), *out)


def closed(option: OptionSpec, answers: Answers, hard: Sequence[Veto]) -> str:
    """Why it can't be taken, "" if it can: what it says itself, or the requirement that closes it.

    What hardware, Python and system ask is asked of every framework that the option ``needs``; a way to a target is
    enough from one of those that it ``ships``.
    """
    if own := next((one for one in option.closed if one.when.holds(answers)), None):
        return f"{own.because}."
    failing = [veto for veto in hard if veto.status == "fail"]
    routes = {route_id(target) for target in TARGET_IDS}
    for veto in failing:
        is_route = veto.id in routes
        if not is_route and veto.framework in option.needs:
            return f"{veto.requirement}: {veto.text}"
        if is_route and option.ships and veto.id not in {route_id(target) for target in option.reaches}:
            missing = {other.framework for other in failing if other.id == veto.id}
            if missing >= set(option.ships):
                by = "" if option.id in FRAMEWORKS else f" It would go by the ways of {_sides(option.ships)}."
                return f"{veto.text}{by}"
    return ""


def _side(option: OptionSpec) -> Framework:
    """Which of the frameworks an option is that is one of the two."""
    return "pytorch" if option.id == "pytorch" else "tensorflow"


def _sides(sides: Sequence[Framework]) -> str:
    return listed([TITLES[side] for side in sides])


@dataclass(frozen=True, slots=True)
class _Weighted:
    """Weight × value on a row, shape (samples,), and its mean."""

    values: Array
    mean: float


@dataclass
class _Values:
    """The options' values as draws, each weighted by its row; what two options share is drawn once."""

    weighed: Weighed
    answers: Answers
    knowledge: Knowledge
    stream: Stream
    _drawn: dict[tuple[str, int], _Weighted] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._options: Mapping[str, OptionSpec] = {option.id: option for option in self.knowledge.options}
        specs = [spec.value for spec in self.knowledge.criteria]
        self._migration = next((spec for spec in specs if isinstance(spec, MigrationSpec)), None)
        self._scanned = scanned(self.answers, self.knowledge)
        self._doubt = next((spec.doubt for spec in specs if isinstance(spec, SkillsSpec)), 0.0)
        self._leaves = {
            option.id: [self._leaf(option, row) for row in self.weighed.rows] for option in self._options.values()
        }

    def total(self, option: OptionSpec) -> Array:
        """Total value, shape (samples,)."""
        total = np.zeros(self.stream.samples)
        for i in range(len(self.weighed.rows)):
            total += self._on(option, i).values
        return total

    def parts(self, option: OptionSpec) -> list[float]:
        """Mean weight × value of each row, in order: what the mean total is made of."""
        return [self._on(option, i).mean for i in range(len(self.weighed.rows))]

    def _on(self, option: OptionSpec, i: int) -> _Weighted:
        """Memoised by where the value comes from in the end, which several options may share."""
        leaf, source = self._leaves[option.id][i]
        key = (leaf.id, i)
        if key not in self._drawn:
            values = self.weighed.weights[i] * self._value(leaf, source, i)
            self._drawn[key] = _Weighted(values, float(values.mean()))
        return self._drawn[key]

    def _leaf(self, option: OptionSpec, row: Assessment) -> tuple[OptionSpec, ValueSource | Days | None]:
        """The option that a value is written for, after following ``as``; with days where the code has to be moved."""
        while True:
            if row.family == "migration" and row.status != "unknown" and (days := self._own_days(option)) is not None:
                return option, days
            source = option.source(row.id, row.family, self.answers)
            if source is not None and self._asks(row) and (source.level or source.skill):
                source = next(one for one in option.otherwise if one.holds(self.answers))
            if source is None or source.same is None:
                return option, source
            option = self._options[source.same]

    def _asks(self, row: Assessment) -> bool:
        """Whether nothing is known of the row for want of an answer: then nobody has a judgement of his own there."""
        return row.status == "unknown" and bool(row.open_questions) and row.family != "skills"

    def _value(self, leaf: OptionSpec, source: ValueSource | Days | None, i: int) -> Array:
        row = self.weighed.rows[i]
        pytorch, tensorflow = self.weighed.values[0, i], self.weighed.values[1, i]
        if source is None:
            return np.asarray(pytorch if leaf.id == "pytorch" else tensorflow)
        key = f"{row.id}/{leaf.id}"
        if isinstance(source, tuple):
            assert self._migration is not None  # noqa: S101 - there are days only where it is
            return self._triangular(key, days_cell(source, out_of_reach(self._migration, self.answers)))
        if source.best is not None:
            weight = self.weighed.weights[i]
            drawn = [self._on(self._options[one], i).values for one in source.best]
            return np.asarray(np.divide(np.maximum.reduce(drawn), weight, out=np.zeros_like(weight), where=weight > 0))
        if source.mix is not None:
            mix = source.mix  # how much the option is like PyTorch is one unknown, the same on every row
            share = self.stream.triangular(f"{leaf.id}/share", mix.low, mix.likely, mix.high)
            return np.asarray(tensorflow + share * (pytorch - tensorflow))
        if source.skill is not None:
            level = self.answers.team.skills[source.skill]
            low, high = max(level - self._doubt, 0), min(level + self._doubt, 5)
            return self._triangular(key, Cell(low / 5, level / 5, high / 5))
        assert source.level is not None  # noqa: S101 - a source is of one kind
        found = known_level({"": source.level}, cited(self.knowledge, source.facts))
        if found is None:
            return self.stream.uniform(key)
        levels, doubt = found
        return self._triangular(key, level_cell(levels[""], doubt))

    def _triangular(self, key: str, cell: Cell) -> Array:
        return self.stream.triangular(key, cell.low, cell.likely, cell.high)

    def _own_days(self, option: OptionSpec) -> Days | None:
        """What the option's own ``move`` comes to; None where another option's, or the criterion's, counts."""
        if option.id in FRAMEWORKS:
            return None
        if self._scanned and option.id in self._scanned.ways:
            return self._scanned.ways[option.id].days(self.answers)
        framework = self.answers.code.framework
        if self._migration is None or framework is None or framework not in option.move:
            return None
        return person_days(option.move[framework], lines_of(self._migration, self.answers))

    def days(self, option: OptionSpec) -> Days | None:
        """Person-days to bring the code along; None where nobody said which code there is."""
        framework = self.answers.code.framework
        if self._migration is None or (framework is None and self._scanned is None):
            return None
        while option.id not in FRAMEWORKS:
            if (days := self._own_days(option)) is not None:
                return days
            following = next((one.same for one in option.otherwise if one.same and one.holds(self.answers)), None)
            if following is None:
                return None
            option = self._options[following]
        side = _side(option)
        if self._scanned:
            return of_side(self._scanned, side, self._migration, self.answers)
        assert framework is not None  # noqa: S101 - asked above
        rates = self._migration.lines_a_day(framework, keep=self.answers.code.plan == "keep")
        return person_days(rates[side], lines_of(self._migration, self.answers))

    def _how_code_stays(self, option: OptionSpec) -> str:
        """What becomes of code that isn't moved; "" if it stays as it is."""
        if self._migration is None or option.id not in FRAMEWORKS:
            return ""
        return self._migration.how_it_stays(self.answers.code.framework, _side(option))

    def result(self, option: OptionSpec) -> OptionResult:
        """All that needs no ranking."""
        days = self.days(option)
        cost = _cost(days, self.answers, self._how_code_stays(option), by_scan=self._scanned is not None)
        there = with_code_as_read(self.answers, self.knowledge)
        until = next((one for one in option.until if one.when.holds(there)), None)
        facts: dict[str, None] = dict.fromkeys(
            fact for _, source in self._leaves[option.id] if isinstance(source, ValueSource) for fact in source.facts
        )
        ending = until.facts if until else ()
        ending += tuple(fact for one in option.closed if one.when.holds(there) for fact in one.facts)
        return OptionResult(
            id=option.id, title=option.title, call=option.call, write=option.write, run=option.run, ship=option.ship,
            right_when=option.right_when, keeps_open=option.keeps_open, cost=cost, days=days,
            until=f"Until {month_words(until.month)}: {until.because}." if until else "",
            until_month=until.month if until else "",
            evidence=tuple(fact_evidence(fact) for fact in cited(self.knowledge, (*facts, *ending))),
        )  # fmt: skip


def _ranked(
    results: Sequence[OptionResult], totals: Array, parts: Sequence[Sequence[float]], rows: Sequence[Assessment]
) -> list[OptionResult]:
    ranks = rank_acceptability(totals)
    low, high = ranges(totals)
    means = totals.mean(axis=1)
    found = []
    for i, result in enumerate(results):
        rivals = [k for k in range(len(results)) if k != i]
        rival = max(rivals, key=lambda k: ranks[k, 0]) if rivals else None
        found.append(
            replace(
                result,
                share=float(ranks[i, 0]),
                ranks=tuple(float(part) for part in ranks[i]),
                total=Cell(float(low[i]), float(means[i]), float(high[i])),
                parts={row.id: part for row, part in zip(rows, parts[i], strict=True)},
                reason="" if rival is None else _reason(rows, parts[i], parts[rival], results[rival].title),
            )
        )
    return found


def _reason(rows: Sequence[Assessment], mine: Sequence[float], theirs: Sequence[float], rival: str) -> str:
    """Where an option is furthest ahead of another one, and behind it. What nobody knows is no reason."""
    known = [
        (a - b, row.criterion.title) for row, a, b in zip(rows, mine, theirs, strict=True) if row.status != "unknown"
    ]
    ahead, behind = max(known, default=(0.0, "")), min(known, default=(0.0, ""))
    said = []
    if ahead[0] > _WORTH_SAYING:
        said.append(f"ahead on «{ahead[1]}»")
    if behind[0] < -_WORTH_SAYING:
        said.append(f"behind on «{behind[1]}»")
    return f"Beside «{rival}»: {', '.join(said)}." if said else f"Much the same as «{rival}»."


def _cost(days: Days | None, answers: Answers, stays: str, *, by_scan: bool) -> str:
    if days is None:
        return "What it costs depends on the code that there is, which isn't answered."
    if days[2] == 0 and stays:
        return f"Nothing is moved: your {CODE_NAMES[str(answers.code.framework)]} code {stays}."
    if days[2] == 0:
        return "There is no code to move." if answers.code.framework == "none" else "Nothing: the code stays as it is."
    words = person_days_words(*days)
    return f"{upper_first(words)} to move the code, by {'a scan of it' if by_scan else 'estimate'}."
