"""Rows, weights and values as draws, and who wins them: what every answer and every «what if» starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from advisor.answers import Answers
from advisor.decision.evidence import Assessment, assess
from advisor.decision.evidence.swings import (
    CriterionSwing,
    by_rank,
    highest_below,
    or_starting_points,
    part_of,
    swings,
)
from advisor.decision.scoring import weights as sampling
from advisor.decision.scoring.draws import Stream
from advisor.decision.scoring.smaa import Smaa, smaa
from advisor.decision.scoring.value_functions import Array
from advisor.knowledge import Knowledge
from probes.results import RunResult

#: Correlation of the swings of one cause, a judgement: who cares for one of them cares for what they have in common.
ONE_CAUSE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Weighed:
    """Rows with their draws and who won them."""

    rows: tuple[Assessment, ...]
    swings: list[CriterionSwing]
    weights: Array  # (rows, samples)
    values: Array  # (2, rows, samples)
    result: Smaa
    voices: tuple[str, ...] = ()  # whose weights the draws take in turn
    silent: tuple[str, ...] = ()  # who gave every criterion 0, so that the starting points count; "" is the team

    def of_voice(self, number: int) -> slice:
        """The draws with the weights of this one of ``voices``."""
        return slice(number, None, len(self.voices))


def weigh(answers: Answers, knowledge: Knowledge, run: RunResult | None, stream: Stream) -> Weighed:
    """Assess every row, draw its values and weights, and count who wins.

    People who gave weights of their own count alike: a draw takes one of them and then that one's weights. They take
    turns, so that each has the same number of draws (± 1) and chance has no say in it.
    """
    rows = assess(answers, knowledge, run)
    values = np.stack([row.values.draw(stream, row.id) for row in rows], axis=1)
    moved, nothing_said = or_starting_points(swings(rows, answers, knowledge))
    if not answers.voices:
        weights = draw_weights(moved, answers, stream)
        return Weighed(rows, moved, weights, values, smaa(values, weights), silent=("",) if nothing_said else ())
    weights, silent = np.empty((len(rows), stream.samples)), []
    for i, voice in enumerate(answers.voices):
        own = answers.model_copy(update={"priorities": voice.priorities, "voices": ()})
        of_voice, nothing_said = or_starting_points(swings(rows, own, knowledge))
        turns = weights[:, i :: len(answers.voices)]
        turns[:] = draw_weights(of_voice, own, Stream(stream.seed, turns.shape[1]))
        silent += [voice.name] if nothing_said else []
    names = tuple(voice.name for voice in answers.voices)
    return Weighed(rows, moved, weights, values, smaa(values, weights), names, tuple(silent))


def draw_weights(moved: Sequence[CriterionSwing], answers: Answers, stream: Stream) -> Array:
    """Weights that those who gave the ``answers`` may mean, shape (rows, samples), columns summing to 1.

    Swings that were said are exact, a ranking is an ordered simplex, ranges are a uniform distribution between them,
    everything else is a starting point good to a factor, log-uniform. Raises ValueError where every swing is 0.
    """
    rng = np.random.default_rng([stream.seed, 1])
    priorities = answers.priorities.counted
    if any(swing.share for swing in moved):
        return _ranged(moved, stream, rng)
    if any(swing.rank is not None for swing in moved) and not priorities.swings:
        return _ranked(moved, stream, rng)
    return sampling.normalised(_drawn(moved, [swing.used for swing in moved], stream))


def _drawn(moved: Sequence[CriterionSwing], sizes: Sequence[float], stream: Stream) -> Array:
    """Swings of these ``sizes``, each as far off as it may be; shape (rows, samples)."""
    drawn = np.empty((len(moved), stream.samples))
    for i, (swing, size) in enumerate(zip(moved, sizes, strict=True)):
        drawn[i] = size * _doubt(swing, stream)
    return drawn


def _doubt(swing: CriterionSwing, stream: Stream) -> Array | float:
    """What a starting point is multiplied by in each draw. By its row's name, so that no other row has a say in it."""
    if swing.factor == 1:
        return 1.0
    alone = swing.cause == swing.row
    return stream.log_uniform(
        f"weight/{swing.row}", swing.factor, common=f"weights/{swing.cause}", correlation=0.0 if alone else ONE_CAUSE
    )


def _ranked(moved: Sequence[CriterionSwing], stream: Stream, rng: np.random.Generator) -> Array:
    """A ranking: rows of one rank share its weight by their swings; what wasn't ranked comes below, by its swings."""
    drawn = _drawn(moved, [swing.default for swing in moved], stream)
    ranks, below = by_rank(moved), highest_below(moved, drawn)
    own = np.stack([drawn[rows].sum(axis=0) for rows in ranks])
    ordered = sampling.ordered_simplex(len(ranks) + (below is not None), stream.samples, rng)
    for rows, lifted in zip(ranks, sampling.ranked_above(own, below, ordered), strict=True):
        drawn[rows] = lifted * np.array(part_of(moved, rows))[:, None]
    return sampling.normalised(drawn)


def _ranged(moved: Sequence[CriterionSwing], stream: Stream, rng: np.random.Generator) -> Array:
    """Ranges of shares: uniform between them by hit-and-run, with what nobody named as one more share.

    Rows of one name share its weight by their swings, the others the rest by theirs. Raises ValueError where ranges
    contradict each other; the questionnaire refuses those.
    """
    groups: dict[str, list[int]] = {}
    for i, swing in enumerate(moved):
        if swing.share:
            groups.setdefault(swing.name, []).append(i)
    rest = [i for i, swing in enumerate(moved) if not swing.share]
    bounds = [moved[rows[0]].share or (0.0, 1.0) for rows in groups.values()] + ([(0.0, 1.0)] if rest else [])
    most = sum(high for _, high in bounds)
    if most < 1:  # some of what was named has no row here: the others share what it would have had
        bounds = [(low, high / most) for low, high in bounds]
    drawn = sampling.within_bounds([low for low, _ in bounds], [high for _, high in bounds], stream.samples, rng)
    weights = np.empty((len(moved), stream.samples))
    for place, rows in enumerate(groups.values()):
        weights[rows] = drawn[place] * np.array(part_of(moved, rows))[:, None]
    if rest:
        unnamed = [moved[i] for i in rest]
        weights[rest] = drawn[-1] * sampling.normalised(_drawn(unnamed, [swing.used for swing in unnamed], stream))
    return weights
