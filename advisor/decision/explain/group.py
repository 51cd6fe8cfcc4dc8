"""The people whose weights count: what each alone comes to, whether they agree, and on what they part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from advisor.decision.explain.words import leading, other, share
from advisor.decision.sampling import Weighed
from advisor.decision.scoring.smaa import shares, standard_error
from advisor.model.decision import Group, VoiceResult
from advisor.wording.chances import chances
from advisor.wording.quantities import apart
from probes.schema import TITLES, Framework
from probes.system.sentences import listed


def group(weighed: Weighed) -> Group | None:
    """Everybody's result over the same draws of values; None where nobody gave weights of their own."""
    if not weighed.voices:
        return None
    ahead = leading(float(weighed.result.acceptability[0]))
    voices = tuple(_voice(weighed, number, ahead) for number in range(len(weighed.voices)))
    return Group(voices, _sentence(voices, ahead))


def _voice(weighed: Weighed, number: int, ahead: Framework) -> VoiceResult:
    totals = weighed.result.totals[:, weighed.of_voice(number)]
    p, draws = float(shares(totals)[0].mean()), totals.shape[1]
    apart = "" if leading(p) == ahead or len(weighed.voices) == 1 else _apart(weighed, number, p)
    return VoiceResult(
        name=weighed.voices[number],
        probability={"pytorch": p, "tensorflow": 1 - p},
        standard_error=standard_error(p, draws),
        sentence=apart,
    )


def _apart(weighed: Weighed, number: int, p: float) -> str:
    """The criterion whose weight moves this person's difference furthest from the others', towards the other side.

    One that nobody has measured moves it by chance alone, and is none.
    """
    side, name = leading(p), weighed.voices[number]
    weights = np.stack([weighed.weights[:, weighed.of_voice(i)].mean(axis=1) for i in range(len(weighed.voices))])
    mine, others = weights[number], np.delete(weights, number, axis=0).mean(axis=0)
    differences = (weighed.values[0] - weighed.values[1]).mean(axis=1)
    moves = (mine - others) * differences * (1 if side == "pytorch" else -1)
    known = np.array([row.status != "unknown" for row in weighed.rows])
    k = int(np.argmax(np.where(known, moves, -np.inf)))
    comes = f"{name} comes out for {TITLES[side]}, with a chance of {chances(max(p, 1 - p))}"
    if not known.any():
        return f"{comes}."
    share_here, share_there = apart(share, float(mine[k]), float(others[k]))
    return (
        f"{comes}: «{weighed.rows[k].criterion.title}» weighs {share_here} for {name} and {share_there} for the others."
    )


def _sentence(voices: Sequence[VoiceResult], ahead: Framework) -> str:
    if len(voices) == 1:
        return f"Only {voices[0].name} has given weights so far."
    parted = [voice.name for voice in voices if voice.sentence]
    if parted:
        come = "comes" if len(parted) == 1 else "come"
        rest = listed([voice.name for voice in voices if not voice.sentence])
        return f"{listed(parted)} {come} out for {TITLES[other(ahead)]}, {rest} for {TITLES[ahead]}."
    ranked = sorted(voices, key=lambda voice: voice.probability[ahead])
    span = [f"{voice.name} with a chance of {chances(voice.probability[ahead])}" for voice in (ranked[0], ranked[-1])]
    everybody = "Both" if len(voices) == 2 else f"All {len(voices)}"
    return f"{everybody} come out for {TITLES[ahead]}: {listed(span)}."
