"""Two editors who change a decision at once: ``python -m tests.stress.edits --pairs 1000``.

Starts the real app on loopback and opens two of a decision's pages as two browsers with the right to edit. Each pair of
changes comes 0 to 50 ms apart, of different answers or of the same one. Lost is: a different answer that isn't stored
afterwards; a value of the same answer that is neither stored nor shown beside the other one on either page.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit

from streamlit.proto.WidgetStates_pb2 import WidgetState

from advisor.answers import Answers
from advisor.ports import Store
from advisor.records import DecisionRecord
from advisor.storage import SqlStore, open_database
from scripts import driving
from tests.streamlit_client import Drawn, Tab, Visitor

MOST_PAIRS = 5000
GAPS_MS = (0, 2, 5, 10, 20, 50)
NAME, SIZE = "answer-project.name", "answer-team.size"


@dataclass
class Result:
    """What became of the pairs. Milliseconds are from a change sent to its script run's end."""

    pairs: int = 0
    different: int = 0
    same: int = 0
    lost: list[str] = field(default_factory=list)
    slowest_ms: float = 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.edits")
    parser.add_argument("--pairs", type=int, default=100, help=f"up to {MOST_PAIRS}, 100 if left out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, driving.running_app(Path(folder)) as address:
        store = SqlStore(open_database(f"sqlite:///{folder}/fulcrum.db"))
        result = stress(address, store, min(options.pairs, MOST_PAIRS), options.seed)
    if options.json:
        print(json.dumps(asdict(result)))
    else:
        print(f"{platform.platform()}, Python {platform.python_version()}")
        print(f"{result.different} pairs of different answers, {result.same} of the same, 0-{GAPS_MS[-1]} ms apart")
        print(f"lost: {len(result.lost)}; slowest change {result.slowest_ms:.0f} ms")
        print("\n".join(result.lost))
    return bool(result.lost)


def stress(address: str, store: Store, pairs: int, seed: int) -> Result:
    """``pairs`` pairs of changes of one decision."""
    drawn, result = random.Random(seed), Result()
    record = store.create_decision(Answers(), owner="")
    visitors = [_editor(address, record) for _ in range(2)]
    query = f"decision={record.id}"
    with visitors[0].page("", query) as first, visitors[1].page("", query) as second, ThreadPoolExecutor(2) as threads:
        pages = (first.run(), second.run())
        for number in range(pairs):
            gap, same = drawn.choice(GAPS_MS) / 1000, drawn.random() < 0.5
            values = (f"first {number}", f"second {number}" if same else str(1 + number % 900))
            states = (
                WidgetState(id=pages[0].widgets[NAME], string_value=values[0]),
                WidgetState(id=pages[1].widgets[NAME], string_value=values[1])
                if same
                else WidgetState(id=pages[1].widgets[SIZE], double_value=float(values[1])),
            )
            barrier = Barrier(2)
            waits = (0.0, gap) if drawn.random() < 0.5 else (gap, 0.0)
            jobs = [
                threads.submit(_change, tab, state, barrier, wait)
                for tab, state, wait in zip((first, second), states, waits, strict=True)
            ]
            ends = [job.result() for job in jobs]
            result.slowest_ms = max(result.slowest_ms, *(seconds * 1000 for _, seconds in ends))
            pages = (first.run(), second.run())
            seen = [page.text for page, _ in ends] + [page.text for page in pages]
            _judge(result, store, record.id, values, same, seen, gap)
    return result


def _editor(address: str, record: DecisionRecord) -> Visitor:
    visitor = Visitor(address, (urlsplit(address).hostname or "", urlsplit(address).port or 0), origin=address)
    visitor.ask(f"/?decision={record.id}&edit={record.edit_key}")
    return visitor


def _change(tab: Tab, state: WidgetState, barrier: Barrier, wait: float) -> tuple[Drawn, float]:
    barrier.wait()
    time.sleep(wait)  # the gap between the two is what is tried
    start = time.perf_counter()
    return tab.run(state), time.perf_counter() - start


def _judge(
    result: Result, store: Store, decision: str, values: tuple[str, str], same: bool, seen: list[str], gap: float
) -> None:
    result.pairs += 1
    kept = store.decision(decision)
    answers = kept.answers if kept else Answers()
    if not same:
        result.different += 1
        if (answers.project.name, answers.team.size) != (values[0], int(values[1])):
            result.lost.append(f"different, {gap * 1000:.0f} ms: {answers.project.name!r}, {answers.team.size}")
        return
    result.same += 1
    both = any("two people at once" in text and all(value in text for value in values) for text in seen)
    if answers.project.name not in values or not both:
        result.lost.append(f"same, {gap * 1000:.0f} ms: {answers.project.name!r} is stored, both shown: {both}")


if __name__ == "__main__":
    sys.exit(main())
