"""Verdicts at a few looks: what they say, when they are final, and how often they are wrong."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import inference
from probes import catalog
from probes.engine.judging import statistics
from probes.engine.judging.statistics import Estimate
from probes.engine.judging.verdicts import Rules, judge, kinds_of_processes
from probes.engine.planning.significance import ALPHA, STATED_FREEDOM, share
from probes.json_form import from_json
from probes.multiplicity import holm, together
from probes.results import Instance, Measurement, RunResult, SideReport, Superblock
from probes.schema import FRAMEWORKS, Verdict
from tests.places import GOLDEN

STEP = catalog.find("mlp.train_step")
STARTUP = catalog.find("mlp.startup")
RULES = Rules((2, 4, 6, 8, 10), margin=0.05, spread=statistics.TIME_FLOOR, freedom=STATED_FREEDOM)
WELL = {framework: SideReport() for framework in FRAMEWORKS}


def measured(logs: list[float]) -> Measurement:
    """One round whose instances have these log-ratios."""
    instances = tuple(Instance(single={"pytorch": 1.0, "tensorflow": math.exp(log)}) for log in logs)
    return Measurement(STEP.spec.id, WELL, instances)


def rounds(*values: float) -> list[Measurement]:
    return [measured([value - 0.001, value, value + 0.001]) for value in values]


def test_no_verdict_before_the_first_look() -> None:
    found = judge(STEP, rounds(0.5), RULES, complete=1, doubted=False)
    assert found is not None
    assert not found.final


def test_the_first_look_that_decides_is_the_last_word() -> None:
    """Later rounds, however different, change nothing: or looking would be a choice."""
    at_two = judge(STEP, rounds(0.5, 0.5), RULES, complete=2, doubted=False)
    later = judge(STEP, rounds(0.5, 0.5, -3.0, -3.0, -3.0), RULES, complete=5, doubted=False)
    assert at_two == later
    assert at_two is not None
    assert (at_two.verdict, at_two.final) == (Verdict.PYTORCH, True)


def test_between_looks_nothing_is_decided() -> None:
    mixed = rounds(0.5, -0.4)
    found = judge(STEP, [*mixed, *rounds(0.5)], RULES, complete=3, doubted=False)
    assert found is not None
    assert not found.final


def test_the_last_look_is_final_whatever_it_says() -> None:
    found = judge(STEP, rounds(*[0.5, -0.5] * 5), RULES, complete=10, doubted=False)
    assert found is not None
    assert (found.verdict, found.final) == (Verdict.UNDECIDED, True)


def test_a_round_that_was_cut_off_is_shown_and_not_looked_at() -> None:
    found = judge(STEP, rounds(0.5, 0.5), RULES, complete=1, doubted=False)
    assert found is not None
    assert not found.final


def test_processes_of_two_kinds_are_named() -> None:
    two = rounds(*[0.0, 0.2] * 4)
    assert kinds_of_processes(STEP, two, 0.05) == pytest.approx((1.0, math.exp(0.2)))
    assert kinds_of_processes(STEP, two, 0.3) is None, "equal within the margin"
    assert kinds_of_processes(STEP, rounds(*[0.01 * i for i in range(8)]), 0.001) is None


def test_nothing_measured_is_nothing_judged() -> None:
    assert judge(STEP, [measured([])], RULES, complete=1, doubted=False) is None


def test_two_start_ups_that_take_twice_as_long_are_enough() -> None:
    """Each from a process of its own; by themselves their interval would reach nine times their spread."""
    stated = replace(RULES, looks=(2,), spread=STARTUP.measure_spec.spread)
    values = [measured([math.log(2.2)]), measured([math.log(1.9)])]
    found = judge(STARTUP, values, stated, complete=2, doubted=False)
    assert found is not None
    assert found.verdict == Verdict.PYTORCH
    assert 0.3 < found.estimate.half_width < 0.5


def test_records_are_judged_by_the_rules_they_were_measured_under() -> None:
    """Rules 1: a stated spread counts where values stand alone, and for nothing before ADR 16; p is the smallest."""
    stated = replace(RULES, looks=(2,), spread=STARTUP.measure_spec.spread, freedom=2, engine=1)
    values = [measured([math.log(2.2)]), measured([math.log(1.9)])]
    of_16 = judge(STARTUP, values, stated, complete=2, doubted=False)
    before = judge(STARTUP, values, replace(stated, freedom=0), complete=2, doubted=False)
    assert of_16 is not None
    assert before is not None
    assert 0.1 < of_16.estimate.half_width < 0.25 < 0.6 < before.estimate.half_width
    assert judge(STEP, values, stated, complete=2, doubted=False) == before
    equal = judge(
        STEP, rounds(0.03, 0.031), replace(RULES, looks=(2,), margin=0.2, engine=1), complete=2, doubted=False
    )
    assert equal is not None
    assert equal.verdict is Verdict.EQUAL
    assert equal.p == min(equal.estimate.p_different(), equal.estimate.p_equal(math.log1p(0.2)))


def test_two_start_ups_that_disagree_are_left_undecided() -> None:
    stated = replace(RULES, looks=(2,), spread=STARTUP.measure_spec.spread)
    found = judge(STARTUP, [measured([0.1]), measured([1.0])], stated, complete=2, doubted=False)
    assert found is not None
    assert found.verdict == Verdict.UNDECIDED


@pytest.mark.parametrize("design", inference.DESIGNS, ids=lambda design: design.name)
@pytest.mark.parametrize(("factor", "least"), [(1, 0.95), (2, 0.93), (3, 0.90)])
def test_intervals_hold_the_truth_when_processes_differ_by_more_than_stated(
    design: inference.Design, factor: float, least: float
) -> None:
    held, _ = inference.coverage(design, factor, 2000)
    assert held >= least


@pytest.mark.parametrize("design", inference.DESIGNS, ids=lambda design: design.name)
@pytest.mark.parametrize(("factor", "most"), [(1, 0.01), (2, 0.05)])
def test_few_runs_have_a_false_winner_or_a_false_equal_that_stands(
    design: inference.Design, factor: float, most: float
) -> None:
    """Of all probes that are read together; ``python -m benchmarks.inference`` has it at length."""
    families = 60
    wrong = inference.false_claims(design, factor, families, truth=0.0, wrong=inference.WINNERS)
    equal = inference.false_claims(design, factor, families, truth=math.log1p(0.05), wrong={Verdict.EQUAL})
    assert max(wrong, equal) <= most + 1 / families


def test_who_measures_again_until_something_is_decided_is_no_more_often_wrong() -> None:
    assert inference.false_winners_of_five(inference.DESIGNS[0], 2, 60) <= 0.05 + 1 / 60


# Spreads seen in A/A runs on a 2-core virtual machine: within a process 2.5 to 10 %, between processes 0.6 to 1.7 %.
@pytest.mark.parametrize(("within", "between"), [(0.025, 0.006), (0.038, 0.017), (0.10, 0.010)])
def test_the_family_error_of_all_looks_together(within: float, between: float) -> None:
    """Identical sides, five looks: a winner in at most 5 % of runs (1 000 simulated, standard error 0.7 %)."""
    rng = np.random.default_rng(7)
    wrong = 0
    for _ in range(1000):
        logs = rng.normal(0, between, (10, 1)) + rng.normal(0, within, (10, 4))
        found = judge(STEP, [measured(row.tolist()) for row in logs], RULES, complete=10, doubted=False)
        assert found is not None
        wrong += found.verdict in (Verdict.PYTORCH, Verdict.TENSORFLOW)
    assert wrong <= 50


def test_looking_after_every_round_at_full_alpha_would_not_do() -> None:
    """The check on the check: the same simulation without the correction fails."""
    rng = np.random.default_rng(7)
    wrong = 0
    for _ in range(300):
        logs = rng.normal(0, 0.017, (10, 1)) + rng.normal(0, 0.038, (10, 4))
        estimates = [statistics.nested(logs[:n].tolist(), 0.0) for n in range(2, 11)]
        wrong += any(e.low > 0 or e.high < 0 for e in estimates)
    assert wrong / 300 > 0.08


estimates = st.builds(
    Estimate, st.floats(-1, 1), st.floats(1e-3, 0.5), st.floats(0, 0.05), st.integers(1, 40), st.just(0.05)
)


@given(estimates, st.floats(0.001, 0.2))
@settings(max_examples=80, deadline=None)
def test_a_p_value_and_its_interval_say_the_same(estimate: Estimate, alpha: float) -> None:
    at = replace(estimate, alpha=alpha)
    margin = math.log1p(0.05)
    for p, stands in (
        (at.p_different(), at.low > 0 or at.high < 0),
        (at.p_equal(margin), -margin < at.low and at.high < margin),
    ):
        if abs(p - alpha) > 1e-6:
            assert (p < alpha) == stands


values_of_rounds = st.lists(st.lists(st.floats(-0.15, 0.15), min_size=1, max_size=3), min_size=2, max_size=10)


@given(values_of_rounds, st.integers(1, 4), st.sampled_from([0.01, 0.05, 0.2]))
@settings(max_examples=150, deadline=None)
def test_a_verdict_stands_where_its_own_p_value_does(values: list[list[float]], run: int, margin: float) -> None:
    """Whatever the look and the claim: p is at most α where a verdict was reached, and above it where none was."""
    rules = replace(RULES, margin=margin, run=run)
    found = judge(STEP, [measured(logs) for logs in values], rules, complete=len(values), doubted=False)
    assert found is not None
    decided = found.verdict is not Verdict.UNDECIDED
    if abs(found.p - ALPHA) > 1e-6:
        assert decided == (found.p < ALPHA)
    if decided:
        claim = (
            found.estimate.p_equal(math.log1p(margin))
            if found.verdict is Verdict.EQUAL
            else found.estimate.p_different()
        )
        assert found.p == pytest.approx(min(1.0, rules.correction * claim))


def test_what_cpu_time_contradicts_claims_nothing() -> None:
    busy = Superblock("ABBA", (1.0, 2.0, 2.0, 1.0), (1.0, 1.1, 1.1, 1.0))
    values = [Measurement(STEP.spec.id, WELL, tuple(Instance((busy,)) for _ in range(3)))] * 4
    found = judge(STEP, values, RULES, complete=4, doubted=True)
    assert found is not None
    assert (found.contradicted, found.verdict, found.p) == (True, Verdict.UNDECIDED, 1.0)


@given(st.integers(1, 200))
def test_any_number_of_runs_shares_one_error(runs: int) -> None:
    assert math.fsum(share(number) for number in range(1, runs + 1)) < 1


def test_holm_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.04 against 0.05/4, 0.05/3, 0.05/2, 0.05: only the first stands.
    assert holm([0.02, 0.01, 0.04, 0.03]) == (False, True, False, False)
    assert holm([0.001, 0.012, 0.02, 0.04]) == (True, True, True, True)
    assert holm([]) == ()


@given(st.lists(st.floats(0, 1), max_size=8))
@settings(max_examples=60, deadline=None)
def test_holm_lies_between_bonferroni_and_no_correction(ps: list[float]) -> None:
    for p, stands in zip(ps, holm(ps), strict=True):
        assert stands >= (p <= 0.05 / len(ps))
        assert stands <= (p <= 0.05)


def test_verdicts_that_are_read_together_need_to_stand_together() -> None:
    golden = from_json(RunResult, (GOLDEN / "quick.json").read_bytes())
    clear = tuple(replace(row, p=0.001) for row in golden.results)
    assert together(clear) == clear
    weak = tuple(replace(row, p=0.03) for row in golden.results)
    doubted = together(weak)
    assert {row.verdict for row in doubted} == {Verdict.UNDECIDED}
    assert "undecided among 6 comparisons" in doubted[0].notes[-1]
    assert [row.ratio for row in doubted] == [row.ratio for row in golden.results]
    assert together([replace(row, p=None) for row in golden.results])[0].verdict == golden.results[0].verdict


def test_equal_and_better_are_two_families() -> None:
    """Five clear winners make no «equal» easier, and no «equal» a winner; each needs its place among all six."""
    row = from_json(RunResult, (GOLDEN / "quick.json").read_bytes()).results[0]
    winners = [replace(row, verdict=Verdict.PYTORCH, p=1e-6)] * 5
    for p, stands in ((0.03, False), (0.05 / 6, True)):
        assert (together([*winners, replace(row, verdict=Verdict.EQUAL, p=p)])[-1].verdict is Verdict.EQUAL) == stands
    for p, stands in ((0.03, True), (0.06, False)):  # the last of six winners
        six = [*winners, replace(row, verdict=Verdict.TENSORFLOW, p=p)]
        assert (together(six)[-1].verdict is Verdict.TENSORFLOW) == stands
