"""Every figure from what was kept."""

from __future__ import annotations

import base64
import math
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.json_form import from_json, to_json
from probes.schema import Outcome
from probes.serving import catalog, figures
from probes.serving.schema import Issued, Latencies, LoadTrial, ServingRecord


def issued(seconds: list[float], *, errors: int = 0, unsent: int = 0, late: float = 0.0) -> Issued:
    return Issued(
        "Server", figures.pack(seconds), len(seconds), 1.0, True, errors=errors, unsent=unsent, late_s=late
    )  # fmt: skip


def trial(rate: float, seconds: list[float], **more: float) -> LoadTrial:
    return LoadTrial(rate, len(seconds), figures.enough(), issued(seconds, **more))  # type: ignore[arg-type]


@given(st.lists(st.floats(0, 4000), max_size=200))
def test_latencies_come_back_to_the_microsecond_in_order(seconds: list[float]) -> None:
    back = figures.unpack(figures.pack(seconds))
    assert back == pytest.approx(sorted(seconds), abs=0.51e-6)


@pytest.mark.parametrize("text", ["AAAA", "not base64!", "eJwDAAAAAAE="])
def test_latencies_that_are_cut_or_garbled_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        figures.unpack(Latencies(3, text))


def test_of_a_text_that_holds_more_only_one_more_is_unpacked() -> None:
    bomb = base64.b64encode(zlib.compress(bytes(40_000_000))).decode()
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="3 latencies are announced, 4 are there"):
            figures.unpack(Latencies(3, bomb))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_the_percentile_is_the_one_that_loadgen_prints() -> None:
    # LoadGen takes the value at place ⌊n · share⌋ (results.cc, sample_latencies[count * percentile]).
    assert figures.percentile(list(range(1000)), 0.99) == 990
    assert figures.percentile([7.0], 0.99) == 7.0


def test_query_counts_are_those_of_loadgens_early_stopping() -> None:
    # MLPerf inference rules, appendix «Early stopping»: 99th percentile at 99 % confidence, 0, 1 and 10 over.
    assert [figures.enough(over) for over in (0, 1, 10)] == [459, 662, 2010]


def test_a_query_without_an_answer_is_later_than_any() -> None:
    assert figures.p99(issued([0.01] * 95, errors=5)) == math.inf
    assert figures.p99(issued([0.01] * 999, unsent=1)) == 0.01
    assert figures.p99(issued([0.01], errors=10**30)) == math.inf, "which no memory holds"
    assert figures.over_limit(issued([0.01, 0.2], errors=1, unsent=2), 0.1) == 4


def test_the_bracket_is_below_every_rate_that_broke_the_limit() -> None:
    slow, fast = [0.2] * 100, [0.01] * 100
    trials = [trial(10, fast), trial(20, slow), trial(40, fast)]
    best, broke = figures.bracket(trials, 0.1)
    assert (best and best.rate, broke and broke.rate) == (10, 20)


@given(
    st.lists(st.tuples(st.floats(1, 1000), st.lists(st.floats(0, 0.2), min_size=1, max_size=20)), max_size=10),
    st.floats(0.001, 0.2),
)
def test_no_rate_is_ever_reported_whose_p99_broke_the_limit(
    tried: list[tuple[float, list[float]]], limit: float
) -> None:
    record = ServingRecord(
        catalog.servers()[0], "mlp", Outcome.OK, trials=tuple(trial(rate, seconds) for rate, seconds in tried)
    )
    shown = figures.figures(record, limit * 1e3)
    if shown.max_rate_p99 is not None:
        assert shown.max_rate_p99 <= limit * (1 + 1e-9)
        assert shown.failed_rate is None or (shown.max_rate or 0) < shown.failed_rate


def test_a_trial_in_which_the_client_was_late_says_nothing() -> None:
    trials = [trial(10, [0.01] * 100), trial(20, [0.2] * 100, late=0.15)]
    best, broke = figures.bracket(trials, 0.1)
    assert (best and best.rate, broke) == (10, None)


def test_certain_needs_as_many_queries_as_loadgen_asks_for() -> None:
    assert figures.certain(trial(10, [0.01] * 459), 0.1)
    assert not figures.certain(trial(10, [0.01] * 458), 0.1)
    assert not figures.certain(trial(10, [*[0.01] * 459, 0.2]), 0.1)


def test_a_record_survives_json() -> None:
    record = ServingRecord(catalog.servers()[0], "mlp", Outcome.OK, trials=(trial(10, [0.01, 0.02]),))
    assert from_json(ServingRecord, to_json(record)) == record


def test_of_a_trace_what_was_never_answered_is_later_than_all() -> None:
    issued = Issued("Trace", figures.pack([0.01] * 90 + [0.2] * 5), 95, 1.0, False, errors=2, unsent=3)
    shown = figures.of_trace(issued, 0.1)
    assert (shown.p50, shown.p90, shown.p99, shown.within) == (0.01, 0.2, math.inf, 0.9)
