"""From requests to plans, and what a bad request is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes import catalog
from probes.budgets import SECONDS, level
from probes.catalog import Probe
from probes.engine.planning import plan as planning
from probes.engine.planning.plan import plan, seed_of, superblocks
from probes.engine.planning.plan_text import explain
from probes.engine.planning.validation import validate
from probes.schema import Calibration, Level, Priority, RunRequest, RunSetup

QUICK = {
    "mlp.train_step.careful", "mlp.inference_b1.careful", "mlp.throughput_b256.careful", "mlp.inference_b1.eager",
    "mlp.memory_peak", "mlp.startup",
}  # fmt: skip


STATED = Calibration()


def asked(*, calibration: Calibration = STATED, gains: Mapping[str, float] = {}, **request: Any) -> RunSetup:
    return RunSetup(RunRequest(**request), calibration, Priority(gains))


def ids(setup: RunSetup) -> set[str]:
    return {probe.spec.id for probe in plan(setup).probes}


@given(st.integers(1, planning.MOST_ROUNDS))
def test_a_record_is_looked_at_by_the_rounds_that_it_was_planned_with(rounds: int) -> None:
    """What would be planned today has no say in what was found then."""
    then = plan(asked(budget="thorough"), rounds)
    assert (then.rounds, then.looks[-1]) == (rounds, rounds)
    assert list(then.looks) == sorted(set(then.looks))
    assert then.looks[0] >= min(rounds, planning.FEWEST_ROUNDS)
    for probe in then.probes:
        assert set(then.looks_of(probe)) <= set(then.looks) | {planning.FEWEST_ROUNDS}
        assert then.looks_of(probe)[-1] <= rounds
        if probe.measure_spec.kind == "paired":
            assert then.looks_of(probe)[-1] * then.seeds_of(probe) >= planning.SEEDS or rounds < planning.FEWEST_ROUNDS


def test_the_quick_budget_has_three_rounds_several_instances_and_nothing_that_compiles_for_long() -> None:
    quick = plan(asked())
    assert ids(asked()) == QUICK
    assert (quick.rounds, quick.looks) == (3, (3,))
    assert quick.instances >= 3
    assert quick.rounds * quick.round_seconds < quick.budget_seconds <= 75, "with something in hand"
    light = plan(asked(model="recommender"))
    assert light.budget_seconds < 75, "it fills no budget: what it says is what it needs"


def test_a_quick_run_of_a_slow_network_has_fewer_rounds_rather_than_no_training_step() -> None:
    found = plan(asked(model="transformer"))
    assert (found.rounds, found.instances) == (3, 2)
    slower = plan(asked(model="transformer", calibration=Calibration(pace=1.5)))
    assert (slower.rounds, slower.instances) == (2, 2)
    for plan_ in (found, slower):
        assert [p.spec.measure for p in plan_.probes] == ["train_step", "inference_b1", "memory_peak", "startup"]


@pytest.mark.parametrize(("budget", "rounds"), [("standard", 4), ("thorough", 5)])
@pytest.mark.parametrize("model", catalog.modules())
def test_larger_budgets_buy_certainty_before_breadth(model: str, budget: Level, rounds: int) -> None:
    assert plan(asked(model=model, budget=budget)).rounds >= rounds


@pytest.mark.parametrize("model", catalog.modules())
def test_a_first_run_says_what_it_takes_on_top(model: str) -> None:
    """The check that both sides compute the same is made once a machine: later runs don't pay for it."""
    setup = asked(model=model)
    stated = planning.schedule(plan(setup))
    assert 0 < stated.check_seconds < stated.budget_seconds / 2
    said = " ".join(explain(setup))
    assert "isn't known yet" in said
    known = asked(model=model, calibration=Calibration(pace=1.3))
    assert "isn't known yet" not in " ".join(explain(known))
    assert planning.schedule(plan(known)).check_seconds > stated.check_seconds


@given(st.floats(0.4, 1.4))
@settings(max_examples=20, deadline=None)
def test_a_slow_machine_is_asked_for_less(pace: float) -> None:
    """And what is stated is what it takes there."""
    found = plan(asked(budget="standard", calibration=Calibration(pace=pace)))
    reckoned = plan(asked(budget=360.0 / pace))
    assert (found.probes, found.rounds, found.instances) == (reckoned.probes, reckoned.rounds, reckoned.instances)
    assert found.round_seconds == pytest.approx(pace * reckoned.round_seconds)
    assert found.budget_seconds == 360.0


