"""Requests are sent when they are due; against LoadGen, at the very times that it drew itself."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import pytest

from probes.serving.load_client import Query
from probes.serving.replay import Replayer
from tests.places import ROOT


class Clock:
    """Time goes on only while somebody sleeps, and sleeps last as long as they are said to."""

    def __init__(self, overslept: float = 0.0) -> None:
        self.now, self.overslept = 100.0, overslept

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds + self.overslept


def replayed(due: Sequence[float], clock: Clock, takes: float) -> list[tuple[float, float]]:
    """(sent, ended) of each, where sending itself ``takes`` so long and the answer is there then."""
    replayer = Replayer(due, clock, clock.sleep)

    def issue(queries: Sequence[Query]) -> None:
        clock.now += takes
        replayer.complete(queries)

    logged = replayer.run(issue, [0] * len(due))
    assert [sample.due for sample in logged.samples] == [*due]
    return [(sample.sent, sample.ended) for sample in logged.samples]


def test_each_is_sent_when_it_is_due() -> None:
    found = replayed([0.0, 0.5, 0.5, 3.0], Clock(), takes=0.0)
    assert found == [(pytest.approx(0, abs=1e-9),) * 2] * 4


def test_latencies_count_from_when_a_request_was_due_though_it_was_sent_late() -> None:
    """Each takes a second, and two come at once: the second of them has waited."""
    found = replayed([0.0, 0.0, 5.0], Clock(), takes=1.0)
    assert [sent for sent, _ in found] == pytest.approx([0, 1, 0])
    assert [ended for _, ended in found] == pytest.approx([1, 2, 1])


def test_a_clock_that_oversleeps_shows_in_what_was_sent() -> None:
    found = replayed([0.0, 1.0, 2.0], Clock(overslept=0.1), takes=0.0)
    assert [sent for sent, _ in found] == pytest.approx([0.1, 0.1, 0.1])


def test_it_ends_when_the_last_answer_is_there_whoever_brings_it() -> None:
    clock = Clock()
    replayer, queries = Replayer([0.0, 1.0], clock, clock.sleep), list[Query]()

    def issue(some: Sequence[Query]) -> None:
        queries.extend(some)
        if len(queries) == 2:
            threading.Thread(target=replayer.complete, args=(queries[::-1],)).start()

    assert len(replayer.run(issue, [4, 5]).samples) == 2
    assert [query.place for query in queries] == [4, 5]


@pytest.mark.slow
def test_at_the_times_that_loadgen_drew_it_sees_what_loadgen_saw() -> None:
    """One server, 5 ms a request: what a request waits follows from the times of the others (Lindley's recursion).
    No client may see less; and this one sees about as much more as LoadGen does."""
    pytest.importorskip("mlperf_loadgen")
    done = subprocess.run(
        [sys.executable, "-m", "tests.probes.serving.beside_loadgen"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told["replayed_due"] == pytest.approx(told["due"])
    waits, service = [told["service"]], told["service"]
    for before, at in pairwise(told["due"]):
        waits.append(max(waits[-1] - (at - before), 0.0) + service)
    assert max(waits) > 2 * service, "some had to wait"
    more = {}
    for client in ("loadgen", "replayed"):
        more[client] = [seen - least for seen, least in zip(told[client], waits, strict=True)]
        assert min(more[client]) > -1e-3, client
    assert median(more["replayed"]) < median(more["loadgen"]) + 0.005
