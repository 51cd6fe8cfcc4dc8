"""A server under a team's own requests, with real clients: both kinds of arrival, sizes, and what goes wrong."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from probes.deploy import summary
from probes.schema import Outcome
from probes.serving import figures, trace
from probes.serving.measure import Measuring, Model
from probes.serving.schema import ServingRecord, ServingRequest, Trace
from tests.probes.serving.noise import outcome_by_trials
from tests.probes.serving.test_measure import fake

pytest.importorskip("mlperf_loadgen")
pytestmark = pytest.mark.slow
LIMIT_MS = 200.0


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    yield
    assert not list((tmp_path / "scratch").iterdir()), "files were left behind"


@pytest.fixture
def toy(tmp_path: Path) -> Model:
    x = np.random.default_rng(0).standard_normal((256, 3), dtype=np.float32)
    np.savez(tmp_path / "data.npz", asked=x)
    return Model("toy", {}, tmp_path, tmp_path / "data.npz", summary.pack(x[:, :2]))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Bursts of ten at once, twice a second, of 1, 3 and 300 rows: more than the model was asked with."""
    rng, file = random.Random(0), tmp_path / "ours.csv"
    lines = [f"{second / 2},{rng.choice((1, 3, 300))}" for second in range(40) for _ in range(10)]
    file.write_text("\n".join(["timestamp,size", *lines]), encoding="utf-8")
    return file


def measured(module: ModuleType, model: Model, found: Trace, path: Path | None) -> ServingRecord:
    request = ServingRequest(model="toy", limit_ms=LIMIT_MS, seconds=6.0, trace=found)
    measuring = Measuring(
        module, model, request, tell=lambda _: None, cancelled=lambda: False, start_limit=60.0, trace_path=path
    )
    measuring.run()
    return measuring.record


def test_bursts_are_told_from_requests_that_come_one_by_one(toy: Model, path: Path) -> None:
    """One after the other, 10 ms each: of ten at once the last waits for nine others, and of as many drawn ones hardly
    one does."""
    found = trace.look(path)
    record = measured(fake("slow"), toy, found, path)
    assert record.outcome is outcome_by_trials(record, LIMIT_MS), record.reason
    if record.outcome is Outcome.TOO_NOISY:
        pytest.skip(record.reason)
    kept = record.trace
    assert kept is not None
    assert kept.requests < found.requests
    assert (kept.requests, kept.seconds) == (30, 1.0)
    assert kept.replayed.latencies.count == kept.poisson.latencies.count == kept.requests
    assert kept.replayed.deviation == kept.poisson.deviation == 0.0, "answers of every size are the source's"
    burst, drawn = (figures.of_trace(issued, LIMIT_MS / 1e3) for issued in (kept.replayed, kept.poisson))
    assert burst.p90 > 0.08, "nine before it, 10 ms each"
    assert drawn.p50 < burst.p50
    assert kept.client is not None
    assert kept.client_poisson is not None
    assert kept.client.scenario == "Trace"


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (True, "ours.csv isn't here: name it to replay it"),
        (False, "trace: ours.csv has changed since it was looked at"),
    ],
)
def test_a_trace_that_is_another_by_now_or_not_here_starts_no_server(
    toy: Model, path: Path, gone: bool, said: str
) -> None:
    found = replace(trace.look(path), sha256="00")
    record = measured(fake("right"), toy, found, None if gone else path)
    assert (record.outcome, record.start_s) == (Outcome.FAILED, None)
    assert said in record.reason