@given(st.integers(1, 8), st.integers(0, 12), st.floats(0, 1e4), st.floats(-1e4, 1e4))
def test_two_instances_come_in_any_case_planned_ones_in_time_and_others_while_there_is_time(
    planned: int, done: int, spent: float, left: float
) -> None:
    due = planning.another(planned, done, spent, left)
    assert due or done >= planned or (left <= 0 and done >= planning.LEAST_INSTANCES)
    assert not due or done < planning.MOST_INSTANCES
    if due:
        assert planning.another(planned, done, spent, left + 1), "more time never means fewer"
        assert planning.another(planned, done, spent / 2, left), "nor do instances that take less"
    if planned <= done and left < 0:
        assert not due


def test_time_is_shared_by_what_instances_take() -> None:
    light, heavy = catalog.find("mlp.inference_b1"), catalog.find("transformer.train_step.tuned")
    first, last = planning.share_seconds([light], [light, heavy], 10.0), planning.share_seconds([heavy], [heavy], 10.0)
    assert 0 < first < 5
    assert last == 10.0


def ids_of(*probes: Sequence[Probe]) -> set[str]:
    return {probe.spec.id for some in probes for probe in some}


@pytest.mark.parametrize("model", catalog.modules())
@pytest.mark.parametrize("budget", [60.0, "quick", 120.0, "standard", "thorough"])
def test_a_budget_takes_what_it_has_time_for(model: str, budget: Level | float) -> None:
    """By its estimate: the CNN's quick run took 100 s and the transformer's 130 s of 90."""
    found = plan(asked(budget=budget, model=model))
    named = RunRequest(budget=budget, model=model)
    seconds = SECONDS[budget] if isinstance(budget, str) else budget
    depth = next(depth for depth in planning.DEPTHS[level(budget)] if depth[0] <= found.rounds)
    assert planning.fewest_seconds(named, found.probes, (depth[0], 2)) <= seconds
    for left in found.left_out:
        assert planning.fewest_seconds(named, [*found.probes, left], planning.DEPTHS[level(budget)][0]) > seconds
    assert not found.left_out or "Left out, since there is no time for it" in " ".join(
        explain(asked(budget=budget, model=model))
    )


@pytest.mark.parametrize("model", catalog.modules())
@pytest.mark.parametrize("pace", [2.5, 4.0])
def test_on_a_slow_machine_what_costs_nothing_comes_along(model: str, pace: float) -> None:
    """Memory and start-up are seen as a pair starts: also where one probe alone takes more than the budget."""
    found = plan(asked(model=model, calibration=Calibration(pace=pace)))
    assert {"memory_peak", "startup"} <= {probe.spec.measure for probe in found.probes}


def test_a_small_budget_keeps_what_people_look_for_first() -> None:
    kept = [p.spec.measure for p in plan(asked(model="transformer")).probes]
    assert kept == ["train_step", "inference_b1", "memory_peak", "startup"]
    gains = {"transformer.throughput_b256.careful": 0.02, "transformer.memory_peak": 0.01}
    kept = [p.spec.measure for p in plan(asked(model="transformer", gains=gains, budget=45.0)).probes]
    assert kept[0] == "throughput_b256", "what the decision gains by counts before the order of the list"
    assert "train_step" not in kept


def test_probes_that_were_named_are_never_left_out() -> None:
    everything = tuple(p.id for p in catalog.probes() if p.model == "transformer")
    assert ids(asked(probes=everything, budget="quick")) == set(everything)


@pytest.mark.parametrize("model", catalog.modules())
def test_bigger_budgets_take_more_probes_and_still_have_two_rounds(model: str) -> None:
    standard, thorough = (plan(asked(budget=budget, model=model)) for budget in ("standard", "thorough"))
    assert ids_of(thorough.probes, thorough.left_out) == {p.id for p in catalog.probes() if p.model == model}
    assert {p.spec.id for p in standard.probes} < {p.spec.id for p in thorough.probes}
    for found in (standard, thorough):
        assert found.rounds >= 2
        assert found.round_seconds * found.rounds < found.budget_seconds
    assert thorough.rounds >= standard.rounds


