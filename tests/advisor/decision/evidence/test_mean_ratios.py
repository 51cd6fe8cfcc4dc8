"""Several probes that count alike: the geometric mean of those that were measured."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.answers import Answers
from advisor.decision.evidence import Assessment, assess
from advisor.knowledge import load
from advisor.knowledge.criteria import RatiosSpec
from probes.results import ProbeResult
from probes.schema import Outcome
from tests.advisor import runs

KNOWLEDGE = load()
SPEC = next(spec for spec in KNOWLEDGE.criteria if spec.id == "debugging")
assert isinstance(SPEC.value, RatiosSpec)
PROBES = SPEC.value.probes
ratios = st.floats(0.05, 20)


def result(probe: str, ratio: float | None, *, outcome: Outcome = Outcome.OK, reason: str = "") -> ProbeResult:
    model, measure = probe.split(".")
    found = runs.result("inference_b1", ratio, outcome=outcome, reason=reason)
    return replace(found, probe=probe, model=model, measure=measure, metric=f"time of {measure}")


def row(*results: ProbeResult) -> Assessment:
    found = assess(Answers(), KNOWLEDGE, runs.run(*results) if results else None)
    return next(row for row in found if row.id == SPEC.id)


def pytorch(*results: ProbeResult) -> float:
    return row(*results).values.mean()[0]


def test_without_a_measurement_it_is_unknown_and_names_the_first_probe() -> None:
    nothing = row()
    assert (nothing.status, nothing.probe, nothing.summary) == ("unknown", PROBES[0], "Not measured yet.")
    failed = row(result(PROBES[1], None, outcome=Outcome.TIMED_OUT, reason="took too long"))
    assert failed.status == "unknown"


def test_what_was_measured_counts_and_the_next_one_to_measure_is_named() -> None:
    found = row(result(PROBES[1], 2.0))
    assert (found.status, found.probe) == ("measured", PROBES[0])
    assert [item.id for item in found.evidence if item.kind == "probe"] == [PROBES[1]]
    assert "time of control_flow" in found.summary
    assert pytorch(result(PROBES[1], 2.0)) > 0.5
    whole = row(*(result(probe, 2.0) for probe in PROBES))
    assert whole.probe == PROBES[0]
    assert len([item for item in whole.evidence if item.kind == "probe"]) == len(PROBES)


@settings(max_examples=30, deadline=None)
@given(ratios, ratios)
def test_opposite_ratios_cancel_and_the_order_does_not_matter(one: float, other: float) -> None:
    first, second = PROBES[:2]
    assert pytorch(result(first, one), result(second, 1 / one)) == pytest.approx(0.5, abs=1e-6)
    there, back = pytorch(result(first, one), result(second, other)), pytorch(result(first, other), result(second, one))
    assert there == pytest.approx(back)
    lower, upper = sorted((pytorch(result(first, one)), pytorch(result(first, other))))
    assert lower - 0.02 <= there <= upper + 0.02, "a mean lies between, but for what the ends of the scale cut off"


@settings(max_examples=30, deadline=None)
@given(ratios)
def test_what_several_probes_agree_on_is_known_better(ratio: float) -> None:
    alone, together = (
        row(result(PROBES[0], ratio)).values.cells(),
        row(*(result(probe, ratio) for probe in PROBES)).values.cells(),
    )
    assert together["pytorch"].likely == pytest.approx(alone["pytorch"].likely)
    assert together["pytorch"].high - together["pytorch"].low <= alone["pytorch"].high - alone["pytorch"].low + 1e-12
