"""What is around a measurement: environment, machine record, lock, disturbances, memory peaks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from probes.engine.running import environment
from probes.engine.running.child import CancelledError, ProcessChild
from probes.engine.running.lock import machine_lock
from probes.engine.watching import machine
from probes.schema import Machine, from_json, to_json


def test_children_see_an_allow_list_and_nothing_else() -> None:
    source = {
        "PATH": "/bin", "HOME": "/home/me", "OMP_NUM_THREADS": "64", "XLA_FLAGS": "--fast", "AWS_SECRET": "s",
        "PYTHONPATH": "/mine", "TF_ENABLE_ONEDNN_OPTS": "0",
    }  # fmt: skip
    found = environment.variables(3, "auto", "/scratch", source)
    assert found["PATH"] == "/bin"
    assert not {"XLA_FLAGS", "AWS_SECRET", "TF_ENABLE_ONEDNN_OPTS"} & found.keys()
    threads = [value for name, value in found.items() if name.endswith("_THREADS") and "COMPILE" not in name]
    assert set(threads) == {"3"}
    assert found["OMP_WAIT_POLICY"] == "PASSIVE"
    assert found["KERAS_HOME"] == found["TMPDIR"] == found["TEMP"] == found["TMP"] == "/scratch"
    assert found["PYTHONPATH"].endswith("/mine")


def test_a_cpu_run_hides_the_gpu_from_both() -> None:
    assert environment.variables(1, "cpu", "", {"CUDA_VISIBLE_DEVICES": "0"})["CUDA_VISIBLE_DEVICES"] == "-1"


@pytest.mark.parametrize(
    ("said", "visible"), [({}, "0"), ({"CUDA_VISIBLE_DEVICES": "1,0"}, "1"), ({"CUDA_VISIBLE_DEVICES": ""}, "")]
)
def test_a_run_takes_one_gpu_counted_as_nvidia_smi_counts(said: dict[str, str], visible: str) -> None:
    found = environment.variables(1, "auto", "", {"CUDA_DEVICE_ORDER": "FASTEST_FIRST", **said})
    assert found["CUDA_VISIBLE_DEVICES"] == environment.visible_gpu(said) == visible
    assert found["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"


@pytest.mark.parametrize(
    ("threads", "allowed", "cores"), [(1, {0, 1}, (1,)), (2, {0, 1}, ()), (2, {0, 2, 5}, (2, 5)), (1, set(), ())]
)
def test_pins(monkeypatch: pytest.MonkeyPatch, threads: int, allowed: set[int], cores: tuple[int, ...]) -> None:
    monkeypatch.setattr(environment, "affinity", lambda: frozenset(allowed))
    assert environment.cores(threads) == cores


def test_memory_is_limited_unless_a_gpus_driver_may_map_far_more() -> None:
    for device, gpu_here, limited in (("cpu", True, True), ("auto", False, True), ("auto", True, False)):
        assert (environment.memory_limit(device, gpu_here=gpu_here) >= environment.MEMORY_FLOOR) is limited
    assert environment.memory_limit("cuda", gpu_here=False) == 0


def test_this_machine_is_described_once_and_survives_json() -> None:
    here = machine.read()
    assert re.fullmatch(r"[0-9a-f]{16}", here.fingerprint)
    assert machine.read() is here
    assert here.memory_bytes == psutil.virtual_memory().total
    assert 1 <= here.physical_cores <= here.logical_cores
    assert {"torch", "tensorflow", "keras", "numpy"} <= here.versions.keys()
    assert here.cpu in here.name
    assert from_json(Machine, to_json(here)) == here


def test_another_library_version_is_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "version_of", lambda package: "0")
    assert machine.read.__wrapped__().fingerprint != machine.read().fingerprint


def test_the_lock_is_held_by_one_run_at_a_time(tmp_path: Path) -> None:
    waiting, release, entered = threading.Event(), threading.Event(), threading.Event()

    def second() -> None:
        with machine_lock(waiting=waiting.set, cancelled=lambda: False, folder=tmp_path):
            entered.set()

    with machine_lock(waiting=lambda: None, cancelled=lambda: False, folder=tmp_path):
        other = threading.Thread(target=second)
        other.start()
        assert waiting.wait(10), "a run that waits says so"
        assert not entered.is_set()
        release.set()
    other.join(10)
    assert entered.is_set()


def test_waiting_for_the_lock_can_be_cancelled(tmp_path: Path) -> None:
    held = machine_lock(waiting=lambda: None, cancelled=lambda: False, folder=tmp_path)
    impatient = machine_lock(waiting=lambda: None, cancelled=lambda: True, folder=tmp_path)
    with held, pytest.raises(CancelledError), impatient:
        pytest.fail("two runs at once")


SIZES = {"inputs": 8, "hidden1": 8, "hidden2": 8, "classes": 2}

SPIKE = """
import json, sys, time
import numpy as np
from probes.engine.child import peak_memory as peak

size = 256 * 2**20
warm = np.ones(size // 8)  # a larger peak before the reset must not be found again
del warm
peak.reset()
before, note = peak.read()
spike = np.ones(size // 8)
time.sleep(0.001)
del spike
found = peak.read()[0]
peak.reset()
json.dump({"note": note, "spike": found - before, "after": peak.read()[0] - before}, sys.stdout)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux restarts its high-water mark")
def test_a_spike_of_256_mib_that_lasts_1_ms_is_found_within_2_mib(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SPIKE], env=environment.variables(1, "cpu", str(tmp_path)),
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["note"] == ""
    assert abs(found["spike"] - 256 * 2**20) <= 2 * 2**20
    assert abs(found["after"]) <= 2 * 2**20


def test_what_a_child_leaves_behind_stays_in_the_runs_own_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import tempfile; print(tempfile.gettempdir())"],
        env=environment.variables(1, "cpu", str(tmp_path)), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert Path(done.stdout.strip()) == tmp_path


@pytest.mark.framework
def test_the_sources_that_tensorflow_traces_stay_there_when_a_child_is_killed(tmp_path: Path) -> None:
    def traced(folder: Path) -> set[Path]:
        return set(folder.glob("__autograph_generated_file*"))

    child = ProcessChild("tensorflow", environment.variables(1, "cpu", str(tmp_path)), lambda: False)
    try:
        child.ask("load", timeout=180, threads=1)
        child.ask("use", timeout=60, device="cpu", seed=0)
        child.ask("prepare", timeout=180, probe="mlp.train_step", seed=0, sizes=SIZES)
        psutil.Process(child.pid).kill()
    finally:
        child.close()
    assert traced(tmp_path)
