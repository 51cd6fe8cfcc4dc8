"""What grows with the number of machines: ``python -m benchmarks.fleet [--nodes 10 100 1000]``.

So many fake actors write recorded rounds into the real store through the real services, each as a machine of its own,
as fast as it takes them; meanwhile somebody opens «Machines» again and again. Prints writes a second, how long the page
takes, and the memory of the process that does all of this (pages included). One process: a server and an executor
apart share less.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final
from unittest.mock import patch

import psutil
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from advisor import wiring
from advisor.answers import Answers
from advisor.ports import Services
from advisor.queue.kinds import MEASURE
from advisor.records import Requester
from probes import records
from probes.engine.watching import machine
from probes.results import RunResult
from probes.system.data_files import HOME
from ui.app import services as shared
from ui.app.server import SHELL
from ui.session import rights

RECORD: Final = HOME / "docs" / "measurements" / "run-xeon-mlp-2026-11-30.json"
OPERATOR: Final = Requester(operator=True)
AT_ONCE: Final = 4  # actors that write at the same moment: SQLite has one writer, and locks the others out in time
KINDS: Final = 5


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--nodes", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--looks", type=int, default=20, help="how often the page is opened, while writing and after")
    options = parser.parse_args()
    print("  nodes  writes/s  page while writing: median, p95 s  page after: median, p95 s  machines shown  memory MB")
    for nodes in options.nodes:
        with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, FULCRUM_DATA_DIR=folder):
            print(_simulated(wiring.build(wiring.Settings(data_dir=Path(folder))), nodes, options.looks), flush=True)


def _simulated(services: Services, nodes: int, looks: int) -> str:
    runs = [_run_of(number) for number in range(nodes)]
    watched = services.store.create_decision(Answers()).id
    for run in runs[-MEASURE.kept :]:  # as many as a decision's evidence is looked for in
        services.store.adopt(watched, run)
    for number, _ in enumerate(runs):
        decision = services.store.create_decision(Answers(), address=f"network-{number}").id
        services.store.enqueue(MEASURE, runs[0].request, OPERATOR, decision_id=decision)
    _open(services, watched)  # imports, caches
    begun, over = time.perf_counter(), threading.Event()
    meanwhile: list[float] = []
    watcher = threading.Thread(target=_watch, args=(services, watched, meanwhile, over))
    watcher.start()
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            writes = sum(pool.map(lambda one: _actor(services, *one), enumerate(runs)))
        seconds = time.perf_counter() - begun
    finally:
        over.set()
        watcher.join()
    after = [_open(services, watched) for _ in range(looks)]
    shown = len(services.store.runs(watched))
    memory = psutil.Process().memory_info().rss / 1e6
    return f"{nodes:7,}{writes / seconds:10,.0f}{_times(meanwhile):>34}{_times(after):>27}{shown:16}{memory:11,.0f}"


def _run_of(number: int) -> RunResult:
    """The recorded run on another machine of one of a few kinds; no two have as much memory, and so none is another's
    twin, of which one would be shown."""
    run = records.read(RECORD)
    node = replace(run.machine, cpu=f"Sample CPU {number % KINDS + 1}", memory_bytes=(8 + number) * 2**30)
    node = replace(node, name=machine.name_of(node), fingerprint=machine.fingerprint_of(node))
    return replace(run, machine=node)


def _actor(services: Services, number: int, run: RunResult) -> int:
    """What an executor writes of a run; how many times it wrote."""
    store = services.store
    job = store.claim(f"node-{number}")
    if job is None:
        raise RuntimeError(f"nothing was left for node {number}")
    for round_ in run.rounds:
        store.tell(job.id, f"Round {round_.index + 1}", round_.index / len(run.rounds), planned_rounds=len(run.rounds))
        store.keep_round(job.id, round_)
    store.finish(job.id, "done", result=run)
    return 2 * len(run.rounds) + 2


def _watch(services: Services, decision: str, seconds: list[float], over: threading.Event) -> None:
    while not over.is_set():
        seconds.append(_open(services, decision))


def _open(services: Services, decision: str) -> float:
    """Seconds that «Machines» takes for a new visitor, as the server draws it; the browser comes on top."""
    with _as_visitor(services):
        page = AppTest.from_file(SHELL, default_timeout=120)
        page.query_params["decision"] = decision
        page._page_hash = calc_hash("machines")  # pages are callables, which AppTest can't name otherwise
        begin = time.perf_counter()
        page.run()
        seconds = time.perf_counter() - begin
    if page.exception:
        raise RuntimeError(page.exception[0].message)
    return seconds


@contextmanager
def _as_visitor(services: Services) -> Iterator[None]:
    """AppTest has no request, so neither cookies nor an address."""
    with (
        patch.object(shared, "get", lambda: services),
        patch.object(rights, "browser", lambda: ""),
        patch.object(rights, "operates", lambda _: False),
        patch.object(rights, "requester", lambda _: Requester()),
    ):
        yield


def _times(seconds: Sequence[float]) -> str:
    if not seconds:
        return "–"
    p95 = sorted(seconds)[min(len(seconds) - 1, int(0.95 * len(seconds)))]
    return f"{statistics.median(seconds):.2f}, {p95:.2f} ({len(seconds)})"


if __name__ == "__main__":
    main()
