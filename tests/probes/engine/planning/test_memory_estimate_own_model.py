"""What the trial step of a team's own model means for a plan: refused or made shorter before the budget is spent."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes import catalog
from probes.engine.planning import memory_estimate
from probes.engine.planning.plan import plan
from probes.schema import FRAMEWORKS, RunRequest, RunSetup
from probes.team_files import ModelFile

GIB = 2**30
FILE = ModelFile("ours.py", "b" * 64, "Ours", FRAMEWORKS, trains=True, parameters={"pytorch": 10})


def setup(file: ModelFile, budget: float = 60.0, probes: tuple[str, ...] = ()) -> RunSetup:
    return RunSetup(RunRequest(probes=probes, budget=budget, model=file.id, model_file=file))


def taking(*seconds: float, bytes_: int = 0) -> ModelFile:
    sides = FRAMEWORKS[: len(seconds)]
    return replace(FILE, step_seconds=dict(zip(sides, seconds, strict=True)), step_bytes=dict.fromkeys(sides, bytes_))


@pytest.mark.parametrize("probes", [(), (f"{FILE.id}.train_step",)])
def test_a_step_of_40_s_is_refused_with_the_budget_that_it_takes(probes: tuple[str, ...]) -> None:
    slow = taking(40.0, 41.0)
    with pytest.raises(ValueError, match="40 s in PyTorch and 41 s in TensorFlow") as caught:
        memory_estimate.validate(setup(slow, 60.0, probes), 16 * GIB)
    enough = re.search(r"allowed: (\d+) s or more", str(caught.value))
    assert enough is not None
    memory_estimate.validate(setup(slow, float(enough[1]), probes), 16 * GIB)


@given(st.floats(0, 10), st.floats(0, 10), st.floats(30, 86_400))
def test_what_is_refused_at_a_budget_is_refused_at_every_smaller_one(a: float, b: float, budget: float) -> None:
    def refused(seconds: float) -> bool:
        try:
            memory_estimate.validate(setup(taking(a, b), seconds), 16 * GIB)
        except ValueError:
            return True
        return False

    assert refused(budget) <= refused((budget + 30) / 2)
    assert not refused(86_400.0), "a day is enough for ten seconds a step"


def test_what_does_not_fit_both_sides_at_once_is_refused() -> None:
    with pytest.raises(ValueError, match=r"needs about 13 GiB on all sides together.*12 GiB"):
        memory_estimate.validate(setup(taking(0.1, 0.1, bytes_=6 * GIB)), 12 * GIB)
    memory_estimate.validate(setup(taking(0.1, bytes_=6 * GIB)), 12 * GIB)  # one half alone fits


def test_a_slow_step_leaves_time_for_fewer_probes() -> None:
    numbers = [len(plan(setup(taking(step, step), 240.0)).probes) for step in (0.001, 0.05, 0.2, 0.5)]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > numbers[-1] >= 1


def test_modes_are_taken_in_turns_where_they_fit_together() -> None:
    together = {}
    for bytes_ in (2**20, 3 * GIB):
        catalog.adopt(taking(0.1, 0.1, bytes_=bytes_))
        together[bytes_] = memory_estimate.side_by_side(catalog.find(f"{FILE.id}.train_step").model, {}, 16 * GIB)
    assert together[2**20] > 10
    assert together[3 * GIB] == 2


def test_a_file_of_before_there_were_trial_steps_is_planned_as_ever() -> None:
    memory_estimate.validate(setup(FILE, 30.0), GIB)
    assert plan(setup(FILE)).probes


def test_who_asks_for_predictions_alone_needs_no_time_for_training() -> None:
    """A prediction takes a tenth of a training step at most (``MeasureSpec.work``)."""
    slow = taking(5.0, 5.0)
    catalog.adopt(slow)
    memory_estimate.validate(setup(slow, 200.0, (f"{FILE.id}.inference_b1",)), 16 * GIB)
    with pytest.raises(ValueError, match="as long as 108 of them"):
        memory_estimate.validate(setup(slow, 200.0, (f"{FILE.id}.inference_b1", f"{FILE.id}.train_step")), 16 * GIB)
