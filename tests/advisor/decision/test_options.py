"""The ways that are open, ranked: laws over many teams, and what closes a way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.answers import Answers, Target
from advisor.decision.decide import decide
from advisor.decision.evidence.vetoes import vetoes
from advisor.decision.explain import ways
from advisor.decision.options import rank
from advisor.decision.sampling import weigh
from advisor.decision.scoring.draws import Stream
from advisor.knowledge import Knowledge, load
from advisor.knowledge.options import ValueSource
from advisor.model.decision import OptionResult

KNOWN = load()
DRAWS = 400


def team(**answers: Any) -> Answers:
    return Answers.model_validate({"schema": 2, **answers})


def ranked(answers: Answers, knowledge: Knowledge = KNOWN, samples: int = DRAWS) -> dict[str, OptionResult]:
    stream = Stream(0, samples)
    weighed = weigh(answers, knowledge, None, stream)
    return {found.id: found for found in rank(weighed, answers, knowledge, stream, vetoes(answers, knowledge))}


@st.composite
def teams(draw: st.DrawFn) -> Answers:
    """Teams of all kinds, as far as the options look at them."""
    code = {
        "framework": draw(
            st.sampled_from(["none", "pytorch", "tensorflow1", "keras2", "keras3", "jax", "both", "mixed"])
        ),
        "plan": draw(st.sampled_from(["keep", "rewrite", "undecided"])),
        "lines": draw(st.sampled_from([None, 500, 20_000])),
        "use": draw(st.sampled_from([None, "training", "inference"])),
    }
    skills = draw(st.dictionaries(st.sampled_from(["pytorch", "tensorflow", "jax"]), st.integers(0, 5)))
    targets = draw(
        st.lists(st.sampled_from(["android", "llm_serving", "microcontroller", "server_batch"]), unique=True)
    )
    return team(
        stage=draw(st.sampled_from([None, "exploring", "scaling", "maintenance"])),
        project={"domain": draw(st.sampled_from([None, "language", "tabular", "scientific"]))},
        code={name: value for name, value in code.items() if value is not None},
        team={"skills": skills},
        targets=[{"id": target, "importance": draw(st.integers(1, 5))} for target in targets],
        hardware={"train": draw(st.sampled_from([["cpu"], ["nvidia"], ["tpu"], ["apple", "nvidia"]]))},
    )


@settings(max_examples=40, deadline=None)
@given(teams())
def test_shares_and_ranks_are_shares_of_all_draws(answers: Answers) -> None:
    found = ranked(answers)
    left = [option for option in found.values() if not option.closed]
    assert [option.share for option in left] == sorted((option.share or 0 for option in left), reverse=True)
    if left:
        table = np.array([option.ranks for option in left])
        assert table.shape == (len(left), len(left))
        assert table.sum(axis=0) == pytest.approx(1)
        assert table.sum(axis=1) == pytest.approx(1)
        assert [option.share for option in left] == pytest.approx(table[:, 0])
    for option in left:
        assert option.total is not None
        assert 0 <= option.total.low <= option.total.high <= 1 + 1e-9
        assert sum(option.parts.values()) == pytest.approx(option.total.likely)
    for option in found.values():
        assert bool(option.closed) == (option.share is None)


@settings(max_examples=25, deadline=None)
@given(teams())
def test_of_the_two_frameworks_the_options_say_what_the_head_says(answers: Answers) -> None:
    """Their totals are the very draws of the comparison, whatever else is open."""
    weighed = weigh(answers, KNOWN, None, Stream(0, DRAWS))
    found = ranked(answers)
    for i, side in enumerate(("pytorch", "tensorflow")):
        total = found[side].total
        if total is not None:
            assert total.likely == pytest.approx(weighed.result.totals[i].mean())


@settings(max_examples=25, deadline=None)
@given(teams(), st.sampled_from(["pytorch", "tensorflow"]))
def test_a_way_that_differs_from_a_framework_nowhere_ties_with_it(answers: Answers, side: Any) -> None:
    twin = tuple(
        replace(
            option,
            otherwise=(ValueSource(same=side),),
            values={},
            move={},
            needs=(side,),
            ships=(side,),
            since="",
            open=(),
        )
        if option.id == "keras-jax"
        else option
        for option in KNOWN.options
    )
    found = ranked(answers, replace(KNOWN, options=twin))
    assert found["keras-jax"].share == found[side].share
    assert found["keras-jax"].ranks == found[side].ranks
    assert found["keras-jax"].days == found[side].days


def test_one_way_more_takes_only_from_those_that_it_beats() -> None:
    """Draws keep their numbers when an option comes or goes (common random numbers)."""
    answers = team(code={"framework": "keras2", "plan": "undecided"}, team={"skills": {"pytorch": 2, "tensorflow": 4}})
    every = ranked(answers)
    fewer = ranked(answers, replace(KNOWN, options=tuple(one for one in KNOWN.options if one.id != "jax")))
    for name, found in fewer.items():
        assert found.total == every[name].total
        assert (found.share or 0) >= (every[name].share or 0)


KERAS = {"framework": "keras2", "plan": "undecided", "lines": 3000}


@pytest.mark.parametrize(
    ("answers", "opened", "not_there"),
    [
        (
            team(),
            {"pytorch", "tensorflow", "keras-pytorch", "keras-jax", "jax"},
            {"stay", "both", "runtime", "neither"},
        ),
        (team(code=KERAS), {"stay"}, {"both", "runtime"}),
        (team(code=KERAS | {"plan": "rewrite"}), {"keras-pytorch"}, {"stay"}),
        (team(code={"framework": "both"}), {"both"}, {"stay"}),
        (team(code=KERAS | {"use": "inference"}), {"runtime"}, set()),
        (team(project={"domain": "tabular"}), {"neither"}, set()),
    ],
)
def test_answers_open_ways(answers: Answers, opened: set[str], not_there: set[str]) -> None:
    found = set(ranked(answers))
    assert opened <= found
    assert not not_there & found


def test_a_requirement_that_fails_closes_what_runs_on_that_framework_and_says_so() -> None:
    native = {"os": ["windows"], "wsl": False}
    answers = team(constraints=native, code=KERAS, hardware={"train": ["nvidia"]})
    failing = {veto.framework for veto in vetoes(answers, KNOWN) if veto.status == "fail"}
    assert failing == {"tensorflow"}, "the case is about a framework that can't use the card"
    found = ranked(answers)
    assert {name for name, option in found.items() if option.closed} == {"tensorflow", "stay"}
    assert "Windows" in found["stay"].closed
    assert not {"jax", "keras-jax"} & set(found), "JAX can't use it either"


def test_a_way_that_can_ship_by_either_is_closed_only_where_both_fail() -> None:
    answers = team(targets=[{"id": "llm_serving", "importance": 5}])
    found = ranked(answers)
    assert found["tensorflow"].closed
    assert "the ways of TensorFlow" in found["jax"].closed
    assert not found["keras-pytorch"].closed
    assert not found["pytorch"].closed
    assert (found["keras-pytorch"].share or 0) < (found["pytorch"].share or 0), "Keras models don't go to such servers"


def test_what_a_way_costs_is_lines_by_its_own_pace() -> None:
    found = ranked(team(code={"framework": "keras2", "lines": 5000}))
    pace = next(option.move["keras2"] for option in KNOWN.options if option.id == "keras-pytorch")
    assert pace is not None
    assert found["keras-pytorch"].days == pytest.approx((5000 / pace[2], 5000 / pace[1], 5000 / pace[0]))
    assert found["keras-pytorch"].cost.startswith("About 10 person-days")
    assert found["stay"].cost == "Nothing: the code stays as it is."
    assert ranked(team())["jax"].days is None
    assert ranked(team(code={"framework": "none"}))["jax"].cost == "There is no code to move."


def test_who_knows_jax_is_nearer_to_it() -> None:
    shares = [
        ranked(team(team={"skills": {"pytorch": 3, "tensorflow": 3, "jax": jax}}))["jax"].share for jax in (0, 3, 5)
    ]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


@pytest.mark.parametrize(
    ("python", "until"),
    [
        (["3.11"], "Until October 2027: Python 3.11"),
        (["3.12"], "Until October 2028: Python 3.12"),
        (None, "Until October 2027: "),
    ],
)
def test_until_when_staying_holds_follows_from_the_python(python: Any, until: str) -> None:
    constraints = {"python": python} if python else {}
    assert ranked(team(code=KERAS, constraints=constraints))["stay"].until.startswith(until)


def option(name: str, share: float, until: str = "") -> OptionResult:
    return OptionResult(
        id=name, title=name.title(), call=f"take {name}", write="", run="", ship="", right_when="", keeps_open="",
        cost="", days=None, share=share, until_month=until,
    )  # fmt: skip


SAID = team(stage="scaling")
DAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((option("pytorch", 0.6), option("stay", 0.4)), ""),
        ((option("stay", 0.6, "2027-10"), option("jax", 0.4)), "take stay until about October 2027, then move to Jax"),
        (
            (option("stay", 0.6, "2023-06"), option("jax", 0.4)),
            "take stay for now, though its support has ended, and plan for Jax",
        ),
        ((option("neither", 0.6), option("jax", 0.4)), "take neither"),
        ((option("neither", 0.51), option("jax", 0.49)), ""),  # too near to open the headline
        ((option("neither", 1.0),), "take neither"),
        ((), ""),
    ],
)  # fmt: skip
def test_the_headline_names_a_way_only_where_it_leads_and_is_neither_framework(
    options: tuple[OptionResult, ...], said: str
) -> None:
    assert ways.headline(options, SAID, DAY) == said
    assert ways.headline(options, Answers(), DAY) == "", "nothing was answered"


def test_a_headline_with_a_way_still_says_which_framework_leads() -> None:
    decision = decide(
        team(project={"domain": "tabular"}, stage="scaling", code={"framework": "none"}), KNOWN, samples=DRAWS
    )
    assert decision.options[0].id == "neither"
    assert decision.verdict.headline.startswith("For this project, take boosted trees; between the two frameworks, ")


def test_a_headline_puts_no_third_before_the_two_where_the_ranking_does_not() -> None:
    for jax, pytorch in ((0, 5), (5, 1)):
        skills = {"pytorch": pytorch, "tensorflow": 1, "jax": jax}
        decision = decide(team(targets=[{"id": "tpu"}], team={"skills": skills}, stage="scaling"), KNOWN, samples=DRAWS)
        third = decision.options[0].id not in ("pytorch", "tensorflow")
        assert ("JAX comes before either" in decision.verdict.headline) == third
        assert third == (jax == 5), "the case has to show both"


def test_where_a_requirement_closes_both_frameworks_what_is_left_is_named() -> None:
    answers = team(targets=[{"id": "llm_serving", "importance": 5}])
    none_of_both = {
        target: {"pytorch": (), "tensorflow": ()} if target in ("llm_serving", "tpu") else sides
        for target, sides in KNOWN.routes.items()
    }
    nowhere = decide(answers, replace(KNOWN, routes=none_of_both), samples=DRAWS)
    assert "What is left" not in nowhere.verdict.advice, "all ship by the ways of one of both"
    tpu = decide(team(targets=[{"id": "tpu", "importance": 5}]), replace(KNOWN, routes=none_of_both), samples=DRAWS)
    assert tpu.verdict.framework is None
    assert "What is left, best first: " in tpu.verdict.advice
    assert "JAX (Flax, Equinox)" in tpu.verdict.advice


def test_where_a_requirement_decides_the_way_that_leads_is_named_beside_it() -> None:
    native = {"os": ["windows"], "wsl": False}
    answers = team(
        constraints=native, code=KERAS, hardware={"train": ["nvidia"]}, team={"skills": {"pytorch": 1, "tensorflow": 5}}
    )
    decision = decide(answers, KNOWN, samples=DRAWS)
    assert decision.verdict.strength == "veto"
    assert decision.options[0].id == "keras-pytorch"
    assert "Of the ways that are left, «Keras 3 on PyTorch» comes out first most often." in decision.verdict.advice


def test_the_two_that_lead_are_compared_by_their_parts() -> None:
    decision = decide(team(code=KERAS, stage="maintenance"), KNOWN, samples=DRAWS)
    first, second = decision.options[:2]
    found = ways.compared(decision)
    assert found
    assert [abs(row.points) for row in found] == sorted((abs(row.points) for row in found), reverse=True)
    titles = {row.criterion.title: row.criterion.id for row in decision.criteria}
    for row in found:
        name = titles[row.title]
        assert row.points == pytest.approx(100 * (first.parts[name] - second.parts[name]))


def test_a_reason_names_no_row_that_nobody_knows() -> None:
    answers = team(targets=[Target(id="android").model_dump()], code=KERAS)
    decision = decide(answers, KNOWN, samples=DRAWS)
    unknown = {row.criterion.title for row in decision.criteria if row.status == "unknown"}
    assert unknown
    assert not [option.id for option in decision.options for title in unknown if f"«{title}»" in option.reason]


def test_code_that_stays_is_said_to_stay_how_it_does() -> None:
    first = ranked(team(code={"framework": "tensorflow1", "plan": "keep"}))
    assert "tf.compat.v1" in first["tensorflow"].cost
    jax = ranked(team(code={"framework": "jax", "plan": "keep"}))
    assert jax["pytorch"].cost == "Nothing is moved: your JAX code stays JAX."
    assert jax["jax"].cost == "Nothing: the code stays as it is."


@pytest.mark.parametrize(("python", "is_closed"), [(["3.12"], True), (["3.10", "3.14"], True), (None, False)])
def test_tensorflow_1_stays_on_no_python_of_today(python: list[str] | None, is_closed: bool) -> None:
    constraints = {} if python is None else {"python": python}
    stay = ranked(team(code={"framework": "tensorflow1"}, constraints=constraints))["stay"]
    assert bool(stay.closed) is is_closed
    assert not is_closed or "Python 3.7" in stay.closed
    assert any(one.id == "tf1-python" for one in stay.evidence)
