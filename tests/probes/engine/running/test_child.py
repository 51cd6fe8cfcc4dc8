"""Real child processes, without a framework: what happens when they die, hang, or lose their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from probes.engine.running import environment
from probes.engine.running.child import CancelledError, ChildError, ProcessChild
from probes.schema import Outcome
from tests.places import ROOT
from tests.processes import over, wait_until

posix = pytest.mark.skipif(os.name != "posix", reason="signals and process groups are POSIX")


class Switch:
    """A cancel button."""

    def __init__(self) -> None:
        self.on = False

    def __call__(self) -> bool:
        return self.on


@pytest.fixture
def cancel() -> Switch:
    return Switch()


@pytest.fixture
def child(tmp_path: Path, cancel: Switch) -> Iterator[ProcessChild]:
    started = ProcessChild("pytorch", environment.variables(1, "cpu", str(tmp_path)), cancel)
    started.ask("limit", timeout=60, cpus=[], memory=0)
    yield started
    started.close()


def gone(pid: int) -> bool:
    """True once the process has ended; fails if it doesn't."""
    try:
        process = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return True
    return wait_until(lambda: over(process), f"the end of process {pid}", patience=10.0)


def test_a_command_it_does_not_know_is_an_error_it_survives(child: ProcessChild) -> None:
    with pytest.raises(ChildError, match="unknown command 'dance'") as caught:
        child.ask("dance", timeout=60)
    assert (caught.value.outcome, caught.value.dead) == (Outcome.FAILED, False)
    assert child.ask("limit", timeout=60, cpus=[], memory=0)


def test_an_exception_in_a_command_is_reported_with_its_words(child: ProcessChild) -> None:
    with pytest.raises(ChildError, match="RuntimeError: no instance was prepared"):
        child.ask("warm", timeout=60, limit=1.0)


@posix
def test_a_killed_child_fails_with_the_signal_that_ended_it(child: ProcessChild) -> None:
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(ChildError, match="ended with signal SIGKILL") as caught:
        child.ask("warm", timeout=60, limit=1.0)
    assert (caught.value.outcome, caught.value.dead, caught.value.framework) == (Outcome.FAILED, True, "pytorch")


def test_a_crash_is_reported_with_the_last_lines_of_stderr(tmp_path: Path, cancel: Switch) -> None:
    variables = environment.variables(1, "cpu", str(tmp_path))
    site = tmp_path / "site"
    site.mkdir()
    noise = "E0000 00:00:1795432789.928389 1 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error"
    crash = f"import sys\nprint({noise!r}, file=sys.stderr)\nsys.exit('the interpreter is unwell')\n"
    (site / "sitecustomize.py").write_text(crash, encoding="utf-8")
    variables["PYTHONPATH"] = os.pathsep.join([str(site), variables["PYTHONPATH"]])
    broken = ProcessChild("pytorch", variables, cancel)
    with pytest.raises(ChildError, match="the interpreter is unwell") as caught:
        broken.ask("limit", timeout=60, cpus=[], memory=0)
    broken.close()
    assert caught.value.dead
    assert "cuInit" not in caught.value.reason, "what TensorFlow always writes is nobody's last word"


@posix
def test_a_crash_in_a_library_says_where(child: ProcessChild) -> None:
    os.kill(child.pid, signal.SIGSEGV)
    with pytest.raises(ChildError, match="ended with signal SIGSEGV\nFatal Python error: Segmentation fault") as caught:
        child.ask("warm", timeout=60, limit=1.0)
    assert "most recent call first" in caught.value.reason
    assert "in serve" in caught.value.reason, caught.value.reason


@posix
def test_a_child_that_hangs_times_out_and_is_ended(child: ProcessChild) -> None:
    os.kill(child.pid, signal.SIGSTOP)
    with pytest.raises(ChildError) as caught:
        child.ask("warm", timeout=0.3, limit=1.0)
    assert caught.value.outcome == Outcome.TIMED_OUT
    assert gone(child.pid)


