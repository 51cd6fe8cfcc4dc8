"""Rows, weights and values as draws, and who wins them: what every answer and every «what if» starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.answers import Answers
from advisor.decision.evidence import Assessment, assess
from advisor.decision.evidence.swings import FACTOR, CriterionSwing, swings
from advisor.decision.scoring import weights as sampling
from advisor.decision.scoring.draws import Stream
from advisor.decision.scoring.smaa import Smaa, smaa
from advisor.decision.scoring.value_functions import Array
from advisor.knowledge import Knowledge
from probes.schema import RunResult


@dataclass(frozen=True, slots=True)
class Weighed:
    """Rows with their draws and who won them."""

    rows: tuple[Assessment, ...]
    swings: list[CriterionSwing]
    weights: Array  # (rows, samples)
    values: Array  # (2, rows, samples)
    result: Smaa
    voices: tuple[str, ...] = ()  # whose weights the draws take in turn

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
    moved = swings(rows, answers, knowledge)
    if not answers.voices:
        weights = draw_weights(moved, answers, stream)
        return Weighed(rows, moved, weights, values, smaa(values, weights))
    weights = np.empty((len(rows), stream.samples))
    for i, voice in enumerate(answers.voices):
        own = answers.model_copy(update={"priorities": voice.priorities, "voices": ()})
        turns = weights[:, i :: len(answers.voices)]
        turns[:] = draw_weights(swings(rows, own, knowledge), own, Stream(stream.seed, turns.shape[1]))
    names = tuple(voice.name for voice in answers.voices)
    return Weighed(rows, moved, weights, values, smaa(values, weights), names)


def draw_weights(moved: Sequence[CriterionSwing], answers: Answers, stream: Stream) -> Array:
    """Weights that those who gave the ``answers`` may mean, shape (rows, samples), columns summing to 1.

    Swings that were said are exact, a ranking is an ordered simplex, ranges are a uniform distribution between them,
    everything else is a default good to a factor.
    """
    rng = np.random.default_rng([stream.seed, 1])
    priorities = answers.priorities.counted
    if any(swing.share for swing in moved):
        return _ranged(moved, stream.samples, rng)
    if any(swing.rank is not None for swing in moved) and not priorities.swings:
        return _ranked(moved, stream.samples, rng)
    return sampling.around([s.used for s in moved], [s.factor for s in moved], stream.samples, rng)


def _ranked(moved: Sequence[CriterionSwing], samples: int, rng: np.random.Generator) -> Array:
    """A ranking: rows of one rank share its weight by their swings; those not ranked come below, by their swings."""
    groups: dict[int, list[int]] = {}
    for i, swing in enumerate(moved):
        if swing.rank is not None:
            groups.setdefault(swing.rank, []).append(i)
    rest = [i for i, swing in enumerate(moved) if swing.rank is None]
    spread = np.exp(rng.uniform(-np.log(FACTOR), np.log(FACTOR), (len(rest), samples)))
    drawn = sampling.partly_ranked(len(groups), np.array([moved[i].used for i in rest])[:, None] * spread, rng)
    weights = np.empty((len(moved), samples))
    for place, rank in enumerate(sorted(groups)):
        weights[groups[rank]] = drawn[place] * _parts(moved, groups[rank])
    weights[rest] = drawn[len(groups) :]
    return weights


def _ranged(moved: Sequence[CriterionSwing], samples: int, rng: np.random.Generator) -> Array:
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
    drawn = sampling.within_bounds([low for low, _ in bounds], [high for _, high in bounds], samples, rng)
    weights = np.empty((len(moved), samples))
    for place, rows in enumerate(groups.values()):
        weights[rows] = drawn[place] * _parts(moved, rows)
    if rest:
        others = sampling.around([moved[i].used for i in rest], [moved[i].factor for i in rest], samples, rng)
        weights[rest] = drawn[-1] * others
    return weights


def _parts(moved: Sequence[CriterionSwing], rows: Sequence[int]) -> Array:
    """How rows that have one weight together share it, shape (rows, 1)."""
    used = np.array([moved[i].used for i in rows])
    parts = used / used.sum() if used.sum() > 0 else np.full(len(rows), 1 / len(rows))
    return np.asarray(parts[:, None])