def test_more_rounds_are_looked_at_more_often() -> None:
    assert [len(plan(asked(budget=budget)).looks) for budget in ("quick", "standard", 7200.0)] == [1, 2, 4]


def test_what_takes_long_for_a_value_is_measured_in_two_rounds_only_unless_it_was_asked_for() -> None:
    found = plan(asked(budget="thorough"))
    heavy = catalog.find("mlp.compile_cost.tuned")
    assert found.looks_of(heavy) == (2,)
    assert found.looks_of(catalog.find("mlp.train_step"))[-1] == found.rounds > 2
    named = plan(asked(budget="thorough", probes=("mlp.compile_cost.tuned",)))
    assert named.looks_of(heavy)[-1] == named.rounds > 2


@pytest.mark.parametrize("budget", ["quick", "standard", "thorough", 30.0, 600.0, 86400.0])
def test_looks_are_few_fixed_and_end_with_the_last_round(budget: float) -> None:
    found = plan(asked(budget=budget))
    assert found.looks[-1] == found.rounds
    assert found.looks[0] >= 2
    assert list(found.looks) == sorted(set(found.looks))
    assert len(found.looks) <= 5


def test_training_runs_are_looked_at_when_all_seeds_are_there() -> None:
    found = plan(asked(budget="thorough"))
    looks = found.looks_of(catalog.find("mlp.time_to_accuracy"))
    assert looks
    for look in looks:
        assert look * found.seeds_of(catalog.find("mlp.time_to_accuracy")) >= planning.SEEDS


def test_what_gains_the_decision_most_a_second_comes_first() -> None:
    gains = {"mlp.startup": 0.01, "mlp.train_step.careful": 0.05}
    found = plan(asked(gains=gains))
    assert [p.spec.id for p in found.probes][:2] == ["mlp.train_step.careful", "mlp.startup"]
    assert "mlp.memory_peak" in found.idle
    assert not found.idle & gains.keys()


def test_what_cannot_change_the_decision_is_looked_at_once() -> None:
    found = plan(asked(budget=3600.0, gains={"mlp.train_step": 0.05}))
    assert len(found.looks_of(catalog.find("mlp.train_step"))) == 4
    assert found.looks_of(catalog.find("mlp.inference_b1")) == found.looks[:1]
    assert plan(asked(budget="thorough")).idle == frozenset(), "nobody asks: everything counts"


@pytest.mark.parametrize("budget", ["quick", "standard", "thorough", 30.0, 3600.0])
def test_time_to_accuracy_always_gets_five_seeds(budget: float) -> None:
    chosen = plan(asked(probes=("mlp.time_to_accuracy",), budget=budget))
    assert chosen.rounds * chosen.seeds >= 5


def test_named_probes_are_taken_as_named_once_each() -> None:
    request = asked(probes=("mlp.train_step.tuned", "mlp.startup", "mlp.train_step.tuned"))
    assert [p.spec.id for p in plan(request).probes] == ["mlp.train_step.tuned", "mlp.startup"]


