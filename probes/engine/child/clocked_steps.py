"""Steps under the clocks of a measured child: the warm-up before them, and the rest after them."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

from probes.contracts import Timed

WARM_BLOCK_SECONDS = 0.002
WINDOW = 20  # blocks; two windows in a row must agree
FEWEST_IN_WINDOW = 5  # where a step is so long that 20 blocks would outlast the limit
WINDOW_AGREEMENT = 0.01
#: A pool that spins after its work burns for 3 to 11 ms of CPU (libgomp's default, 2 threads), and is given this long.
REST_SECONDS, REST_LOOK = 0.2, 0.001


def run(timed: Timed, steps: int) -> tuple[float, float]:
    """(wall, CPU) seconds a step. Only steps and the end of the last one lie between two readings of the clocks."""
    step, finish, clock, cpu_clock = timed.step, timed.finish, time.perf_counter, time.process_time
    cpu = cpu_clock()
    start = clock()
    for _ in range(steps):
        last = step()
    finish(last)
    wall = clock() - start
    return wall / steps, (cpu_clock() - cpu) / steps


def late(timed: Timed) -> float:
    """Seconds that work went on after the clock had stopped: about none, or a step ended before it was done."""
    start = time.perf_counter()
    timed.subject.settle()
    return time.perf_counter() - start


def warm_up(timed: Timed, limit: float) -> tuple[float, bool]:
    """Seconds a step, and whether they are steady: run until two windows in a row agree within 1 % or their own noise,
    with nothing traced in between, or ``limit`` seconds are over."""
    from statistics import median  # late: no cold start waits for it

    run(timed, 1)
    step = run(timed, 1)[0]
    steps = max(1, round(WARM_BLOCK_SECONDS / step))
    window = max(FEWEST_IN_WINDOW, min(WINDOW, int(limit / 3 / (steps * step))))
    start, previous, steady = time.perf_counter(), None, False
    while not steady and (previous is None or time.perf_counter() - start < limit):
        traces = timed.subject.traces()
        times = [run(timed, steps)[0] for _ in range(window)]
        middle = median(times)
        # 1.4826 MAD is a normal sample's standard deviation, 1.253 sd/√n the standard error of its median.
        noise = 1.4826 * 1.253 * median(abs(t - middle) for t in times) / window**0.5
        if previous is not None and timed.subject.traces() == traces:
            allowed = max(WINDOW_AGREEMENT * middle, 2 * (noise**2 + previous[1] ** 2) ** 0.5)
            steady = abs(middle - previous[0]) <= allowed
        previous = (middle, noise)
    return previous[0] if previous else step, steady


def rest() -> None:
    """Wait until threads that spin are asleep: the other side's turn is next, on the same cores. No event tells."""
    end = time.perf_counter() + REST_SECONDS
    before = time.process_time()
    while time.perf_counter() < end:
        time.sleep(REST_LOOK)
        now = time.process_time()
        if now - before < REST_LOOK / 2 and not _running():
            return
        before = now


def _running() -> bool:
    """Whether another thread of this process runs, or would if it had a core; Linux tells."""
    own, states = str(threading.get_native_id()), []
    for task in Path("/proc/self/task").glob("*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if task.parent.name != own:  # proc(5): the state follows a name that may hold blanks
                states.append(task.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0])
    return "R" in states
