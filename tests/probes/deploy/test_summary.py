"""Every figure is a function of what was kept."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from probes.deploy import summary
from probes.deploy.schema import Logits, Played, RouteRecord, RoutesRun
from probes.json_form import from_json, to_json
from probes.schema import Outcome
from tests.probes.deploy import samples

LOGITS = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 20), st.integers(1, 5)), elements=st.floats(-1e6, 1e6, width=32)
)


@given(LOGITS)
def test_answers_survive_being_kept(logits: np.ndarray) -> None:
    assert np.array_equal(summary.unpack(summary.pack(logits)), logits)


@given(LOGITS)
def test_what_equals_its_source_deviates_by_nothing(logits: np.ndarray) -> None:
    packed = summary.pack(logits)
    assert summary.deviation(packed, packed) == 0
    assert summary.agreement(packed, packed) == 1
    assert summary.unfaithful(samples.WAY, 1e-4, packed, packed) == ""


def test_the_deviation_is_the_largest_of_any_logit() -> None:
    source = np.zeros((3, 2), np.float32)
    other = source.copy()
    other[1, 1] = -0.5
    assert summary.deviation(summary.pack(other), summary.pack(source)) == 0.5


@pytest.mark.parametrize(
    ("logits", "said"),
    [
        (np.full((4, 2), np.nan), "not a number"),
        (np.array([[1, 0], [0, 1], [1, 0], [0, 1.01]]), "differ from the source's by up to 0.01; allowed: 0.0001"),
        (np.zeros((4, 3)), r"answers with \(4, 3\) logits, its source with \(4, 2\)"),
    ],
)
def test_an_export_that_reported_success_and_wrote_garbage_is_told(logits: np.ndarray, said: str) -> None:
    source = summary.pack(np.array([[1, 0], [0, 1], [1, 0], [0, 1]], np.float32))
    assert re.search(said, summary.unfaithful(samples.WAY, 1e-4, summary.pack(logits.astype(np.float32)), source))


def test_a_rounded_form_may_deviate_but_must_decide_alike() -> None:
    way = replace(samples.WAY, form="int8 static")
    source = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], np.float32)
    assert summary.unfaithful(way, 1e-4, summary.pack(source * 2), summary.pack(source)) == ""
    assert "agrees with its source on 0 %" in summary.unfaithful(
        way, 1e-4, summary.pack(source[:, ::-1]), summary.pack(source)
    )


def test_figures_of_a_record() -> None:
    run = samples.run()
    figures = summary.figures(run.records[0], run)
    assert figures is not None
    assert figures.deviation == pytest.approx(0.25)
    assert figures.agreement == 0.75
    assert (figures.accuracy, figures.source_accuracy, figures.lost_accuracy) == (0.75, 1.0, 0.25)
    assert figures.latency[1].middle == pytest.approx(math.sqrt(1e-3 * 1.1e-3))
    assert figures.latency[1].low < 1e-3 < 1.1e-3 < figures.latency[1].high
    assert figures.throughput is not None
    assert figures.throughput.middle == pytest.approx(64 / figures.latency[64].middle)
    assert figures.throughput.low < figures.throughput.middle < figures.throughput.high


def test_what_was_only_exported_has_its_size_and_time_alone() -> None:
    run = samples.run()
    figures = summary.figures(replace(run.records[0], played=None), run)
    assert figures == summary.RouteFigures(export_s=2.0, artefact_bytes=1000)


def test_what_was_not_exported_has_no_figures() -> None:
    run = samples.run()
    record = RouteRecord(samples.WAY, "mlp", Outcome.FAILED, "no")
    assert summary.figures(record, run) is None


def test_every_figure_can_be_recomputed_from_the_stored_record() -> None:
    run = samples.run()
    again = from_json(RoutesRun, to_json(run))
    assert again == run
    assert [summary.figures(record, again) for record in again.records] == [
        summary.figures(record, run) for record in run.records
    ]


def played(blocks: tuple[float, ...], processes: int) -> Played:
    answers = Logits(1, 1, summary.pack(np.zeros((1, 1), np.float32)).base64)
    return Played(1, 0.5, 0.1, answers, dynamic_batch=True, blocks={"1": blocks}, processes=processes)


@pytest.mark.parametrize(("between", "covered"), [(0.015, 0.95), (0.03, 0.93)], ids=["as stated", "twice as stated"])
def test_the_interval_holds_though_processes_differ(between: float, covered: float) -> None:
    """Two processes of eight passes each that scatter by 1 %; what is stated between processes is 1.5 %."""
    rng = np.random.default_rng(7)
    shifts = rng.normal(0, between, (1000, 2, 1))
    runs = np.exp(shifts + rng.normal(0, 0.01, (1000, 2, 8))).reshape(1000, -1)
    spans = [summary.latency(played(tuple(run), processes=2), 1) for run in runs]
    assert np.mean([span is not None and span.low <= 1 <= span.high for span in spans]) >= covered


def test_a_record_of_one_process_is_judged_as_it_was() -> None:
    span = summary.latency(played((1.0, 1.02, 1.01), processes=1), 1)
    assert span is not None
    # What the rules of before ADR 25 said, by the code of then.
    assert (span.low, span.high) == (pytest.approx(0.9425652149621652), pytest.approx(1.0821886019685254))
