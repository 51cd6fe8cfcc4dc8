"""One instance of a timed probe, on children that answer at once."""

from __future__ import annotations

from typing import Any

import pytest

from probes.engine.running.blocks import TimedInstance, Timing, TimingError, time_in_turns, time_instance
from probes.engine.running.child import ChildError
from probes.schema import FRAMEWORKS, Framework, Outcome
from tests.probes.fake_child import FakeChild, FakeMachine, Trouble

PROBE = "mlp.train_step"


def timing(**changes: Any) -> Timing:
    return Timing(**{"probe": PROBE, "seed": 3, "sizes": {}, "seconds": 1.0, "warmup": 1.0, "timeout": 9.0, **changes})


def timed(machine: FakeMachine, *sides: Framework, **changes: Any) -> TimedInstance:
    children = [machine(framework, {}, lambda: False) for framework in sides or FRAMEWORKS]
    return time_instance(children, timing(**changes))


def test_superblocks_come_in_both_orders_and_abba_means_pytorch_first() -> None:
    blocks = [block for seed in range(3) for block in timed(FakeMachine(), seed=seed).instance.superblocks]
    assert {block.order for block in blocks} == {"ABBA", "BAAB"}
    for block in blocks:
        first, second, third, fourth = block.wall
        assert (first < second) == (fourth < third) == (block.order == "ABBA")


def test_the_first_step_after_each_switch_is_discarded_and_only_that() -> None:
    machine = FakeMachine()
    timed(machine)
    blocks = [(framework, arguments["discard"]) for framework, do, arguments in machine.asked if do == "block"]
    before = [None, *(framework for framework, _ in blocks)]
    assert [discard for _, discard in blocks] == [int(f != b) for (f, _), b in zip(blocks, before, strict=False)]
    assert {discard for _, discard in blocks} == {0, 1}


def test_both_sides_are_prepared_with_the_same_seed_and_steps_fill_a_block() -> None:
    machine = FakeMachine()
    instance = timed(machine).instance
    assert [a["seed"] for _, do, a in machine.asked if do == "prepare"] == [3, 3]
    assert instance.steps == {"pytorch": 1, "tensorflow": 1}, "a step of 10 or 15 ms is a block of its own"
    assert instance.details["tensorflow"].keys() >= {"build_s", "first_step_s", "step_s", "idle_share"}


def test_one_side_alone_has_as_many_blocks_and_nothing_to_pair_with() -> None:
    alone, both = timed(FakeMachine(), "tensorflow").instance, timed(FakeMachine()).instance
    assert alone.superblocks == ()
    assert alone.blocks.keys() == alone.steps.keys() == {"tensorflow"}
    assert len(alone.blocks["tensorflow"]) % 2 == 0
    assert len(alone.blocks["tensorflow"]) >= 2 * len(both.superblocks) / 2


def test_a_side_that_waits_for_its_core_is_starved() -> None:
    assert timed(FakeMachine(cpu_share=0.5)).starved
    assert not timed(FakeMachine()).starved


def test_work_that_goes_on_after_the_clock_contaminates(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = FakeChild._block

    def unfinished(self: FakeChild, **how: Any) -> dict[str, Any]:
        return {**honest(self, **how), "late": 0.5 if self.framework == "tensorflow" else 0.0}

    monkeypatch.setattr(FakeChild, "_block", unfinished)
    with pytest.raises(ChildError, match="of work went on after clocks that had shown") as caught:
        timed(FakeMachine())
    assert (caught.value.framework, caught.value.outcome) == ("tensorflow", Outcome.CONTAMINATED)
    assert not caught.value.dead


@pytest.mark.parametrize(("sides", "said"), [(FRAMEWORKS, True), (("pytorch",), False)], ids=["both", "alone"])
def test_only_of_two_sides_one_can_idle_badly(
    sides: tuple[Framework, ...], said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a side alone burns between its blocks slows nobody down; an H200's record said «14.4% of a core»."""
    honest = FakeChild._block

    def busy(self: FakeChild, **how: Any) -> dict[str, Any]:
        return {**honest(self, **how), "idle_cpu": 0.015}

    monkeypatch.setattr(FakeChild, "_block", busy)
    assert any("the idle child used" in note for note in timed(FakeMachine(), *sides).notes) is said


def test_what_is_traced_again_or_never_steady_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = FakeChild._block
    monkeypatch.setattr(FakeChild, "_block", lambda self, **how: {**honest(self, **how), "retraced": True})
    monkeypatch.setattr(FakeChild, "_warm", lambda self, **how: {"step_s": 0.01, "steady": False})
    assert timed(FakeMachine()).notes == (
        "PyTorch: no steady state within the warm-up limit",
        "TensorFlow: no steady state within the warm-up limit",
        "PyTorch: traced or compiled again while a clock ran",
        "TensorFlow: traced or compiled again while a clock ran",
    )


MODES = ("mlp.train_step", "mlp.train_step.careful", "mlp.train_step.tuned")


def test_modes_are_taken_in_turns_superblock_by_superblock() -> None:
    machine = FakeMachine()
    children = [machine(framework, {}, lambda: False) for framework in FRAMEWORKS]
    found = time_in_turns([(children, timing(probe=probe)) for probe in MODES])
    count = len(found[0].instance.superblocks)
    assert [len(one.instance.superblocks) for one in found] == [count] * len(MODES)
    asked = [arguments["probe"] for _, do, arguments in machine.asked if do == "block"]
    assert asked == [probe for _ in range(count) for probe in MODES for _ in "ABBA"]


def test_after_a_change_of_mode_the_first_step_is_discarded_too() -> None:
    machine = FakeMachine()
    children = [machine(framework, {}, lambda: False) for framework in FRAMEWORKS]
    time_in_turns([(children, timing(probe=probe)) for probe in MODES[:2]])
    blocks = [((a["probe"], framework), a["discard"]) for framework, do, a in machine.asked if do == "block"]
    before = [None, *(block for block, _ in blocks)]
    assert [discard for _, discard in blocks] == [int(b != last) for (b, _), last in zip(blocks, before, strict=False)]


def test_modes_are_built_beside_each_other_and_the_first_in_place_of_what_was() -> None:
    machine = FakeMachine()
    children = [machine(framework, {}, lambda: False) for framework in FRAMEWORKS]
    time_in_turns([(children, timing(probe=probe)) for probe in MODES])
    built = [(a["probe"], a["beside"]) for _, do, a in machine.asked if do == "prepare"]
    assert built == [(probe, probe != MODES[0]) for probe in MODES for _ in FRAMEWORKS]


def test_a_child_that_does_not_deliver_says_for_which_mode() -> None:
    machine = FakeMachine([Trouble("tensorflow", "block", Outcome.FAILED, probe=MODES[1])])
    children = [machine(framework, {}, lambda: False) for framework in FRAMEWORKS]
    with pytest.raises(TimingError, match="its last words") as caught:
        time_in_turns([(children, timing(probe=probe)) for probe in MODES])
    assert (caught.value.probe, caught.value.framework) == (MODES[1], "tensorflow")


@pytest.mark.parametrize(
    ("filling", "every", "steps"), [((58, 62), 20, (80, 80)), ((2, 2), 10, (10, 10)), ((58, 62), 1, (58, 62))]
)
def test_a_slow_side_has_blocks_of_the_same_length(
    filling: tuple[int, int], every: int, steps: tuple[int, int]
) -> None:
    """60 steps on one side and 80 on the other moved a slow-down of 5 % by up to 2 %: a block's start is colder."""
    assert tuple(timing(multiple_of=every).steps(filling).values()) == steps