@pytest.mark.parametrize(
    ("setup", "message"),
    [
        (asked(probes=("mlp.speed",)), r"probes: 'mlp.speed' doesn't exist; allowed: mlp\."),
        (asked(budget="fast"), r"budget: 'fast'; allowed: quick, standard, thorough, or a number"),
        (asked(budget=5), r"budget: 5 seconds; allowed: 30 to 86400"),
        (asked(budget=float("nan")), r"budget: nan seconds; allowed: 30 to 86400"),
        (asked(device="tpu"), r"device: 'tpu'; allowed: cpu, cuda, auto"),
        (asked(threads=0), r"threads: 0; allowed: a whole number from 1 to 1024"),
        (asked(threads=True), r"threads: True; allowed: a whole number"),
        (asked(seed=-1), r"seed: -1; allowed: a whole number from 0"),
        (asked(calibration=Calibration(margin=0.0)), r"margin: 0.0; allowed: 0.001 to 0.5"),
        (asked(calibration=Calibration(spread=float("nan"))), r"spread: nan; allowed: 0.0005 to 0.5"),
        (
            asked(calibration=Calibration(spread_freedom=-1)),
            r"spread_freedom: -1; allowed: a whole number from 0 to 1000",
        ),
        (asked(gains={"mlp.startup": 2.0}), r"gains.mlp.startup: 2.0; allowed: 0 to 1"),
        (asked(gains={"mlp.speed": 0.1}), r"probes: 'mlp.speed' doesn't exist"),
        (asked(sizes={"gpt": {}}), r"sizes: model 'gpt' doesn't exist; allowed: .*mlp"),
        (asked(model="gpt"), r"model: 'gpt' doesn't exist; allowed: .*mlp"),
        (asked(sizes={"mlp": {"depth": 3}}), r"sizes.mlp: 'depth' is not a size; allowed: inputs, hidden1"),
        (asked(sizes={"mlp": {"classes": 1}}), r"sizes.mlp.classes: 1; allowed: a whole number from 2 to 10000"),
        (asked(sizes={"mlp": {"inputs": 10**9}}), r"sizes.mlp.inputs: 1000000000; allowed: .* to 16384"),
        (asked(sizes={"mlp": {"inputs": 3.5}}), r"sizes.mlp.inputs: 3.5; allowed: a whole number"),
    ],
    ids=lambda value: value[:18] if isinstance(value, str) else "",
)
def test_a_bad_setupis_told_field_value_and_what_is_allowed(setup: RunSetup, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        validate(setup)


def test_sizes_not_asked_for_are_the_defaults() -> None:
    sizes = catalog.modules()["mlp"].SPEC.sized({"mlp": {"hidden1": 8}, "cnn": {"classes": 3}})
    assert sizes == {"inputs": 784, "hidden1": 8, "hidden2": 256, "classes": 10}


@given(st.floats(1e-6, 10), st.floats(1e-6, 10), st.floats(0.25, 1.0))
@settings(max_examples=80, deadline=None)
def test_blocks_are_of_5_to_20_ms_or_one_step(a: float, b: float, seconds: float) -> None:
    count, steps = superblocks(seconds, (a, b))
    assert planning.FEWEST_SUPERBLOCKS <= count <= planning.MOST_SUPERBLOCKS
    for step, n in zip((a, b), steps, strict=True):
        assert n == 1 or 0.005 <= n * step <= 0.0205
        assert n > 1 or step > 0.005
        assert planning.discarded(step) * step >= planning.DISCARDED_SECONDS * (1 - 1e-9)


@given(st.floats(1e-4, 1), st.floats(1e-4, 1))
@settings(max_examples=40, deadline=None)
def test_swapping_the_sides_swaps_their_steps_and_nothing_else(a: float, b: float) -> None:
    count, (m, n) = superblocks(0.5, (a, b))
    assert superblocks(0.5, (b, a)) == (count, (n, m))


def test_seeds_repeat_and_differ() -> None:
    assert seed_of(0, 1, "mlp.train_step", 2) == seed_of(0, 1, "mlp.train_step", 2)
    seeds = {seed_of(seed, round_, instance) for seed in range(5) for round_ in range(5) for instance in range(5)}
    assert len(seeds) == 125
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_a_plan_is_told_in_words() -> None:
    alone = explain(asked(budget="thorough"))
    assert "every probe counts alike" in alone[0]
    assert "wrong in at most 5 % of cases" in " ".join(alone)
    assert "1.5 % (3.0 %: training step; 10.0 %: start-up)," in " ".join(explain(asked(model="cnn")))
    own = asked(model="cnn", budget="thorough", calibration=Calibration(spreads={"cnn.train_step": 0.02}))
    assert "(2.0 %: training step, CNN; 3.0 %: " in " ".join(explain(own))
    wanted = explain(asked(budget="thorough", gains={"mlp.train_step": 0.05}))
    assert wanted[0].startswith("Training step comes first")
    assert wanted[1].startswith("One look only at ")
    assert "Inference latency" in wanted[1]
    assert "after round 3, at 97 % confidence" in " ".join(explain(asked()))
    for said in ("equal within 5 %", "differ by at least 1.5 %", "a process needs about 0.7 GiB of memory", "chance"):
        assert said in " ".join(alone)
    assert "chance" not in " ".join(explain(asked(probes=("mlp.memory_peak",))))
