"""Threads that spin after their work are asleep before the other side's turn."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from probes import catalog
from probes.engine.child import clocked_steps
from probes.engine.running import environment
from probes.engine.running.child import ProcessChild
from probes.engine.watching.topology import affinity
from tests.processes import wait_until

#: A pool of two burned 3 to 11 ms of CPU after its last step (30 times, libgomp's default); a passive one 0.03 to 0.07.
SPUN = 0.0015


def test_a_process_rests_when_its_clock_of_cpu_time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    now, burning = [0.0], [0.005]
    monkeypatch.setattr(clocked_steps, "_running", lambda: False)
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(time, "process_time", lambda: min(now[0], burning[0]))
    monkeypatch.setattr(time, "sleep", lambda seconds: now.append(now.pop() + seconds))
    clocked_steps.rest()
    assert now[0] == pytest.approx(0.006), "5 ms of spinning, and a look that finds none"
    burning[0] = 9.0
    clocked_steps.rest()
    assert now[0] == pytest.approx(0.006 + clocked_steps.REST_SECONDS, abs=2 * clocked_steps.REST_LOOK)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_a_thread_that_has_work_is_seen() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=lambda: [None for _ in iter(stop.is_set, True)])
    thread.start()
    try:
        wait_until(clocked_steps._running, "a thread at work")
    finally:
        stop.set()
        thread.join()


@pytest.mark.framework
@pytest.mark.skipif(len(affinity()) < 2, reason="a pool of one thread has nobody who could spin")
def test_the_idle_side_uses_no_core_though_its_threads_may_spin(tmp_path: Path) -> None:
    variables = environment.variables(2, "cpu", str(tmp_path), passive=False)
    child = ProcessChild("pytorch", variables, lambda: False)
    sizes, seen = catalog.modules()["mlp"].SPEC.sized({}), []
    try:
        child.ask("load", timeout=180, threads=2)
        child.ask("use", timeout=60, device="cpu", seed=0)
        child.ask("prepare", timeout=180, probe="mlp.throughput_b256", seed=0, sizes=sizes)
        for _ in range(9):
            time.sleep(0.05)  # the other side's turn, in which this one does nothing
            seen.append(child.ask("block", timeout=180, steps=10, discard=1)["idle_cpu"])
    finally:
        child.close()
    assert sorted(seen[1:])[4] < SPUN, seen
