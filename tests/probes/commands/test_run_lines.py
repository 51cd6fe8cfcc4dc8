"""What the command says of each result in one line."""

from __future__ import annotations

from dataclasses import replace

from probes.commands.run import effect_line, line
from probes.results import NOT_SHOWN, ModeEffect, ProbeResult, Ratio, SideResult
from probes.schema import Outcome, Verdict

SIDE = SideResult("eager", 0.00125, (0.00125,), Outcome.OK, "")
RESULT = ProbeResult(
    probe="mlp.train_step", model="mlp", measure="train_step", track="default", title="Training step",
    metric="time per training step", unit="s", better="lower",
    sides={"pytorch": SIDE, "tensorflow": replace(SIDE, mode="tf.function")}, ratio=Ratio(2.0, 1.9, 2.1, 0.95),
    verdict=Verdict.PYTORCH, outcome=Outcome.OK,
)  # fmt: skip


def test_a_ratio_with_its_interval_and_verdict() -> None:
    said = line(RESULT)
    assert "TensorFlow/PyTorch 2 (1.9 to 2.1) in time per training step: pytorch" in said
    assert NOT_SHOWN not in said


def test_a_doubt_stands_beside_the_figure() -> None:
    assert line(replace(RESULT, notes=("quiet",), doubt="a layer too many")).endswith(
        f"({NOT_SHOWN}: a layer too many)"
    )


def test_the_side_that_worked_is_told_where_the_other_has_no_half() -> None:
    missing = SideResult("tf.function", None, (), Outcome.UNSUPPORTED, "no half")
    alone = replace(
        RESULT,
        sides={"pytorch": SIDE, "tensorflow": missing},
        ratio=None,
        outcome=Outcome.UNSUPPORTED,
        reason="no half",
    )
    assert line(alone).endswith("unsupported: no half; PyTorch alone: 0.00125 s (eager)")


def test_two_modes_of_one_side() -> None:
    effect = ModeEffect(
        "pytorch", "torch.compile", "eager", "mlp.train_step.tuned", "lower", Ratio(0.5, 0.4, 0.6, 0.95), "better"
    )
    assert effect_line(effect).endswith("PyTorch: torch.compile/eager 0.5 (0.4 to 0.6): better")
