"""Best mode against best mode: what each framework reaches when one may choose how it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from probes.schema import FRAMEWORKS, TRACKS, Framework, Outcome, ProbeResult

#: Outcomes after which even the side that worked has no figure to go by.
_DOUBTED: Final = frozenset({Outcome.CONTAMINATED, Outcome.NOT_COMPARABLE, Outcome.TOO_NOISY, Outcome.CANCELLED})


@dataclass(frozen=True, slots=True)
class Best:
    """The better of the modes that were measured of a model and measure, on each side."""

    title: str  # the measure's, without a track
    like: ProbeResult  # metric, unit, direction; its figures are its own track's
    modes: Mapping[Framework, str]
    medians: Mapping[Framework, float]  # in the probe's unit
    measured: ProbeResult | None  # the track that has both best modes; its interval holds

    @property
    def factor(self) -> float:
        """How many times better PyTorch is; below 1 TensorFlow is. Without an own track from the medians."""
        if self.measured is not None and self.measured.ratio is not None:
            ratio = self.measured.ratio.estimate
        else:
            ratio = self.medians["tensorflow"] / self.medians["pytorch"]
        return ratio if self.like.better == "lower" else 1 / ratio

    @property
    def ahead(self) -> Framework:
        """Whom the estimate favours."""
        return "pytorch" if self.factor >= 1 else "tensorflow"


def best_modes(results: Sequence[ProbeResult]) -> tuple[Best, ...]:
    """A row for each model and measure of which both sides have a figure and one of them a choice of modes.

    A mode that several tracks measured counts as the first of them (the order of ``TRACKS``) measured it: the best of
    repeated draws would flatter the side that was drawn more often. Ratios between tracks are of medians that were not
    taken in turns, so they come without an interval.
    """
    groups: dict[tuple[str, str], list[ProbeResult]] = {}
    for result in sorted(results, key=lambda row: TRACKS.index(row.track)):
        groups.setdefault((result.model, result.measure), []).append(result)
    order = list(dict.fromkeys((row.model, row.measure) for row in results))
    found = (_best(groups[key]) for key in order)
    return tuple(best for best in found if best is not None)


def _best(tracks: Sequence[ProbeResult]) -> Best | None:
    figures = {side: _figures(tracks, side) for side in FRAMEWORKS}
    if not all(figures.values()) or max(map(len, figures.values())) < 2:
        return None
    choose = min if tracks[0].better == "lower" else max
    modes = {side: choose(known, key=known.__getitem__) for side, known in figures.items()}
    measured = next((row for row in tracks if _compares(row, modes)), None)
    medians = {side: figures[side][modes[side]] for side in FRAMEWORKS}
    if measured is not None:
        medians = {side: measured.sides[side].median or medians[side] for side in FRAMEWORKS}
    return Best(_title(tracks), tracks[0], modes, medians, measured)


def _compares(row: ProbeResult, modes: Mapping[Framework, str]) -> bool:
    is_compared = row.outcome is Outcome.OK and row.ratio is not None
    return is_compared and all(row.sides[side].mode == modes[side] for side in FRAMEWORKS)


def _title(tracks: Sequence[ProbeResult]) -> str:
    """What the tracks' titles have in common: «Training step» of «Training step, both eager» and «…, both compiled»."""
    common = takewhile(
        lambda parts: len(set(parts)) == 1, zip(*(row.title.split(", ") for row in tracks), strict=False)
    )
    return ", ".join(parts[0] for parts in common) or tracks[0].title


def _figures(tracks: Sequence[ProbeResult], side: Framework) -> dict[str, float]:
    found: dict[str, float] = {}
    for row in tracks:
        said = row.sides[side]
        if row.outcome not in _DOUBTED and said.outcome is Outcome.OK and said.median:
            found.setdefault(said.mode, said.median)
    return found
