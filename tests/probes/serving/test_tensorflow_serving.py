"""TensorFlow Serving's two doors, with stand-ins for the program: how it is found, started, asked and refused."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from probes.deploy import summary
from probes.engine.running import environment
from probes.schema import Outcome
from probes.serving import catalog, process, run, tensorflow_serving
from probes.serving.measure import Measuring, Model
from probes.serving.process import ServerProcess
from probes.serving.schema import ServingRecord, ServingRequest
from tests.probes.serving.noise import outcome_by_trials

HERE = Path(__file__).parent


@pytest.fixture
def toy(tmp_path: Path) -> Model:
    x = np.random.default_rng(0).standard_normal((256, 3), dtype=np.float32)
    np.savez(tmp_path / "data.npz", asked=x)
    saved = tmp_path / tensorflow_serving.SAVED_MODEL
    saved.mkdir()
    (saved / "saved_model.pb").touch()
    return Model("toy", {}, tmp_path, tmp_path / "data.npz", summary.pack(x[:, :2]))


@pytest.fixture
def on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    script = programs / tensorflow_serving.PROGRAM
    script.write_text(f'#!/bin/sh\nexec {sys.executable} {HERE / "fake_model_server.py"} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")


def measured(name: str, model: Model, request: ServingRequest) -> ServingRecord:
    measuring = Measuring(
        catalog.modules()[name], model, request, tell=lambda _: None, cancelled=lambda: False, start_limit=60.0
    )  # fmt: skip
    measuring.run()
    return measuring.record


@pytest.mark.slow
@pytest.mark.usefixtures("on_the_path")
def test_the_program_on_the_path_is_asked_by_grpc_and_never_on_the_network(toy: Model) -> None:
    pytest.importorskip("grpc")
    assert catalog.modules()["tensorflow_serving_grpc"].why_not(ServingRequest()) == ""
    record = measured("tensorflow_serving_grpc", toy, ServingRequest(model="toy", limit_ms=500, seconds=6))
    assert record.outcome is outcome_by_trials(record, 500), record.reason
    assert record.deviation == 0.0
    assert record.address.startswith("unix:")
    assert record.trials
    assert record.trials[0].issued.errors == 0


@pytest.mark.usefixtures("on_the_path")
def test_its_rest_door_stays_shut_because_it_opens_to_the_network() -> None:
    reason = catalog.modules()["tensorflow_serving_rest"].why_not(ServingRequest())
    assert "always listens on all addresses" in reason
    assert "--tensorflow-serving 127.0.0.1:8501" in reason


@pytest.mark.slow
def test_a_server_that_the_user_runs_is_asked_and_left_running(toy: Model, tmp_path: Path) -> None:
    port = process.free_port()
    request = ServingRequest(model="toy", limit_ms=500, seconds=5, tensorflow_serving=f"127.0.0.1:{port}")
    gone = measured("tensorflow_serving_rest", toy, request)
    assert gone.outcome == Outcome.FAILED
    assert "Is the server running?" in gone.reason

    users = ServerProcess(
        (sys.executable, str(HERE / "fake_server.py"), "right", str(port)),
        folder=tmp_path,
        variables=environment.variables(1, "cpu", str(tmp_path)),
    )
    try:
        while gone.outcome == Outcome.FAILED and "no connection" in gone.reason and not users.ended(0.05):
            gone = measured("tensorflow_serving_rest", toy, request)
        assert gone.outcome is outcome_by_trials(gone, request.limit_ms), gone.reason
        assert (gone.start_s, gone.deviation) == (None, 0.0)
        assert not users.ended()
    finally:
        users.close()


def test_without_it_the_reason_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensorflow_serving, "installed", lambda: False)
    for name, option in (("grpc", "--tensorflow-serving-grpc"), ("rest", "--tensorflow-serving")):
        reason = catalog.modules()[f"tensorflow_serving_{name}"].why_not(ServingRequest(model="cnn"))
        assert f"{tensorflow_serving.PROGRAM} is not on the PATH" in reason
        assert "-e MODEL_NAME=cnn" in reason
        assert option in reason


@pytest.mark.parametrize("address", ["10.0.0.1:8501", "example.org:8501", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:x"])
def test_load_is_sent_to_this_machine_only(address: str) -> None:
    with pytest.raises(ValueError, match=r"tensorflow_serving: .*allowed"):
        run.validate(ServingRequest(tensorflow_serving=address))


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (ServingRequest(model="nope"), r"model: 'nope' doesn't exist; allowed: .*mlp"),
        (ServingRequest(servers=("nope",)), r"servers: 'nope' doesn't exist; allowed: .*torchserve"),
        (ServingRequest(limit_ms=0.5), r"limit_ms: 0\.5; allowed: 1 to 10000"),
        (ServingRequest(seconds=float("nan")), r"seconds: nan; allowed: 10 to 600"),
        (ServingRequest(threads=0), r"threads: 0"),
    ],
)
def test_bad_requests_name_field_value_and_what_is_allowed(request_: ServingRequest, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        run.validate(request_)
