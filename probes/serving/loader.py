"""The child that sends the load, on command: ``python -m probes.serving.loader PARENT_PID``. It has no framework."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.deploy import batches
from probes.deploy.schema import Logits
from probes.engine.child import command_loop
from probes.engine.child.command_loop import Reply, Servant
from probes.serving import figures, loadgen
from probes.serving.load_client import Bounds, LoadClient, Query, QueryFates
from probes.serving.loadgen import LoadPlan, Logged, Scenario
from probes.serving.replay import Replayer
from probes.serving.schema import Issued, Protocol, TestKind
from probes.serving.trace import Arrivals, TraceError, arrivals
from probes.serving.wire import predict, rest
from probes.serving.wire.connections import Connections, Grpc, Http

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.deploy.batches import Leaves

COMMANDS = ("prepare", "trace", "first", "answers", "test", "replay")

TRAY = 64  # inputs that a question of Offline holds
TRAYS = 4  # such questions at once
PATIENCE = 10.0  # seconds until an answer counts as missing
MOST_BYTES = 2**28  # of all questions that a trace asks
_SHARE = 1 - figures.PERCENTILE
_SWITCH_SECONDS = 0.0005  # a thread that LoadGen wakes must not wait Python's usual 5 ms for its turn


class Loader(Servant):
    """A client of one server. Each of ``COMMANDS`` is a method; its keyword arguments come from the supervisor."""

    def __init__(self) -> None:
        self._connections: Connections | None = None
        self._pending: threading.Event | None = None
        self._first: tuple[bytes | None, str] = (None, "")
        self._arrivals = Arrivals((), ())
        self._sizes: tuple[int, ...] = ()  # of the trace's requests
        self._sized: list[bytes] = []  # a question of each size

    def prepare(
        self, protocol: Protocol, target: str, path: str, model: str, inputs: str, source: Mapping[str, Any] | None,
        input_names: Sequence[str] = (), bearer: Sequence[str] = (),
    ) -> Reply:  # fmt: skip
        """Where to ask, and what: ``inputs`` is a file of arrays, ``source`` the answers that are right (None: any).

        ``target`` is HOST:PORT, or what else a gRPC channel takes. ``input_names``: of gRPC; asked for if left out.
        ``bearer``: see ``contracts.Launch``; over REST.
        """
        from probes.deploy import summary

        self._x = batches.read(Path(inputs))
        self._source = summary.unpack(Logits(**source)) if source is not None else None
        self._protocol, self._target, self._path, self._model, self._names = protocol, target, path, model, input_names
        self._bearer = tuple(bearer)
        if protocol == "rest":
            self._encode()
        return {}

    def trace(self, path: str, sha256: str, seconds: float, most: int) -> Reply:
        """What ``replay`` sends: a team's own requests, the first ``most`` that arrive within ``seconds``. Asked when
        the server has answered. Raises TraceError, for questions that are too large together as well."""
        self._arrivals = found = arrivals(Path(path), sha256).first(seconds, most)
        self._sizes, self._sized = tuple(sorted(set(found.rows))), []
        for size in self._sizes:
            self._sized.append(self._body(batches.resized(self._x, size)))
            if (total := sum(map(len, self._sized))) > MOST_BYTES:
                raise TraceError(
                    f"its requests up to {size} rows take {total:,} bytes", f"{MOST_BYTES:,}: fewer sizes, or smaller"
                )
        return {"requests": len(found.due), "seconds": found.due[-1]}

    def first(self, patience: float) -> Reply:
        """One input, asked once until it is answered or refused, over as many commands of ``patience`` seconds.

        ``state``: "answered", "waiting" or "refused"; with "answered" the deviation of the answer.
        """
        if self._pending is None:
            try:
                self._ask_first()
            except ConnectionError as refused:
                return {"state": "refused", "said": str(refused)}
        assert self._pending is not None  # noqa: S101 - made by _ask_first
        if not self._pending.wait(patience):
            return {"state": "waiting", "said": ""}
        self._pending = None
        body, error = self._first
        if body is None:
            self._disconnect()
            return {"state": "refused", "said": error}
        return {
            "state": "answered",
            "said": "",
            "deviation": self._deviation({0: body}, lambda _: self._answers_to(0, 1)),
        }

    def answers(self, seconds: float) -> Reply:
        """The largest deviation over all inputs, asked one after the other; trays too."""
        end = time.monotonic() + seconds
        bodies = {index: self._one(question, end) for index, question in enumerate(self._questions)}
        trays = {index: self._one(question, end) for index, question in enumerate(self._trays)}
        return {
            "deviation": max(
                self._deviation(bodies, lambda question: self._answers_to(question, 1)),
                self._deviation(trays, lambda question: self._answers_to(question * TRAY, TRAY)),
            )
        }

    def test(
        self, scenario: Scenario, seconds: float, rate: float, queries: int, limit: float, seed: int, most: int = 0
    ) -> Reply:
        """One test by LoadGen; see ``loadgen.Plan``. The reply is an ``Issued``."""
        offline = scenario == "Offline"
        bounds = {
            "SingleStream": Bounds(PATIENCE, may_fail=3),
            "Server": Bounds(max(2.0, 10 * limit), limit, int(queries * _SHARE), int(queries * _SHARE)),
            "Offline": Bounds(PATIENCE + 20 * limit, may_fail=0, in_flight=TRAYS),
        }[scenario]
        asker = self._asker(self._trays if offline else self._questions, bounds, loadgen.complete, offline=offline)
        plan = LoadPlan(scenario, seconds, rate, queries, most, limit, seed)
        tray = TRAY if offline else 1
        return self._run(
            scenario,
            asker,
            lambda: loadgen.run(plan, len(self._x[0]), asker.issue, Path(tempfile.gettempdir())),
            lambda question: self._answers_to(question * tray, tray),
        )

    def replay(self, poisson: bool, rate: float, limit: float, seed: int) -> Reply:
        """The requests of ``trace`` at their times; or, ``poisson``, as many drawn from them at LoadGen's times. Late
        answers and errors end neither, one that never comes does. The reply is an ``Issued``."""
        due, rows = self._arrivals.due, self._arrivals.rows
        places = [self._sizes.index(size) for size in rows]
        bounds = Bounds(PATIENCE, may_break=len(due), may_fail=len(due))
        expected = self._expected
        if not poisson:
            replaying = Replayer(due)
            asker = self._asker(self._sized, bounds, replaying.complete)
            return self._run("Trace", asker, lambda: replaying.run(asker.issue, places), expected)
        asker = self._asker(self._sized, bounds, loadgen.complete)
        plan = LoadPlan("Server", len(due) / rate, rate, len(due), 0, limit, seed)

        def issue(queries: Sequence[Query]) -> None:
            asker.issue([Query(query.id, places[query.place]) for query in queries])

        scratch = Path(tempfile.gettempdir())
        return self._run("Server", asker, lambda: loadgen.run(plan, len(due), issue, scratch), expected)

    def _asker(
        self,
        questions: Sequence[bytes],
        bounds: Bounds,
        complete: Callable[[Sequence[Query]], None],
        *,
        offline: bool = False,
    ) -> LoadClient:
        connections = self._connected()
        connections.waited = 0
        return LoadClient(connections, questions, bounds, complete, TRAY if offline else 1)

    def _run(
        self,
        scenario: TestKind,
        asker: LoadClient,
        test: Callable[[], Logged],
        expected: Callable[[int], NDArray[Any]],
    ) -> Reply:
        connections = self._connected()
        try:
            logged = test()
        finally:
            asker.close()
        issued = self._issued(scenario, logged, asker.seen, connections, expected)
        if asker.lost:
            self._disconnect()  # what is still on the way must not be taken for an answer to the next test
        return {"issued": asdict(issued)}

    def foreign(self) -> list[str]:
        """A framework in here would be measured along."""
        return [name for name in ("torch", "tensorflow", "jax") if name in sys.modules]

    def _encode(self) -> None:
        number = len(self._x[0])
        self._questions = [self._body(batches.rows(self._x, i, i + 1)) for i in range(number)]
        self._trays = [self._body(batches.rows(self._x, i, i + TRAY)) for i in range(0, number, TRAY)]

    def _body(self, leaves: Leaves) -> bytes:
        if self._protocol == "rest":
            return rest.encode(*leaves, columns=batches.names(len(leaves)) if len(leaves) > 1 else ())
        return predict.encode(batches.fed(self._names, leaves), self._model)

    def _ask_first(self) -> None:
        if self._protocol == "grpc" and not self._names:
            self._names = self._ask_names()
        if self._protocol == "grpc":
            self._encode()
        connections = self._connected()  # before it counts as asked
        self._pending = done = threading.Event()

        def ended(body: bytes | None, error: str) -> None:
            self._first = body, error
            done.set()

        connections.send(self._questions[0], ended)

    def _ask_names(self) -> Sequence[str]:
        channel = Grpc(self._target, predict.METADATA, 5.0)
        try:
            return predict.input_names(_wait(channel, predict.ask_metadata(self._model), time.monotonic() + 5.0))
        finally:
            channel.close()

    def _connected(self) -> Connections:
        if self._connections is None:
            if self._protocol == "rest":
                host, _, port = self._target.rpartition(":")
                self._connections = Http(host, int(port), self._path, _token(self._bearer))
            else:
                self._connections = Grpc(self._target, predict.PREDICT, PATIENCE)
        return self._connections

    def _disconnect(self) -> None:
        connections, self._connections = self._connections, None
        if connections is not None:
            connections.close()

    def _one(self, question: bytes, end: float) -> bytes:
        return _wait(self._connected(), question, min(end, time.monotonic() + PATIENCE))

    def _answers_to(self, start: int, rows: int) -> NDArray[Any]:
        """The source's answers to some of the inputs, one after the other."""
        assert self._source is not None  # noqa: S101 - asked by _deviation, which has looked
        return self._source[start : start + rows]

    def _expected(self, question: int) -> NDArray[Any]:
        """The source's answers to a question of the trace."""
        assert self._source is not None  # noqa: S101 - asked by _deviation, which has looked
        return self._resized(self._source, self._sizes[question])

    @staticmethod
    def _resized(rows: NDArray[Any], number: int) -> NDArray[Any]:
        """So many rows, from the beginning again where there are too few."""
        import numpy as np

        return np.resize(rows, (number, *rows.shape[1:]))

    def _deviation(self, bodies: Mapping[int, bytes], expected: Callable[[int], NDArray[Any]]) -> float:
        """Largest of the answers, by question, from the ``expected``. Raises ValueError for what is no answer to it."""
        import numpy as np

        decode = rest.decode if self._protocol == "rest" else predict.decode
        largest = 0.0
        if self._source is None:
            return largest
        for index, body in bodies.items():
            right, answer = expected(index), decode(body)
            if answer.shape != right.shape:
                raise ValueError(f"it answers with {answer.shape} numbers, its source with {right.shape}")
            off = float(np.abs(answer.astype(float) - right).max())
            largest = max(largest, off if np.isfinite(off) else sys.float_info.max)
        return largest

    def _issued(
        self,
        scenario: TestKind,
        logged: Logged,
        seen: QueryFates,
        connections: Connections,
        expected: Callable[[int], NDArray[Any]],
    ) -> Issued:
        pairs = list(zip(logged.samples, seen.fates, strict=True))
        answered = [sample.ended for sample, fate in pairs if fate == "answered"]
        begin = min((sample.due for sample, _ in pairs), default=0.0)
        end = max((sample.due + sample.ended for sample, _ in pairs), default=begin)
        late = sorted(sample.sent for sample, _ in pairs) if scenario in ("Server", "Trace") else []
        return Issued(
            scenario=scenario,
            latencies=figures.pack(answered),
            samples=len(answered),
            seconds=end - begin,
            valid=logged.valid and len(answered) == len(pairs),
            why=logged.why,
            loadgen_p99_s=logged.p99,
            late_s=figures.percentile(late, figures.PERCENTILE) if late else 0.0,
            waited=connections.waited,
            connections=connections.opened,
            errors=seen.fates.count("error"),
            error=seen.error,
            unsent=seen.fates.count("unsent"),
            deviation=self._deviation(seen.bodies, expected),
        )


def _token(bearer: Sequence[str]) -> str:
    """What lies in the file below those keys, "" without a file. Raises ConnectionError while it isn't there."""
    if not bearer:
        return ""
    file, *keys = bearer
    try:
        content = json.loads(Path(file).read_text(encoding="utf-8"))
        for key in keys:
            content = content[key]
    except (OSError, ValueError, KeyError, TypeError):
        raise ConnectionError("it has not written its token yet") from None
    return str(content)


def _wait(connections: Connections, question: bytes, end: float) -> bytes:
    """One question and its answer. Raises ConnectionError."""
    answers: list[tuple[bytes | None, str]] = []
    done = threading.Event()

    def ended(body: bytes | None, error: str) -> None:
        answers.append((body, error))
        done.set()

    connections.send(question, ended)
    if not done.wait(max(0.0, end - time.monotonic())):
        raise ConnectionError("no answer within the time limit")
    body, error = answers[0]
    if body is None:
        raise ConnectionError(error)
    return body


if __name__ == "__main__":
    sys.setswitchinterval(_SWITCH_SECONDS)
    command_loop.serve(int(sys.argv[1]), COMMANDS, Loader)
