"""What grows with the number of machines: ``python -m benchmarks.fleet [--nodes 10 100 1000]``.

So many fake actors write recorded rounds into the real store through the real services, each as a machine of its own,
as fast as it takes them and as many at once as an executor has; they are a process of their own, as an executor is.
Meanwhile somebody saves answers and opens «Machines» again and again in this one. Prints writes a second, the longest
of them, how long saving and the page take, and the memory of both processes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
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
from advisor.queue.quotas import MOST_MACHINES
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
KINDS: Final = 5


@dataclass(frozen=True)
class Written:
    """What the executor's process did."""

    writes: int
    seconds: float
    longest: float  # of a write, seconds: its waiting included
    memory: float  # MB


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--nodes", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--looks", type=int, default=20, help="how often the page is opened once all is written")
    parser.add_argument("--at-once", type=int, default=MOST_MACHINES, help="actors; as many as an executor has")
    options = parser.parse_args()
    print(
        f"{'nodes':>7}{'writes/s':>10}{'longest s':>11}{'saving: median, p95 s':>28}"
        f"{'page while writing: median, p95 s':>36}{'page after: median, p95 s':>28}{'shown':>7}{'server MB':>11}"
        f"{'executor MB':>13}"
    )
    for nodes in options.nodes:
        with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, FULCRUM_DATA_DIR=folder):
            print(_simulated(Path(folder), nodes, options.looks, options.at_once), flush=True)


def _simulated(folder: Path, nodes: int, looks: int, at_once: int) -> str:
    services = wiring.build(wiring.Settings(data_dir=folder))
    record = records.read(RECORD)
    watched = services.store.create_decision(Answers()).id
    for number in range(max(0, nodes - MEASURE.kept), nodes):  # as many as a decision's evidence is looked for in
        services.store.adopt(watched, _run_of(record, number))
    for number in range(nodes):
        decision = services.store.create_decision(Answers(), address=f"network-{number}").id
        services.store.enqueue(MEASURE, record.request, OPERATOR, decision_id=decision)
    _open(services, watched)  # imports, caches
    meanwhile, saved = list[float](), list[float]()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(os.getpid).result()  # it is there
        writing = pool.submit(_write, folder, nodes, at_once)
        while not writing.done():
            meanwhile.append(_open(services, watched))
            saved.append(_save(services, len(saved)))
        written = writing.result()
    after = [_open(services, watched) for _ in range(looks)]
    memory = psutil.Process().memory_info().rss / 1e6
    return (
        f"{nodes:7,}{written.writes / written.seconds:10,.0f}{written.longest:11.2f}{_times(saved):>28}"
        f"{_times(meanwhile):>36}{_times(after):>28}{len(services.store.runs(watched)):7}{memory:11,.0f}"
        f"{written.memory:13,.0f}"
    )


def _write(folder: Path, nodes: int, at_once: int) -> Written:
    """What an executor writes of so many runs."""
    services, record = wiring.build(wiring.Settings(data_dir=folder)), records.read(RECORD)
    begun = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        each = pool.map(lambda number: _actor(services, number, _run_of(record, number)), range(nodes))
        took = list(chain.from_iterable(each))
    seconds = time.perf_counter() - begun
    return Written(len(took), seconds, max(took), psutil.Process().memory_info().rss / 1e6)


def _run_of(run: RunResult, number: int) -> RunResult:
    """The recorded run on another machine of one of a few kinds; no two have as much memory, and so none is another's
    twin, of which one would be shown."""
    node = replace(run.machine, cpu=f"Sample CPU {number % KINDS + 1}", memory_bytes=(8 + number) * 2**30)
    node = replace(node, name=machine.name_of(node), fingerprint=machine.fingerprint_of(node))
    return replace(run, machine=node)


def _actor(services: Services, number: int, run: RunResult) -> list[float]:
    """What is written of a run; how many seconds each write took."""
    store, took, moment = services.store, list[float](), time.perf_counter()

    def wrote() -> None:
        nonlocal moment
        before, moment = moment, time.perf_counter()
        took.append(moment - before)

    job = store.claim(f"node-{number}")
    wrote()
    if job is None:
        raise RuntimeError(f"nothing was left for node {number}")
    for round_ in run.rounds:
        store.tell(job.id, f"Round {round_.index + 1}", round_.index / len(run.rounds), planned_rounds=len(run.rounds))
        wrote()
        store.keep_round(job.id, round_)
        wrote()
    store.finish(job.id, "done", result=run)
    wrote()
    return took


def _save(services: Services, number: int) -> float:
    """Seconds until an answer is saved by the server while the executor's process writes."""
    begin = time.perf_counter()
    services.store.create_decision(Answers(), address=f"reader-{number}")
    return time.perf_counter() - begin


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
