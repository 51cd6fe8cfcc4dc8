"""Routes as values: the best one counts, each target by its own importance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.decision.evidence import assess
from advisor.decision.evidence.routes import MATURITY, choose, expected, value
from advisor.decision.evidence.swings import swings
from advisor.model.routes import Route
from tests.advisor.decision.evidence.rows import KNOWLEDGE, row, told

routes_ = st.builds(
    Route,
    target=st.just("ios"), framework=st.just("pytorch"), tool=st.text(max_size=5), version=st.just("1"),
    month=st.just("2026-10"), maturity=st.sampled_from(sorted(MATURITY)), constraints=st.just(""),
    scope=st.sampled_from(["any model", "part", "other framework"]),
)  # fmt: skip


@given(st.lists(routes_, max_size=6), routes_)
def test_adding_a_route_never_changes_anothers_value(routes: list[Route], more: Route) -> None:
    before = [value(route) for route in routes]
    chosen, then = choose(routes), choose([*routes, more])
    assert [value(route) for route in routes] == before
    assert then.value >= chosen.value
    assert then.value == pytest.approx(max([chosen.value, expected(more)]))


def test_a_route_that_leaves_the_framework_is_none_of_its_own() -> None:
    found = choose(KNOWLEDGE.routes["llm_serving"]["tensorflow"])
    assert found.route is None
    assert found.value == 0
    assert {route.tool for route in found.alternatives} == {"KerasHub models on JAX or torch"}


def test_each_target_is_a_row_that_weighs_by_its_own_importance() -> None:
    def used(*targets: tuple[str, int]) -> dict[str, float]:
        answers = told(targets=[{"id": name, "importance": importance} for name, importance in targets])
        rows = assess(answers, KNOWLEDGE)
        found = zip(rows, swings(rows, answers, KNOWLEDGE), strict=True)
        return {r.id: swing.used for r, swing in found if r.family == "deployment"}

    assert used(("android", 4)) == pytest.approx({"deployment.android": 60})
    assert used(("android", 5)) == pytest.approx({"deployment.android": 75})
    # two of one importance weigh 4/3 of one
    assert used(("android", 4), ("ios", 4)) == pytest.approx({"deployment.android": 40, "deployment.ios": 40})
    assert used(("android", 4), ("ios", 1)) == pytest.approx({"deployment.android": 40, "deployment.ios": 10})


def test_no_target_is_unknown_not_nothing() -> None:
    found = row("deployment")
    assert found.status == "unknown"
    assert found.values.mean() == (0.5, 0.5)
