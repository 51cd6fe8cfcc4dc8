"""A server from its start to its end, with LoadGen's real load, and without a framework: every way out is stated."""

from __future__ import annotations

import re
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil
import pytest

from probes.deploy import summary
from probes.engine.running.child import CancelledError
from probes.engine.running.interpreters import SidePython
from probes.schema import Interpreter, Outcome
from probes.serving import figures
from probes.serving.contracts import Launch, Place
from probes.serving.measure import Measuring, Model
from probes.serving.schema import ServerSpec, ServingRecord, ServingRequest
from tests.probes.serving.noise import outcome_by_trials

pytest.importorskip("mlperf_loadgen")
pytestmark = pytest.mark.slow
FAKE = str(Path(__file__).with_name("fake_server.py"))
LIMIT_MS = 200.0


def fake(mode: str, ports: Callable[[Place], int] = lambda place: place.port(), *keys: str) -> Any:
    """A server's file."""

    def launch(place: Place) -> Launch:
        port, command = ports(place), (sys.executable, FAKE, mode)
        bearer = (str(place.folder / "keys.json"), *keys) if keys else ()
        return Launch(f"127.0.0.1:{port}", "/predict", (*command, str(port)), model="toy", bearer=bearer)

    spec = ServerSpec("fake", "Fake", "pytorch", "rest", "pytorch_eager", "none", packages=("numpy",))
    return SimpleNamespace(SPEC=spec, launch=launch)


@pytest.fixture
def toy(tmp_path: Path) -> Model:
    x = np.random.default_rng(0).standard_normal((256, 3), dtype=np.float32)
    np.savez(tmp_path / "data.npz", asked=x)
    return Model("toy", {}, tmp_path, tmp_path / "data.npz", summary.pack(x[:, :2]))


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    yield
    assert not list(scratch.iterdir()), "files were left behind"
    left = [
        p for p in psutil.process_iter(["cmdline"]) if any(str(scratch) in part for part in p.info["cmdline"] or ())
    ]
    assert not left


def measured(
    module: Any, model: Model, *, start_limit: float = 60.0, seconds: float = 5.0, python: SidePython | None = None
) -> ServingRecord:
    request = ServingRequest(model="toy", limit_ms=LIMIT_MS, seconds=seconds)
    measuring = Measuring(
        module, model, request, tell=lambda _: None, cancelled=lambda: False, start_limit=start_limit,
        python=python,
    )  # fmt: skip
    measuring.run()
    return measuring.record


def test_a_server_that_works_is_clocked_and_every_number_follows(toy: Model) -> None:
    """In a side's own interpreter; the server that does nothing, beside which the client is looked at, isn't."""
    told = Interpreter("pytorch", "own", "3", {})
    side = SidePython(told, Path(sys.executable), {}, frozenset())
    record = measured(fake("slow"), toy, seconds=8.0, python=side)
    assert record.outcome is outcome_by_trials(record, LIMIT_MS), record.reason
    assert record.deviation == 0.0
    assert record.start_s is not None
    assert record.single_stream is not None
    assert record.versions == {"numpy": np.__version__}
    assert record.trials
    for trial in record.trials:
        issued = trial.issued
        assert issued.latencies.count + issued.errors + issued.unsent == trial.planned
        if not issued.errors and not issued.unsent:
            assert figures.p99(issued) == pytest.approx(issued.loadgen_p99_s, abs=2e-6)
    if record.outcome is Outcome.OK:
        assert record.reason == ""
        shown = figures.figures(record, LIMIT_MS)
        assert shown.max_rate is not None
        assert shown.max_rate < 150  # one at a time, 10 ms each, cannot carry more than 100 a second
        assert shown.offline is not None
        assert (record.client is not None) == (shown.max_rate > 0)


@pytest.mark.parametrize(
    ("mode", "outcome", "reason"),
    [
        ("wrong", Outcome.NOT_COMPARABLE, r"Its answers differ from the source network's by 5\.0e-01; allowed: 1e-04"),
        ("wrong under load", Outcome.NOT_COMPARABLE, r"Under load \(one query at a time\) its answers differ"),
        (
            "dies",
            Outcome.FAILED,
            r"Under load \(one query at a time\): The server ended with exit code 3\nout of ideas",
        ),
        ("exposed", Outcome.FAILED, r"listens on 0\.0\.0\.0"),
    ],
)
def test_a_server_that_misbehaves_has_one_stated_outcome(toy: Model, mode: str, outcome: Outcome, reason: str) -> None:
    record = measured(fake(mode), toy)
    assert record.outcome == outcome, record.reason
    assert re.search(reason, record.reason), record.reason


def test_a_server_that_never_answers_times_out_with_its_last_words(toy: Model) -> None:
    record = measured(fake("silent"), toy, start_limit=3.0)
    assert record.outcome == Outcome.TIMED_OUT
    assert record.reason.startswith("No answer within 3 s")
    assert record.reason.endswith("still loading the model")


def test_a_port_that_somebody_took_is_left_for_another(toy: Model) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1]])
        record = measured(fake("wrong", lambda place: next(ports, None) or place.port()), toy)
        assert record.outcome == Outcome.NOT_COMPARABLE, record.reason  # the second attempt was answered

        record = measured(fake("right", lambda place: taken.getsockname()[1]), toy)
        assert record.outcome == Outcome.FAILED
        assert "Address already in use" in record.reason


def test_a_server_that_asks_for_its_token_gets_it(toy: Model) -> None:
    record = measured(fake("token", lambda place: place.port(), "inference", "key"), toy, seconds=3.0)
    assert record.outcome is outcome_by_trials(record, LIMIT_MS), record.reason
    assert record.deviation == 0.0


@pytest.mark.parametrize(
    ("keys", "said"), [((), "HTTP status 401: .*who are you"), (("management", "key"), "has not written its token yet")]
)
def test_a_server_whose_token_is_not_known_is_not_measured(toy: Model, keys: tuple[str, ...], said: str) -> None:
    record = measured(fake("token", lambda place: place.port(), *keys), toy, start_limit=3.0)
    assert record.outcome == Outcome.TIMED_OUT
    assert re.search(said, record.reason), record.reason


def test_cancelling_ends_it(toy: Model) -> None:
    looks = iter(range(10_000))
    request = ServingRequest(model="toy", seconds=20.0)
    measuring = Measuring(fake("right"), toy, request, tell=lambda _: None, cancelled=lambda: next(looks) > 8)
    with pytest.raises(CancelledError):
        measuring.run()
    assert measuring.record.outcome == Outcome.CANCELLED
