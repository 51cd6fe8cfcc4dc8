"""Verdicts at a few looks: what they say, when they are final, and how often they are wrong."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes import catalog
from probes.engine.judging import statistics
from probes.engine.judging.statistics import Estimate
from probes.engine.judging.verdicts import Rules, judge
from probes.engine.planning.significance import STATED_FREEDOM
from probes.multiplicity import holm, together
from probes.schema import FRAMEWORKS, Instance, Measurement, RunResult, SideReport, Verdict, from_json
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


def test_nothing_measured_is_nothing_judged() -> None:
    assert judge(STEP, [measured([])], RULES, complete=1, doubted=False) is None


def test_two_start_ups_that_take_twice_as_long_are_enough() -> None:
    """Each from a process of its own; by themselves their interval would reach nine times their spread."""
    stated = replace(RULES, looks=(2,), spread=STARTUP.measure_spec.spread)
    values = [measured([math.log(2.2)]), measured([math.log(1.9)])]
    found = judge(STARTUP, values, stated, complete=2, doubted=False)
    assert found is not None
    assert found.verdict == Verdict.PYTORCH
    assert 0.1 < found.estimate.half_width < 0.25
    # Records of before the stated spread counted keep their verdicts; values that belong to a pair have none of it.
    before = judge(STARTUP, values, replace(stated, freedom=0), complete=2, doubted=False)
    assert before is not None
    assert before.estimate.half_width > 0.6
    assert judge(STEP, values, stated, complete=2, doubted=False) == before


def test_two_start_ups_that_disagree_are_left_undecided() -> None:
    stated = replace(RULES, looks=(2,), spread=STARTUP.measure_spec.spread)
    found = judge(STARTUP, [measured([0.1]), measured([1.0])], stated, complete=2, doubted=False)
    assert found is not None
    assert found.verdict == Verdict.UNDECIDED


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
    clear = together(golden.results)
    assert [row.verdict for row in clear] == [row.verdict for row in golden.results]
    weak = tuple(replace(row, p=0.03) for row in golden.results)
    doubted = together(weak)
    assert {row.verdict for row in doubted} == {Verdict.UNDECIDED}
    assert "undecided among 6 comparisons" in doubted[0].notes[-1]
    assert [row.ratio for row in doubted] == [row.ratio for row in golden.results]
    assert together([replace(row, p=None) for row in golden.results])[0].verdict == golden.results[0].verdict
