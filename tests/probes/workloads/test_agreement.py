"""When two halves compute the same, and what is said when they don't."""

from __future__ import annotations

import numpy as np
import pytest

from probes.workloads.agreement import (
    BFLOAT16_STEP_TOLERANCE,
    BFLOAT16_TOLERANCE,
    DROPOUT_TOLERANCE,
    MASKS,
    OUTPUT_TOLERANCE,
    SCHEDULE_TOLERANCE,
    SCHEDULED,
    UPDATE_TOLERANCE,
    compare,
)


def arrays(**changes: object) -> dict[str, np.ndarray]:
    base = {
        "outputs": np.linspace(-1, 1, 8, dtype=np.float32),
        "loss": np.float32(2.3),
        "update/fc.kernel": np.full((4, 4), SCHEDULED.learning_rate, np.float32),
        "update/bn.variance": np.full(4, 0.05, np.float32),
        "later_steps/fc.kernel": np.full((4, 4), 1e-3, np.float32),
        "schedule_end": np.float64(0.0),
        "strict_step/fc.kernel": np.full((4, 4), 1e-2, np.float32),
        "bfloat16_outputs/": np.linspace(-1, 1, 8, dtype=np.float32),
        "bfloat16_step/fc.kernel": np.full((4, 4), 1e-2, np.float32),
        "bfloat16_rounding": np.float64(5e-3),
    }
    return {name: np.asarray(value) for name, value in (base | changes).items()}


def test_equal_halves_agree() -> None:
    deviations, reason = compare(arrays(), arrays())
    assert reason == ""
    assert deviations == dict.fromkeys(
        ("outputs", "loss", "weights", "update", "later_steps", "schedule_end", "strict_step", "bfloat16_outputs",
         "bfloat16_step", "variance"), 0.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "factor", "said"),
    [
        ("outputs", 1 + 3 * OUTPUT_TOLERANCE, "outputs by 0.0003"),
        ("loss", 1.001, "loss by 0.0023"),
        ("update/fc.kernel", 1 + 2 * UPDATE_TOLERANCE, "update by 0.02"),
        ("update/bn.variance", 1.5, "variance by 0.025"),
        ("later_steps/fc.kernel", 1 + 2 * SCHEDULE_TOLERANCE, "later steps by 0.1"),
        ("strict_step/fc.kernel", 1 + 2 * UPDATE_TOLERANCE, "strict step by 0.02"),
        ("bfloat16_outputs/", 1 + 2 * BFLOAT16_TOLERANCE, "bfloat16 outputs by 0.1"),
        ("bfloat16_step/fc.kernel", 1 + 2 * BFLOAT16_STEP_TOLERANCE, "bfloat16 step by 0.4"),
    ],
)
def test_a_deviation_beyond_its_tolerance_is_named_with_both(name: str, factor: float, said: str) -> None:
    _, reason = compare(arrays(), arrays(**{name: arrays()[name] * factor}))
    assert said in reason
    assert "allowed" in reason


def test_bessels_correction_is_no_disagreement() -> None:
    assert compare(arrays(), arrays(**{"update/bn.variance": arrays()["update/bn.variance"] * 64 / 63}))[1] == ""


def test_a_rate_that_stays_after_the_schedules_end_is_seen() -> None:
    assert "schedule end by 0.8" in compare(arrays(), arrays(schedule_end=0.8))[1]


def test_steps_under_a_schedule_are_judged_by_weights_that_moved_far() -> None:
    """Of others, epsilon means something else on either side at later steps."""
    near = arrays(**{"update/fc.kernel": np.full((4, 4), 0.9 * SCHEDULED.learning_rate, np.float32)})
    off = near | {"later_steps/fc.kernel": near["later_steps/fc.kernel"] * 2}
    deviations, reason = compare(near, off)
    assert ("later_steps" in deviations, reason) == (False, "")
    near["update/fc.kernel"][0, 0] = off["update/fc.kernel"][0, 0] = SCHEDULED.learning_rate
    assert "later steps by 1 " in compare(near, off)[1]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_never_agrees_not_even_with_itself(bad: float) -> None:
    broken = arrays(loss=bad)
    assert compare(broken, broken)[1] == "loss holds values that are not finite"


