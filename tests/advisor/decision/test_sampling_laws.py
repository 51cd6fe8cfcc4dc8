"""Laws of weights, over answers that nobody chose: what can't matter, what importance does, what counts once."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from advisor.answers import Answers, Priorities, Target
from advisor.decision.decide import decide
from advisor.decision.evidence import assess
from advisor.decision.evidence.starting_points import starting_points
from advisor.decision.evidence.swings import swings
from advisor.decision.sampling import Weighed, weigh
from advisor.decision.scoring.draws import Stream
from advisor.knowledge import Knowledge, load
from advisor.knowledge.criteria import JudgementSpec
from tests.advisor import runs
from tests.advisor.given_answers import answers_, targets

KNOWLEDGE = load()
LAW = settings(max_examples=25, deadline=None)
SAMPLES = 400
#: Answers whose weights nobody set.
unweighed = answers_.map(lambda answers: answers.model_copy(update={"priorities": Priorities(), "voices": ()}))
#: The same with somewhere to go.
aimed = st.builds(
    lambda answers, chosen: answers.model_copy(update={"targets": told(targets=chosen).targets}),
    unweighed,
    targets.filter(bool),
)


def told(**content: Any) -> Answers:
    return Answers.model_validate({"schema": 2, **content})


def drawn(answers: Answers, knowledge: Knowledge = KNOWLEDGE) -> Weighed:
    return weigh(answers, knowledge, runs.quick(1.5), Stream(0, SAMPLES))


MICROCONTROLLER = told(
    stage="first-production",
    targets=[{"id": "microcontroller"}],
    team={"skills": {"pytorch": 3, "tensorflow": 3}},
    code={"framework": "none"},
)

# ------------------------------------------------------------------------------------ what can't matter


@LAW
@given(unweighed)
@example(MICROCONTROLLER)
def test_a_criterion_drops_out_or_has_a_row_and_never_both(answers: Answers) -> None:
    out = {item.criterion.id for item in decide(answers, KNOWLEDGE, samples=100).dropped}
    families = {row.family for row in assess(answers, KNOWLEDGE)}
    assert out.isdisjoint(families)
    on_tpu = {"hardware"} if "tpu" in answers.hardware.train else set()  # its row is that of the target
    assert {spec.id for spec in KNOWLEDGE.criteria} - on_tpu <= out | families


@LAW
@given(unweighed)
@example(MICROCONTROLLER)
def test_what_drops_out_has_no_say(answers: Answers) -> None:
    """Judged the other way round, it leaves every draw as it was."""
    out = {item.criterion.id for item in decide(answers, KNOWLEDGE, samples=100).dropped}
    turned = []
    for spec in KNOWLEDGE.criteria:
        value = spec.value
        if spec.id in out and isinstance(value, JudgementSpec):
            cases = tuple(replace(case, pytorch=case.tensorflow, tensorflow=case.pytorch) for case in value.cases)
            value = replace(value, cases=cases)
        turned.append(replace(spec, value=value))
    before, after = drawn(answers), drawn(answers, replace(KNOWLEDGE, criteria=tuple(turned)))
    assert (before.result.totals == after.result.totals).all()


def test_what_can_not_matter_to_a_microcontroller_drops_out_and_says_why() -> None:
    out = {item.criterion.id: item.because for item in decide(MICROCONTROLLER, KNOWLEDGE).dropped}
    assert out.keys() >= {"hardware", "scaling_out", "platforms", "throughput", "inference_latency", "security"}
    assert all(out.values())
    beside = told(targets=[{"id": "microcontroller"}, {"id": "server_rest_grpc"}])
    assert decide(beside, KNOWLEDGE).dropped == ()


@pytest.mark.parametrize(
    "priorities",
    [
        {"swings": {"scaling_out": 60}},
        {"ranking": ["scaling_out"]},
        {"method": "ranges", "ranges": {"scaling_out": {"low": 10, "high": 20}}},
        {"method": "pairs", "pairs": [{"first": "scaling_out", "second": "skills", "ratio": 3}]},
    ],
)
def test_what_a_team_weighs_itself_stays(priorities: dict[str, Any]) -> None:
    answers = MICROCONTROLLER.model_copy(update={"priorities": told(priorities=priorities).priorities})
    decision = decide(answers, KNOWLEDGE, samples=200)
    assert "scaling_out" in {row.criterion.id for row in decision.criteria}
    assert "scaling_out" not in {item.criterion.id for item in decision.dropped}
    kept = answers.priorities.model_copy(update={"method": "ranges"})
    unheard = answers.model_copy(update={"priorities": kept}) if priorities.get("method") != "ranges" else None
    if unheard is not None:  # said in a way that doesn't count
        assert "scaling_out" in {item.criterion.id for item in decide(unheard, KNOWLEDGE, samples=200).dropped}


# ------------------------------------------------------------------------------------------- importance


@LAW
@given(aimed, st.integers(0, 3), st.integers(1, 4), st.integers(1, 4))
@example(MICROCONTROLLER, 0, 1, 4)
def test_more_importance_moves_no_draw_away_from_the_side_with_the_better_way(
    answers: Answers, place: int, importance: int, more: int
) -> None:
    place %= len(answers.targets)
    target = answers.targets[place]
    less_, more_ = (drawn(with_importance(answers, place, level)) for level in (importance, min(importance + more, 5)))
    k = next(i for i, row in enumerate(less_.rows) if row.id == f"deployment.{target.id}")
    way = less_.values[0, k] - less_.values[1, k]
    before, after = (found.result.totals[0] - found.result.totals[1] for found in (less_, more_))
    assert (after[(way > 0) & (before > 0)] > 0).all()
    assert (after[(way < 0) & (before < 0)] < 0).all()


@LAW
@given(aimed, st.integers(0, 3))
def test_importance_leaves_every_other_swing_as_it_is(answers: Answers, place: int) -> None:
    place %= len(answers.targets)
    one, other = (
        {swing.row: swing.used for swing in drawn(with_importance(answers, place, level)).swings} for level in (2, 5)
    )
    mine = f"deployment.{answers.targets[place].id}"
    assert other[mine] >= one[mine]
    assert {**one, mine: 0} == {**other, mine: 0}


def with_importance(answers: Answers, place: int, importance: int) -> Answers:
    targets: list[Target] = list(answers.targets)
    targets[place] = targets[place].model_copy(update={"importance": importance})
    return answers.model_copy(update={"targets": tuple(targets)})


def test_a_single_target_counts_the_more_the_more_important_it_is() -> None:
    """TensorFlow has the better way to microcontrollers, in every draw."""
    p = [
        decide(with_importance(MICROCONTROLLER, 0, level), KNOWLEDGE).verdict.probability["tensorflow"]
        for level in range(1, 6)
    ]
    assert np.diff(p).min() > 0.01


# --------------------------------------------------------------------------------------------- rankings


@LAW
@given(unweighed, st.sampled_from([spec.id for spec in KNOWLEDGE.criteria]))
@example(MICROCONTROLLER, "deployment")
def test_ranked_first_weighs_more_than_before_and_more_than_anything_else(answers: Answers, first: str) -> None:
    before = drawn(answers)
    assume(first in {row.family for row in before.rows})
    ranked = drawn(answers.model_copy(update={"priorities": Priorities(method="ranking", ranking=(first,))}))
    then, now = by_family(before), by_family(ranked)
    assert (now[first] >= then[first] - 1e-12).all(), "in each draw"
    assert now[first].mean() > then[first].mean() + 0.01
    assert all((now[first] >= other - 1e-12).all() for name, other in now.items() if name != first)


@LAW
@given(unweighed, st.permutations([spec.id for spec in KNOWLEDGE.criteria]), st.integers(1, 20))
def test_a_ranking_is_kept_in_every_draw(answers: Answers, order: list[str], ranked: int) -> None:
    priorities = Priorities(method="ranking", ranking=tuple(order[:ranked]))
    now = by_family(drawn(answers.model_copy(update={"priorities": priorities})))
    named = [now[name] for name in order[:ranked] if name in now]
    rest = [weights for name, weights in now.items() if name not in order[:ranked]]
    for above, below in pairwise(named):
        assert (above >= below - 1e-12).all()
    assert all((named[-1] >= weights - 1e-12).all() for weights in rest if named)


def by_family(weighed: Weighed) -> dict[str, np.ndarray]:
    """Weights, shape (samples,), the targets of a family together."""
    found: dict[str, np.ndarray] = {}
    for row, weights in zip(weighed.rows, weighed.weights, strict=True):
        found[row.family] = found.get(row.family, np.zeros(SAMPLES)) + weights
    return found


# ---------------------------------------------------------------------------------------------- nothing


@LAW
@given(unweighed)
def test_all_swings_nought_count_as_the_starting_points_and_that_is_said(answers: Answers) -> None:
    nothing = {spec.id: 0.0 for spec in KNOWLEDGE.criteria}
    silent = answers.model_copy(update={"priorities": Priorities(method="swings", swings=nothing)})
    decision = decide(silent, KNOWLEDGE, samples=200)
    assert any("every criterion 0" in sentence for sentence in decision.assumptions)
    assert "every criterion 0" in decision.verdict.advice
    used = {row.criterion.id: (row.swing, row.swing_default) for row in decision.criteria}
    assert all(swing == default for swing, default in used.values())
    assert (drawn(silent).weights == drawn(answers).weights).all()


def test_who_of_several_people_gave_nothing_is_named() -> None:
    nothing = {"method": "swings", "swings": {spec.id: 0.0 for spec in KNOWLEDGE.criteria}}
    answers = told(voices=[{"name": "Ana", "priorities": nothing}, {"name": "Ben"}])
    said = [sentence for sentence in decide(answers, KNOWLEDGE, samples=200).assumptions if "criterion 0" in sentence]
    assert len(said) == 1
    assert said[0].startswith("Ana gave every criterion 0")


# ----------------------------------------------------------------------------------------------- causes


def of_cause(answers: Answers, knowledge: Knowledge, cause: str) -> float:
    members = next(found.members for found in knowledge.causes if found.id == cause)
    starts = starting_points(answers, knowledge)
    return sum(starts[member].swing for member in members)


def with_more(knowledge: Knowledge, cause: str, copied: tuple[str, ...]) -> Knowledge:
    """The members of a cause that are ``copied`` look at it twice."""
    more = tuple(replace(spec, id=f"{spec.id}_again") for spec in knowledge.criteria if spec.id in copied)
    causes = tuple(
        replace(found, members=(*found.members, *(spec.id for spec in more))) if found.id == cause else found
        for found in knowledge.causes
    )
    return replace(knowledge, criteria=(*knowledge.criteria, *more), causes=causes)


@LAW
@given(unweighed, st.sampled_from(KNOWLEDGE.causes))
def test_looking_twice_at_a_cause_does_not_make_it_count_twice(answers: Answers, cause: Any) -> None:
    twice = with_more(KNOWLEDGE, cause.id, cause.members)
    assert of_cause(answers, twice, cause.id) == pytest.approx(of_cause(answers, KNOWLEDGE, cause.id))


@LAW
@given(unweighed, st.sampled_from(KNOWLEDGE.causes), st.data())
def test_one_criterion_more_never_lifts_a_cause_above_what_its_members_say(
    answers: Answers, cause: Any, data: st.DataObject
) -> None:
    """It stays between what the cause would weigh by the least and by the most that any member is moved."""
    copied = data.draw(st.sampled_from(cause.members))
    specs = [spec for spec in KNOWLEDGE.criteria if spec.id in cause.members]
    factors = [np.prod([rule.factor for rule in spec.rules if rule.applies(answers)]) for spec in specs]
    total = of_cause(answers, with_more(KNOWLEDGE, cause.id, (copied,)), cause.id)
    assert cause.swing * min(factors) - 1e-9 <= total <= cause.swing * max(factors) + 1e-9


def test_a_cause_counts_more_than_any_of_its_members_and_less_than_all_of_them() -> None:
    for cause in KNOWLEDGE.causes:
        own = [spec.swing for spec in KNOWLEDGE.criteria if spec.id in cause.members]
        assert max(own) <= cause.swing < sum(own)


def test_words_of_a_team_on_a_member_of_a_cause_mean_that_criterion_alone() -> None:
    plain, moved = (
        {swing.row: swing.used for swing in swings(assess(answers, KNOWLEDGE), answers, KNOWLEDGE)}
        for answers in (told(), told(priorities={"swings": {"research": 70}}))
    )
    assert moved["research"] == 70
    assert {**plain, "research": 0} == {**moved, "research": 0}


def test_swings_of_one_cause_err_together_and_others_do_not() -> None:
    weighed = weigh(told(), KNOWLEDGE, None, Stream(0, 20_000))
    raw = weighed.weights / weighed.weights[[row.id for row in weighed.rows].index("skills")]
    logs = {row.id: np.log(raw[i] * 1.0) for i, row in enumerate(weighed.rows)}
    assert np.corrcoef(logs["ecosystem"] - logs["exit"], logs["research"] - logs["stability"])[0, 1] > 0.15
    assert abs(np.corrcoef(logs["install"] - logs["exit"], logs["security"] - logs["stability"])[0, 1]) < 0.05


# ------------------------------------------------------------------------------------------------ scale


def scaling_out(**content: Any) -> float:
    answers = told(**content)
    rows = assess(answers, KNOWLEDGE)
    return {swing.row: swing.used for swing in swings(rows, answers, KNOWLEDGE)}.get("scaling_out", 0.0)


@pytest.mark.parametrize("domain", ["tabular", "time-series", "forecasting", "vision"])
def test_a_large_model_has_to_scale_whatever_its_data(domain: str) -> None:
    large = scaling_out(project={"domain": domain, "parameters": 1_200_000_000})
    assert large == scaling_out(project={"domain": "vision", "parameters": 1_200_000_000})
    assert large > 2 * scaling_out(project={"domain": "vision"}) >= 2 * scaling_out(project={"domain": domain})


def test_several_devices_make_scaling_matter_and_one_makes_it_matter_less() -> None:
    assert scaling_out(project={"devices": 8}) > scaling_out() > scaling_out(project={"devices": 1}) > 0


def test_who_trains_nothing_is_not_asked_how_well_training_goes() -> None:
    out = {item.criterion.id for item in decide(told(code={"use": "inference"}), KNOWLEDGE, samples=200).dropped}
    assert out >= {"training_speed", "memory", "scaling_out", "hardware", "compile_cost", "input_pipeline"}
    assert "inference_latency" not in out
