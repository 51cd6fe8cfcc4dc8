"""The record of the advice: finished decisions of other teams, each decided with what was known on its day."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from typing import Final

from advisor.decision.decide import decide
from advisor.knowledge import load
from advisor.knowledge.replays import Replay, replays
from advisor.model.decision import OptionResult
from advisor.wording.quantities import percent

SAMPLES: Final = 4_000
HIT: Final = 2  # an option that was taken and ranks so high, or higher, is a hit


@dataclass(frozen=True, slots=True)
class Line:
    """One decision beside the advice."""

    id: str
    title: str
    day: str
    took: str  # what the option is called
    place: int | None  # of the option that was taken; None where the advice had closed it or not opened it
    share: float  # its first-rank share
    first: str  # the option that the advice puts first
    brier: float  # Σ (share − taken)² over the open options, 0 (sure and right) to 2 (sure and wrong)
    even: float  # the same for who holds all open options for equally likely
    because: str
    source: str

    @property
    def hit(self) -> bool:
        return self.place is not None and self.place <= HIT


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """All of them, in the order of the file."""

    lines: tuple[Line, ...]

    @property
    def hits(self) -> int:
        return sum(line.hit for line in self.lines)

    @property
    def firsts(self) -> int:
        return sum(line.place == 1 for line in self.lines)

    @property
    def brier(self) -> float:
        """Mean Brier score (Brier 1950, over all classes), 0 to 2: less is better."""
        return sum(line.brier for line in self.lines) / len(self.lines)

    @property
    def even(self) -> float:
        """Mean Brier score of who holds all open options for equally likely."""
        return sum(line.even for line in self.lines) / len(self.lines)

    def sentence(self) -> str:
        """The record in one sentence."""
        return (
            f"Of {len(self.lines)} finished decisions of other teams the option that was taken ranks first in "
            f"{self.firsts} and first or second in {self.hits}; the Brier score is {self.brier:.2f}, against "
            f"{self.even:.2f} for guessing evenly (0 is best, 2 worst)."
        )


@cache
def record() -> TrackRecord:
    """Every decision of ``data/replays.yaml``, decided anew. Takes about a second the first time."""
    return TrackRecord(tuple(_line(replay) for replay in replays()))


def _line(replay: Replay) -> Line:
    known = load(on=date.fromisoformat(replay.day))
    decision = decide(replay.answers, known, samples=SAMPLES)
    left = [option for option in decision.options if not option.closed]
    place = next((i for i, option in enumerate(left, start=1) if option.id == replay.took), None)
    return Line(
        id=replay.id,
        title=replay.title,
        day=replay.day,
        took=next(option.title for option in known.options if option.id == replay.took),
        place=place,
        share=0.0 if place is None else left[place - 1].share or 0.0,
        first=left[0].title if left else "",
        brier=brier([option.share or 0.0 for option in left], _taken(left, replay.took)),
        even=brier([1 / len(left)] * len(left), _taken(left, replay.took)) if left else 1.0,
        because=replay.because,
        source=replay.source,
    )


def _taken(left: Sequence[OptionResult], took: str) -> int | None:
    return next((i for i, option in enumerate(left) if option.id == took), None)


def brier(shares: Sequence[float], taken: int | None) -> float:
    """Brier score of ``shares`` where the option at ``taken`` was taken; None: one that isn't among them."""
    missed = 1.0 if taken is None else 0.0
    return missed + sum((share - (i == taken)) ** 2 for i, share in enumerate(shares))


def to_text(found: TrackRecord) -> str:
    """The sentence, and below it a line a decision."""
    rows = [
        f"{line.day}  {'hit ' if line.hit else 'miss'}  {line.place or '-'}  {percent(line.share):>5}  {line.took}"
        f"  ({line.id}; first: {line.first})"
        for line in found.lines
    ]
    return "\n".join([found.sentence(), "", *rows])


def to_markdown(found: TrackRecord) -> str:
    """The sentence, and a table with a row a decision."""
    rows = [
        f"| {line.day} | [{line.title}]({line.source}) | {line.took} | {line.place or 'not open'} "
        f"| {percent(line.share)} | {line.first} |"
        for line in found.lines
    ]
    head = ["| day | decision | option taken | its rank | first in | what ranks first |", "|---|---|---|---:|---:|---|"]
    return "\n".join([found.sentence(), "", *head, *rows])


def to_json(found: TrackRecord) -> str:
    """Schema 1."""
    content = {
        "schema": 1,
        "decisions": len(found.lines),
        "first": found.firsts,
        "first_or_second": found.hits,
        "brier": found.brier,
        "brier_even": found.even,
        "lines": [asdict(line) | {"hit": line.hit} for line in found.lines],
    }
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
