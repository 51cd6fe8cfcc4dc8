"""Best mode against best mode."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.measured.best import best_modes
from advisor.output.charts.verdicts import best_words
from probes.schema import Better, Outcome, ProbeResult, Track
from tests import samples

MODES: dict[Track, tuple[str, str]] = {
    "default": ("eager", "tf.function"),
    "eager": ("eager", "eager"),
    "tuned": ("torch.compile", "XLA"),
}


def track(name: Track, pytorch: float, tensorflow: float, *, better: Better = "lower") -> ProbeResult:
    """The training step on a track, with medians of both sides and a ratio that follows from them."""
    suffix = {"default": "", "eager": ", both eager", "tuned": ", both compiled"}[name]
    factor = tensorflow / pytorch
    base = samples.probe_result(
        "mlp.train_step" + ("" if name == "default" else f".{name}"),
        f"Training step{suffix}",
        ratio=(factor, factor * 0.9, factor * 1.1),
        better=better,
    )
    sides = {
        side: replace(base.sides[side], mode=mode, median=median)
        for side, mode, median in zip(base.sides, MODES[name], (pytorch, tensorflow), strict=True)
    }
    return replace(base, measure="train_step", track=name, sides=sides)


def test_one_track_is_no_choice() -> None:
    assert best_modes([track("default", 1.0, 2.0)]) == ()


def test_best_modes_of_one_track_keep_its_interval() -> None:
    tuned = track("tuned", 0.5, 0.6)
    (best,) = best_modes([track("default", 1.0, 2.0), tuned])
    assert best.measured == tuned
    assert best.modes == {"pytorch": "torch.compile", "tensorflow": "XLA"}
    assert best.medians == {"pytorch": 0.5, "tensorflow": 0.6}
    assert best.factor == pytest.approx(1.2)
    assert best.title == "Training step"


def test_best_modes_of_two_tracks_are_an_estimate() -> None:
    (best,) = best_modes([track("default", 1.0, 0.8), track("tuned", 0.5, 3.0)])
    assert best.measured is None
    assert best.modes == {"pytorch": "torch.compile", "tensorflow": "tf.function"}
    assert best.factor == pytest.approx(1.6)
    assert best_words(best) == "PyTorch about 1.60× faster (estimate)"


def test_where_higher_is_better_the_highest_is_best() -> None:
    rates = [track("default", 100.0, 80.0, better="higher"), track("tuned", 90.0, 400.0, better="higher")]
    (best,) = best_modes(rates)
    assert best.modes == {"pytorch": "eager", "tensorflow": "XLA"}
    assert best.ahead == "tensorflow"
    assert best.factor == pytest.approx(0.25)


def test_a_mode_of_two_tracks_counts_once() -> None:
    """PyTorch eager was drawn twice: the default track's figure counts, not the luckier one."""
    (best,) = best_modes([track("default", 1.0, 0.9), track("eager", 0.7, 5.0)])
    assert best.medians["pytorch"] == 1.0


def test_a_side_that_works_counts_though_the_other_failed() -> None:
    half = track("tuned", 1.0, 0.4)
    sides = dict(half.sides)
    sides["pytorch"] = replace(sides["pytorch"], median=None, outcome=Outcome.UNSUPPORTED, reason="No compiler")
    half = replace(half, sides=sides, outcome=Outcome.UNSUPPORTED, ratio=None)
    (best,) = best_modes([track("default", 1.0, 0.9), half])
    assert best.modes == {"pytorch": "eager", "tensorflow": "XLA"}
    assert best.measured is None


@pytest.mark.parametrize(
    "outcome", [Outcome.CONTAMINATED, Outcome.NOT_COMPARABLE, Outcome.TOO_NOISY, Outcome.CANCELLED]
)
def test_doubted_figures_are_left_out(outcome: Outcome) -> None:
    assert best_modes([track("default", 1.0, 2.0), replace(track("tuned", 0.1, 0.1), outcome=outcome)]) == ()


def test_a_title_without_the_default_track_loses_its_suffix() -> None:
    (best,) = best_modes([track("eager", 1.0, 5.0), track("tuned", 0.5, 0.6)])
    assert best.title == "Training step"


seconds = st.floats(1e-6, 1e3)


@settings(max_examples=40)
@given(st.tuples(*[st.tuples(seconds, seconds)] * 3))
def test_no_mode_is_better_than_the_best_and_order_is_nothing(medians: tuple[tuple[float, float], ...]) -> None:
    rows = [track(name, *pair) for name, pair in zip(MODES, medians, strict=True)]
    (best,) = best_modes(rows)
    assert best.medians["tensorflow"] == min(row.sides["tensorflow"].median or 0 for row in rows)
    assert best_modes(rows[::-1]) == (best,)
