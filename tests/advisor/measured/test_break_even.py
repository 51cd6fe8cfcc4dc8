"""When compiling pays back."""

from __future__ import annotations

import math

import pytest

from advisor.measured.break_even import break_even, sentences
from probes.results import Instance, Measurement, SideReport


def raw(*told: tuple[float, float, float, float]) -> list[Measurement]:
    """One process a tuple: first and later steps, plain and compiled, in seconds, of PyTorch."""
    names = ("plain_first_s", "plain_step_s", "compiled_first_s", "compiled_step_s")
    sides = {"pytorch": SideReport(), "tensorflow": SideReport()}
    return [
        Measurement(
            "mlp.compile_cost.tuned", sides, (Instance(details={"pytorch": dict(zip(names, one, strict=True))}),)
        )
        for one in told
    ]


def test_what_is_spent_is_saved_step_by_step() -> None:
    found = break_even(raw((1.0, 0.010, 11.0, 0.005)))["pytorch"]
    assert found.steps == pytest.approx(10 / 0.005)
    assert (found.cost, found.gain) == (pytest.approx(10.0), pytest.approx(0.5))


def test_a_longer_step_never_pays_back() -> None:
    measurements = raw((1.0, 0.010, 11.0, 0.012))
    assert math.isinf(break_even(measurements)["pytorch"].steps)
    assert sentences(measurements) == (
        "PyTorch: compiling adds 10.0 s before the first step ends, and a step gets 20 % longer: "
        "it doesn't pay back here.",
    )


def test_the_range_over_processes_is_said() -> None:
    [said] = sentences(raw((1.0, 0.010, 11.0, 0.005), (1.0, 0.010, 13.0, 0.005), (1.0, 0.010, 21.0, 0.005)))
    assert said.endswith("it pays back after 2\u202f400 steps (2\u202f000 to 4\u202f000 over 3 fresh processes).")
    [open_] = sentences(raw((1.0, 0.010, 11.0, 0.005), (1.0, 0.010, 13.0, 0.005), (1.0, 0.010, 13.0, 0.011)))
    assert "2\u202f000 to never over 3" in open_


def test_who_compiles_for_nothing_is_even_at_once() -> None:
    assert break_even(raw((5.0, 0.010, 4.0, 0.012)))["pytorch"].steps == 0


def test_other_probes_say_nothing() -> None:
    other = Measurement("mlp.startup", {}, (Instance(details={"pytorch": {"import_s": 1.0}}),))
    assert sentences([other]) == ()
