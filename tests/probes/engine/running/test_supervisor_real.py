"""Real runs of both frameworks: a killed child, cancelling, a killed supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from probes import catalog
from probes.engine.running import environment
from probes.engine.running.child import ChildError, ProcessChild
from probes.engine.running.supervisor import run
from probes.results import Progress
from probes.schema import FRAMEWORKS, Framework, Outcome, RunRequest, RunSetup
from tests.places import ROOT

pytestmark = [pytest.mark.framework, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True, scope="module")
def _both_frameworks() -> None:
    probe = catalog.find("mlp.train_step")
    if missing := [why for framework in FRAMEWORKS if (why := catalog.why_not(probe, framework))]:
        pytest.skip("; ".join(missing))


def workers(parent: int) -> list[psutil.Process]:
    """The measured children below a process."""
    found = psutil.Process(parent).children(recursive=True)
    return [process for process in found if "probes.engine.child.worker" in process.cmdline()]


@pytest.mark.measures
def test_a_killed_child_fails_its_probe_with_last_words_and_the_rest_goes_on() -> None:
    request = RunRequest(probes=("mlp.inference_b1", "mlp.throughput_b256"), budget=30.0, device="cpu")
    killed: list[int] = []

    def kill_once(progress: Progress) -> None:
        if not killed and "Inference latency, instance 2" in progress.message:
            victim = next(w for w in workers(os.getpid()) if "tensorflow" in w.cmdline())
            killed.append(victim.pid)
            victim.kill()

    result = run(RunSetup(request), on_progress=kill_once)
    latency, throughput = result.results
    assert killed
    assert latency.outcome == Outcome.FAILED
    assert "ended with signal SIGKILL" in latency.reason or os.name != "posix"
    assert latency.sides["pytorch"].outcome == Outcome.OK
    assert throughput.outcome in (Outcome.OK, Outcome.TOO_NOISY)
    assert throughput.ratio is not None
    assert len(result.rounds) >= 2, "a busy machine has no time for the third"
    assert workers(os.getpid()) == []


@pytest.mark.measures
def test_a_tiny_network_grows_over_three_sizes() -> None:
    sizes = {"mlp": {"inputs": 8, "hidden1": 16, "hidden2": 8, "classes": 2}}
    result = run(
        RunSetup(RunRequest(probes=("mlp.inference_b1_sizes.careful",), budget=30.0, device="cpu", sizes=sizes))
    )
    (row,) = result.results
    assert row.outcome in (Outcome.OK, Outcome.TOO_NOISY)
    for framework in FRAMEWORKS:
        figures = row.sides[framework].details
        assert len(figures) == 3
        assert all(value > 0 for value in figures.values())


@pytest.mark.measures
def test_cancelling_in_the_middle_of_an_import_ends_everything_at_once() -> None:
    button = threading.Event()
    pressed: list[float] = []

    def press(progress: Progress) -> None:
        if "starting TensorFlow" in progress.message and not pressed:
            threading.Timer(1.0, lambda: (pressed.append(time.monotonic()), button.set())).start()

    result = run(RunSetup(RunRequest(device="cpu")), on_progress=press, cancelled=button.is_set)
    assert {row.outcome for row in result.results} == {Outcome.CANCELLED}
    assert not any(round_.complete for round_ in result.rounds)
    assert workers(os.getpid()) == []
    assert time.monotonic() - pressed[0] < 10  # 2 s is promised on a machine that isn't busy with tests


@pytest.mark.measures
@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_a_killed_supervisor_leaves_no_orphan_and_no_lock() -> None:
    command = [sys.executable, "-m", "probes", "run", "--probe", "mlp.startup", "--device", "cpu"]
    supervisor = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert supervisor.stderr is not None
    for line in supervisor.stderr:
        if "starting TensorFlow" in line:
            break
    orphans = workers(supervisor.pid)
    assert orphans
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    _, alive = psutil.wait_procs(orphans, timeout=10)
    assert alive == []


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_network_too_big_for_the_limit_is_out_of_memory(framework: Framework, tmp_path: Path) -> None:
    child = ProcessChild(framework, environment.variables(1, "cpu", str(tmp_path)), lambda: False)
    sizes = {"inputs": 16_384, "hidden1": 4_000, "hidden2": 4_000, "classes": 10}  # 250 MiB for the first kernel alone
    try:
        child.ask("limit", timeout=60, cpus=[], memory=int(1.6 * 2**30))
        child.ask("load", timeout=180, threads=1)
        child.ask("use", timeout=60, device="cpu", seed=0)
        with pytest.raises(ChildError, match="choose smaller sizes") as caught:
            child.ask("single", timeout=180, probe="mlp.memory_peak", seed=1, sizes=sizes)
    finally:
        child.close()
    assert caught.value.outcome == Outcome.OUT_OF_MEMORY


OPTIMISER = """
import sys
import numpy as np
from importlib import import_module
from probes.contracts import TrainingSettings
from probes.models import mlp

framework, out = sys.argv[1:]
adapter = import_module(f"probes.frameworks.{framework}")
adapter.load(1)
sizes = {"inputs": 20, "hidden1": 16, "hidden2": 12, "classes": 5}
# With an epsilon far above any gradient AdamW's step is proportional to the gradient, so that its scale (clipping) and
# the decay show in one step, which they don't otherwise. It also shows that epsilon means the same on both sides.
settings = TrainingSettings(dropout=0.0, learning_rate=0.5, weight_decay=0.1, epsilon=30.0, clip_norm=0.05)
rng = np.random.default_rng(3)
weights, inputs = mlp.weights(rng, sizes), mlp.inputs(rng, sizes, 32)
half = getattr(mlp, framework)
mode = {"pytorch": "eager", "tensorflow": "tf.function"}[framework]
subject = adapter.build(half, weights, inputs, sizes=sizes, mode=mode, device="cpu", settings=settings)
subject.read(subject.train())
np.savez(out, **{name: array - weights[name] for name, array in subject.weights().items()})
"""


def test_adamw_decays_and_clips_alike_on_both_sides(tmp_path: Path) -> None:
    import numpy as np

    updates = []
    for framework in FRAMEWORKS:
        out = tmp_path / f"{framework}.npz"
        variables = environment.variables(1, "cpu", str(tmp_path))
        subprocess.run([sys.executable, "-c", OPTIMISER, framework, str(out)], env=variables, check=True, timeout=240)
        updates.append(dict(np.load(out)))
    pytorch, tensorflow = updates
    trained = [name for name in pytorch if not name.endswith((".mean", ".variance"))]
    for name in trained:
        np.testing.assert_allclose(tensorflow[name], pytorch[name], rtol=2e-3, atol=2e-6, err_msg=name)
    # The decay alone moves a kernel by learning rate × decay × weight = 5 %; without it this would be a tenth of that.
    assert np.abs(pytorch["fc1.kernel"]).max() > 0.02
