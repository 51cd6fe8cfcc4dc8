"""How busy is this machine now? For people who are about to measure, or wonder why it takes long. Never blocks."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import psutil

from probes.engine.watching import counters
from probes.engine.watching.contention import CROWDED, stolen, waited
from probes.engine.watching.counters import NOTHING, CounterChange, Counters
from probes.results import Load
from probes.system.quantities import percent

#: Share of all cores that others use, from which it is worth a word.
BUSY = 0.25
FRESH_SECONDS = 2.0  # readings closer together than this say nothing new
WINDOW_SECONDS = 10.0  # what counts as now; as the kernel's own avg10
STALE_SECONDS = 20.0  # nobody has asked for so long: what happened since isn't now
#: Modules whose processes are measured, and whose processes measure or show: neither is a neighbour.
MEASURED = ("probes.engine.child.worker", "probes.check.worker", "probes.deploy.worker")
HELPERS = ("probes", "advisor")

CLOSE = "Close what you don't need: browser tabs, builds, other notebooks."
WAIT = "Wait until it is quiet."
LONGER = "Or choose a longer budget: more rounds make up for noise."
ELSEWHERE = "If it stays so, measure on another machine: a shared one gives its time to others."
BLIND = "this system doesn't tell who waits for a CPU, only how busy it is"


class Gauge:
    """Remembers the last seconds in which somebody asked. Safe to share between threads."""

    def __init__(self, read: Callable[[], Counters] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read or Census().read, clock
        self._lock = threading.Lock()
        self._last: tuple[float, Counters] | None = None
        self._changes: deque[tuple[float, CounterChange]] = deque()
        self._load: Load | None = None

    def read(self) -> Load | None:
        """Quiet, busy or contended in the last seconds, with reasons and what to do; None until that is known, which
        takes a second look, ``FRESH_SECONDS`` later."""
        with self._lock:
            now = self._clock()
            if self._last is not None and now - self._last[0] < FRESH_SECONDS:
                return self._load
            if self._last is not None and now - self._last[0] > STALE_SECONDS:
                self._last, self._load = None, None
                self._changes.clear()
            counted = self._read()
            if self._last is not None and not counters.ended(self._last[1], counted):
                self._changes.append((now, counters.change(self._last[1], counted)))
                while now - self._changes[0][0] >= WINDOW_SECONDS:
                    self._changes.popleft()
                self._load = judge(sum((change for _, change in self._changes), NOTHING))
            self._last = (now, counted)
            return self._load


def judge(change: CounterChange) -> Load:
    """What happened in these seconds. Pure."""
    contended: list[str] = []
    busy: list[str] = []
    if share := waited(change):
        contended.append(f"some task waited for a CPU {percent(share)} of the time")
    if by_others := stolen(change):
        contended.append(
            f"the hypervisor gave {percent(change.steal / change.total, 1)} of the CPU time to other machines"
        )
    others = change.others / change.total if change.total else 0.0
    if others > BUSY:
        (contended if others > CROWDED else busy).append(f"other programs use {percent(others)} of the CPU")
    note = (BLIND,) if change.waiting is None else ()
    if not contended and not busy:
        return Load("quiet", note, ())
    visible = (CLOSE, WAIT) if others > BUSY or share else (WAIT,)
    advice = (*visible, LONGER, *([ELSEWHERE] if by_others else []))
    return Load("contended" if contended else "busy", (*contended, *busy, *note), advice)


class Census:
    """Finds our processes among all; looks closely only at those that it doesn't know yet."""

    def __init__(
        self,
        pids: Callable[[], Iterable[int]] = psutil.pids,
        describe: Callable[[int], tuple[Sequence[str], int]] | None = None,
    ) -> None:
        self._pids, self._describe = pids, describe or _describe
        self._modules: dict[int, str] = {}

    def read(self) -> Counters:
        """The counters, and what ours have used of them."""
        self.find()
        measured = [pid for pid, module in self._modules.items() if module in MEASURED]
        helpers = {os.getpid(), *(pid for pid, module in self._modules.items() if module in HELPERS)}
        return counters.read(measured, helpers)

    def find(self) -> dict[int, str]:
        """The module that each process of ours runs, "" for strangers. What a measured process starts is measured."""
        before, self._modules = self._modules, {}
        for pid in sorted(self._pids()):  # parents first, nearly always
            self._modules[pid] = before[pid] if pid in before else self._module(pid)
        return dict(self._modules)

    def _module(self, pid: int) -> str:
        try:
            command, parent = self._describe(pid)
        except psutil.Error:
            return ""
        module = next((name for option, name in pairwise(command) if option == "-m"), "")
        if module in MEASURED + HELPERS:
            return module
        inherited = self._modules.get(parent, "")
        return inherited if inherited in MEASURED else ""


def _describe(pid: int) -> tuple[Sequence[str], int]:
    process = psutil.Process(pid)
    with process.oneshot():
        return process.cmdline(), process.ppid()
