"""MLPerf LoadGen as a function: one test in, what it logged out. Only in a child process: it brings threads."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from probes.serving.load_client import Query

Scenario = Literal["SingleStream", "Server", "Offline"]

_SAMPLE = re.compile(
    rb'"name":"Sample","cat":"default","ph":"b".*?"ts":(-?[\d.]+),"args":\{"sample_seq":(\d+),.*?'
    rb'"issue_start_ns":(-?\d+),"complete_ns":(-?\d+)\}'
)
_UNMET = {
    "result_perf_constraints_met": "the limit was broken",
    "result_min_duration_met": "shorter than planned",
    "result_min_queries_met": "fewer queries than planned",
    "early_stopping_met": "too few queries to be 99 % sure",
}


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """One test. Seconds, queries a second."""

    scenario: Scenario
    seconds: float
    rate: float = 0.0  # Server: arrivals; Offline: samples expected
    queries: int = 1  # Server: all of them; SingleStream: at the least
    most: int = 0  # SingleStream: at the most; 0 is no bound
    latency: float = 0.1  # Server: the limit; SingleStream: expected
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """A query in seconds: when it was due, and from then until the client sent it, and until it had ended."""

    due: float
    sent: float
    ended: float


@dataclass(frozen=True, slots=True)
class Logged:
    samples: tuple[Sample, ...]  # in the order of issue
    valid: bool
    why: tuple[str, ...]
    p99: float | None  # seconds


def run(plan: LoadPlan, inputs: int, issue: Callable[[Sequence[Query]], None], scratch: Path) -> Logged:
    """Block until every query has ended. ``issue`` is called from LoadGen's thread; ``inputs`` are to choose from.

    Logs live in a folder of their own in ``scratch``, removed before this returns.
    """
    import mlperf_loadgen as lg

    def called(samples: Any) -> None:
        issue([Query(sample.id, sample.index) for sample in samples])

    under_test = lg.ConstructSUT(called, lambda: None)
    library = lg.ConstructQSL(inputs, inputs, lambda _: None, lambda _: None)
    try:
        with tempfile.TemporaryDirectory(prefix="loadgen-", dir=scratch) as folder:
            logs = lg.LogSettings()
            logs.log_output.outdir = folder
            logs.log_output.copy_summary_to_stdout = False
            logs.enable_trace = True
            lg.StartTestWithLogSettings(under_test, library, _settings(lg, plan), logs)
            return read(Path(folder))
    finally:
        lg.DestroyQSL(library)
        lg.DestroySUT(under_test)


def complete(queries: Sequence[Query]) -> None:
    """Tell LoadGen that they have ended."""
    import mlperf_loadgen as lg

    lg.QuerySamplesComplete([lg.QuerySampleResponse(query.id, 0, 0) for query in queries])


def _settings(lg: Any, plan: LoadPlan) -> Any:
    settings = lg.TestSettings()
    settings.mode = lg.TestMode.PerformanceOnly
    settings.scenario = getattr(lg.TestScenario, plan.scenario)
    settings.qsl_rng_seed = settings.sample_index_rng_seed = settings.schedule_rng_seed = plan.seed + 1
    settings.min_query_count = plan.queries
    settings.min_duration_ms = int(plan.seconds * 1e3)
    if plan.scenario == "SingleStream":
        settings.single_stream_expected_latency_ns = max(1, int(plan.latency * 1e9))
        settings.max_duration_ms = int(plan.seconds * 1.5e3)
        settings.max_query_count = plan.most
    elif plan.scenario == "Server":
        settings.server_target_qps = plan.rate
        settings.server_target_latency_ns = int(plan.latency * 1e9)
        settings.server_target_latency_percentile = 0.99
        settings.max_query_count = plan.queries
        settings.min_duration_ms = 0  # the queries are counted; a Poisson process takes its own time for them
    else:
        settings.offline_expected_qps = plan.rate
    return settings


def read(folder: Path) -> Logged:
    """What LoadGen wrote into ``folder``. Raises RuntimeError if that is no finished test."""
    result: dict[str, Any] = {}
    for line in (folder / "mlperf_log_detail.txt").read_text(encoding="utf-8", errors="replace").splitlines():
        entry = json.loads(line.removeprefix(":::MLLOG "))
        result[entry["key"]] = entry["value"]
    if "result_validity" not in result:
        raise RuntimeError(
            f"LoadGen ended without a result: {result.get('error_invalid_config', 'it does not say why')}"
        )
    samples: dict[int, Sample] = {}
    with (folder / "mlperf_log_trace.json").open("rb") as trace:
        for line_ in trace:
            if match := _SAMPLE.search(line_):
                due, place, sent, ended = match.groups()
                samples[int(place)] = Sample(float(due) / 1e6, int(sent) / 1e9, int(ended) / 1e9)
    p99 = result.get("result_99.00_percentile_latency_ns")
    return Logged(
        samples=tuple(samples[place] for place in sorted(samples)),
        valid=result["result_validity"] == "VALID",
        why=tuple(reason for key, reason in _UNMET.items() if result.get(key) is False),
        p99=None if p99 is None else float(p99) / 1e9,
    )
