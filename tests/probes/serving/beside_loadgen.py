"""LoadGen's arrivals at one slow server, then the same ones replayed: what both saw, as JSON. In a process of its own:
LoadGen brings threads."""

from __future__ import annotations

import json
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from probes.serving import loadgen
from probes.serving.load_client import Query
from probes.serving.loadgen import LoadPlan
from probes.serving.replay import Replayer

SERVICE, RATE, QUERIES = 0.005, 100.0, 200


class OneServer:
    """Answers one request after the other, 5 ms each and never less."""

    def __init__(self, complete: Callable[[Sequence[Query]], None]) -> None:
        self._complete, self._waiting = complete, queue.SimpleQueue[Query]()
        threading.Thread(target=self._serve, daemon=True).start()

    def issue(self, queries: Sequence[Query]) -> None:
        for query in queries:
            self._waiting.put(query)

    def _serve(self) -> None:
        while True:
            query, end = self._waiting.get(), time.perf_counter() + SERVICE
            while (left := end - time.perf_counter()) > 0:
                time.sleep(left)
            self._complete([query])


def main() -> None:
    sys.setswitchinterval(0.0005)
    with tempfile.TemporaryDirectory() as scratch:
        plan = LoadPlan("Server", QUERIES / RATE, RATE, QUERIES, 0, 1.0, 0)
        first = loadgen.run(plan, 8, OneServer(loadgen.complete).issue, Path(scratch))
    due = [sample.due - first.samples[0].due for sample in first.samples]
    replayer = Replayer(due)
    again = replayer.run(OneServer(replayer.complete).issue, [0] * len(due))
    told = {
        "service": SERVICE,
        "due": due,
        "replayed_due": [sample.due for sample in again.samples],
        "loadgen": [sample.ended for sample in first.samples],
        "replayed": [sample.ended for sample in again.samples],
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