def test_other_names_or_shapes_do_not_compare() -> None:
    assert compare(arrays(), arrays(extra=1.0))[1].endswith("name different arrays: extra")
    assert compare(arrays(), arrays(extra=1.0, more=1.0, most=1.0))[1].endswith(
        "name different arrays: extra and 2 more"
    )
    assert "outputs has shape (8,) in PyTorch, (3,)" in compare(arrays(), arrays(outputs=np.zeros(3)))[1]


@pytest.mark.parametrize(("side", "said"), [(0, "PyTorch's"), (1, "TensorFlow's")])
def test_a_side_that_rounds_nothing_in_bfloat16_is_named(side: int, said: str) -> None:
    sides = [arrays(), arrays()]
    sides[side] = arrays(bfloat16_rounding=1e-7)
    assert compare(*sides)[1].startswith(f"{said} outputs in bfloat16 are its outputs in float32")


def drawn(rng: np.random.Generator, rate: float, samples: int = 64, width: int = 40) -> dict[str, np.ndarray]:
    """What 16 masks of this rate make of a layer's ``width`` values, each sample's own, added up to three logits."""
    values, kernel = (
        np.random.default_rng(0).random((samples, width)),
        np.random.default_rng(1).random((width, 3)) - 0.5,
    )
    masks = rng.random((MASKS, samples, width)) >= rate
    logits = (values * masks / (1 - rate)) @ kernel
    return {"dropout/mean": logits.mean(0), "dropout/variance": logits.var(0, ddof=1)}


def test_masks_that_are_drawn_alike_agree_whatever_the_numbers() -> None:
    rng = np.random.default_rng(5)
    found = [compare(drawn(rng, 0.2), drawn(rng, 0.2))[0]["dropout"] for _ in range(200)]
    assert max(found) < 0.8 * DROPOUT_TOLERANCE


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.3, 0.5])
def test_another_rate_of_dropout_is_seen_on_either_side(rate: float) -> None:
    rng = np.random.default_rng(6)
    for sides in ((drawn(rng, 0.2), drawn(rng, rate)), (drawn(rng, rate), drawn(rng, 0.2))):
        deviations, reason = compare(*sides)
        assert "dropout by" in reason
        assert np.isfinite(list(deviations.values())).all()


def test_masks_that_are_not_scaled_up_are_seen_by_their_mean() -> None:
    rng = np.random.default_rng(7)
    flat = {
        name: array * {"dropout/mean": 0.8, "dropout/variance": 0.64}[name] for name, array in drawn(rng, 0.2).items()
    }
    scaled = drawn(rng, 0.2)
    assert "dropout by" in compare(scaled, flat)[1]
    assert "dropout by" in compare(scaled, flat | {"dropout/variance": scaled["dropout/variance"]})[1]


def test_no_dropout_on_both_sides_is_no_disagreement() -> None:
    rng = np.random.default_rng(8)
    none = drawn(rng, 0.0)
    nearly = {name: array * (1 + 1e-6) for name, array in none.items()}
    assert compare(none, nearly) == ({"dropout": 0.0}, "")


def test_a_sample_that_no_mask_changes_is_no_distance() -> None:
    """Dead units behind a ReLU: there only rounding differs."""
    rng = np.random.default_rng(9)
    pytorch, tensorflow = drawn(rng, 0.2), drawn(rng, 0.2)
    for arrays_, mean in ((pytorch, 1.0), (tensorflow, 1.0 + 1e-6)):
        arrays_["dropout/variance"][:5], arrays_["dropout/mean"][:5] = 0.0, mean
    assert compare(pytorch, tensorflow)[1] == ""
