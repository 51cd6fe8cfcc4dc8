"""What a child may know of its surroundings, and what it leaves there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from probes.engine.running import environment
from probes.engine.running.child import ProcessChild


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


def test_threads_that_may_spin_do_as_their_library_has_it() -> None:
    found = environment.variables(3, "cpu", "", {}, passive=False)
    assert not {"OMP_WAIT_POLICY", "KMP_BLOCKTIME"} & found.keys()
    assert found | {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"} == environment.variables(3, "cpu", "", {})


def test_memory_is_limited_unless_a_gpus_driver_may_map_far_more() -> None:
    for device, gpu_here, limited in (("cpu", True, True), ("auto", False, True), ("auto", True, False)):
        assert (environment.memory_limit(device, gpu_here=gpu_here) >= environment.MEMORY_FLOOR) is limited
    assert environment.memory_limit("cuda", gpu_here=False) == 0


SIZES = {"inputs": 8, "hidden1": 8, "hidden2": 8, "classes": 2}

SPIKE = """
import json, sys, time
import numpy as np
from probes.engine.child import peak_memory

size = 256 * 2**20
warm = np.ones(size // 8)  # a larger peak before the reset must not be found again
del warm
peak_memory.reset()
before, note = peak_memory.read()
spike = np.ones(size // 8)
time.sleep(0.001)
del spike
found = peak_memory.read()[0]
peak_memory.reset()
json.dump({"note": note, "spike": found - before, "after": peak_memory.read()[0] - before}, sys.stdout)
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