@posix
def test_cancelling_ends_a_hanging_child_within_two_seconds(child: ProcessChild, cancel: Switch) -> None:
    os.kill(child.pid, signal.SIGSTOP)
    cancel.on = True
    start = time.monotonic()
    with pytest.raises(CancelledError):
        child.ask("warm", timeout=60, limit=1.0)
    assert gone(child.pid)
    assert time.monotonic() - start < 2.0  # the promise to users, here with nothing else to wait for


def test_cancelling_is_seen_between_replies_that_come_at_once(child: ProcessChild, cancel: Switch) -> None:
    """A run of short blocks: nobody ever waits for a reply long enough to look."""

    def ask_on() -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            child.ask("limit", timeout=60, cpus=[], memory=0)

    cancel.on = True
    with pytest.raises(CancelledError):
        ask_on()
    assert gone(child.pid)


def test_closing_twice_is_fine(child: ProcessChild) -> None:
    child.close()
    child.close()
    assert gone(child.pid)


NOISE = """
import os, threading, time

def say():
    while not os.path.sameopenfile(1, 2):
        time.sleep(0.01)
    os.write(1, b"noise on stdout\\n")

threading.Thread(target=say, daemon=True).start()
"""


def test_what_a_library_prints_does_not_reach_the_replies(tmp_path: Path, cancel: Switch) -> None:
    variables = environment.variables(1, "cpu", str(tmp_path))
    (tmp_path / "site").mkdir()
    # A print before the worker owns its pipe would be a broken interpreter; after that, fd 1 is stderr.
    (tmp_path / "site" / "sitecustomize.py").write_text(NOISE, encoding="utf-8")
    variables["PYTHONPATH"] = os.pathsep.join([str(tmp_path / "site"), variables["PYTHONPATH"]])
    noisy = ProcessChild("pytorch", variables, cancel)
    deadline = time.monotonic() + 60
    while "noise on stdout" not in " ".join(noisy._words) and time.monotonic() < deadline:
        assert "cpus" in noisy.ask("limit", timeout=60, cpus=[], memory=0)
    assert "noise on stdout" in " ".join(noisy._words)
    noisy.close()


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG and /proc are Linux's")
@pytest.mark.parametrize("stopped", [False, True], ids=["idle", "not reading its stdin"])
def test_a_killed_parent_leaves_no_orphan(tmp_path: Path, stopped: bool) -> None:
    script = (
        "import sys, time\n"
        "from probes.engine.running import environment\n"
        "from probes.engine.running.child import ProcessChild\n"
        f"child = ProcessChild('pytorch', environment.variables(1, 'cpu', {str(tmp_path)!r}), lambda: False)\n"
        "child.ask('limit', timeout=60, cpus=[], memory=0)\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    if stopped:
        os.kill(pid, signal.SIGSTOP)
    parent.kill()
    parent.wait()
    assert gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="affinity and resource limits as Linux has them")
def test_limits_are_set_before_any_framework_is_there(child: ProcessChild) -> None:
    core = min(os.sched_getaffinity(0))
    assert child.ask("limit", timeout=60, cpus=[core], memory=2 * 2**30)["cpus"] == [core]
    assert psutil.Process(child.pid).rlimit(psutil.RLIMIT_DATA) == (2 * 2**30, 2 * 2**30)
    assert int(Path(f"/proc/{child.pid}/oom_score_adj").read_text(encoding="ascii")) == 800


@pytest.mark.skipif(sys.platform != "linux", reason="reads CPU times of a process of Linux")
def test_an_idle_child_uses_no_cpu(child: ProcessChild) -> None:
    process = psutil.Process(child.pid)
    before = sum(process.cpu_times()[:2])
    time.sleep(1.0)  # nothing can signal that nothing happens
    assert sum(process.cpu_times()[:2]) - before <= 0.02
