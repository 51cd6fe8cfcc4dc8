"""Connections that carry many questions at once and stay open: HTTP/1.1 over sockets, gRPC over a channel."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from probes.system.quoting import quoted

T = TypeVar("T")

#: Called once a question, from a thread of the connections: the answer's bytes, or None and what went wrong.
Done = Callable[[bytes | None, str], None]

MOST = 128  # HTTP connections that are open at once; who finds all busy waits, and is counted


class Connections(Protocol):
    """Somewhere to send bytes and get bytes back."""

    waited: int  # questions that found every connection busy
    opened: int  # most connections at once

    def send(self, body: bytes, done: Done) -> None:
        """Send, and return at once. From any thread."""

    def close(self) -> None:
        """End all; what is still asked is answered with an error."""


class LoopThread:
    """One thread with an event loop, for all that a client's connections do.

    A thread a connection would make the client switch more than it sends. And LoadGen keeps a log for every thread that
    it hears answers from: it is to hear them from one that stays. (grpcio's futures begin a thread with a call and end
    it when no call is left, which is once a query where one is asked after the other.)
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.closing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        """From any thread: call ``function`` in this one, soon."""
        self.loop.call_soon_threadsafe(function, *arguments)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """From another thread: the result of ``work`` in this one."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def task(self, work: Coroutine[Any, Any, None]) -> None:
        """In this thread: begin ``work``."""
        task = self.loop.create_task(work)
        self._tasks.add(task)  # the loop itself holds a task only weakly
        task.add_done_callback(self._tasks.discard)

    def close(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """From another thread: do ``last``, let what was begun end, and end the thread."""
        self.closing = True
        self.wait(self._end(last))
        self.call(self.loop.stop)
        self._thread.join(5.0)
        if not self._thread.is_alive():
            self.loop.close()

    async def _end(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await last()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)


class Http:
    """HTTP/1.1 with keep-alive: one question a connection at a time, as many connections as are needed, up to MOST."""

    def __init__(self, host: str, port: int, path: str, token: str = "") -> None:
        """``token``: sent with every question."""
        self.waited = self.opened = 0
        self._host, self._port = host, port
        head = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        self._head = (head + (f"Authorization: Bearer {token}\r\n" if token else "")).encode()
        self._idle: list[_Line] = []
        self._busy: set[_Line] = set()
        self._queue: deque[tuple[bytes, Done]] = deque()
        self._connecting = 0
        self._thread = LoopThread()

    def send(self, body: bytes, done: Done) -> None:
        self._thread.call(self._send, body, done)

    def close(self) -> None:
        self._thread.close(self._end)

    async def _end(self) -> None:
        for line in (*self._idle, *self._busy):
            line.end()
        while self._queue:
            self._queue.popleft()[1](None, "the client was closed")

    def _send(self, body: bytes, done: Done) -> None:
        if self._idle:
            self._give(self._idle.pop(), body, done)
            return
        self._queue.append((body, done))
        if len(self._busy) + self._connecting >= MOST:
            self.waited += 1
        elif len(self._queue) > self._connecting:
            self._connecting += 1
            self._thread.task(self._connect())

    async def _connect(self) -> None:
        line = _Line(self._freed, self._lost)
        try:
            await self._thread.loop.create_connection(lambda: line, self._host, self._port)
        except OSError as error:
            self._connecting -= 1
            if self._queue:
                self._queue.popleft()[1](None, f"no connection: {error.strerror or error}")
            return
        self._connecting -= 1
        self.opened = max(self.opened, len(self._busy) + len(self._idle) + 1)
        self._next(line)

    def _give(self, line: _Line, body: bytes, done: Done) -> None:
        self._busy.add(line)
        line.ask(self._head + b"Content-Length: %d\r\n\r\n" % len(body) + body, done)

    def _next(self, line: _Line) -> None:
        if self._queue:
            self._give(line, *self._queue.popleft())
        else:
            self._idle.append(line)

    def _freed(self, line: _Line) -> None:
        self._busy.discard(line)
        self._next(line)

    def _lost(self, line: _Line) -> None:
        self._busy.discard(line)
        if line in self._idle:
            self._idle.remove(line)
        if self._queue and len(self._queue) > self._connecting and not self._thread.closing:
            self._connecting += 1
            self._thread.task(self._connect())


class _Line(asyncio.Protocol):
    """One connection and the answer that it waits for."""

    def __init__(self, freed: Callable[[_Line], None], lost: Callable[[_Line], None]) -> None:
        self._freed, self._lost = freed, lost
        self._transport: asyncio.Transport | None = None
        self._done: Done | None = None
        self._data = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # it is one for streams

    def ask(self, request: bytes, done: Done) -> None:
        self._done = done
        self._data.clear()
        assert self._transport is not None  # noqa: S101 - only connected lines are asked
        self._transport.write(request)

    def end(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._data += data
        try:
            answer = read_answer(bytes(self._data))
        except ValueError as error:
            self._answered(None, str(error))
            self.end()
            return
        if answer is None:
            return
        status, body, keep = answer
        self._answered(body if status == 200 else None, "" if status == 200 else _refusal(status, body))
        if keep:
            self._freed(self)
        else:
            self.end()

    def connection_lost(self, error: Exception | None) -> None:
        self._answered(None, f"the server closed the connection{f': {error}' if error else ''}")
        self._lost(self)

    def _answered(self, body: bytes | None, error: str) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(body, error)


def read_answer(data: bytes) -> tuple[int, bytes, bool] | None:
    """Status, body, and whether the connection stays open; None while some of it is missing. Raises ValueError."""
    head, gap, rest = data.partition(b"\r\n\r\n")
    if not gap:
        return None
    first, *lines = head.split(b"\r\n")
    parts = first.split(b" ", 2)
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") or not parts[1].isdigit():
        raise ValueError(f"this is no HTTP/1.1 server: {bytes(first[:80])!r}")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    keep = fields.get(b"connection", b"").lower() != b"close"
    if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
        body = _chunks(rest)
        return None if body is None else (int(parts[1]), body, keep)
    if not fields.get(b"content-length", b"").isdigit():
        raise ValueError("the answer doesn't say how long it is")
    length = int(fields[b"content-length"])
    return (int(parts[1]), rest[:length], keep) if len(rest) >= length else None


def _chunks(rest: bytes) -> bytes | None:
    body = b""
    while True:
        size, gap, after = rest.partition(b"\r\n")
        if not gap:
            return None
        try:
            length = int(size.split(b";")[0], 16)
        except ValueError:
            raise ValueError(f"a chunk's length is {bytes(size[:20])!r}") from None
        if len(after) < length + 2:
            return None
        if length == 0:
            return body
        body, rest = body + after[:length], after[length + 2 :]


def _refusal(status: int, body: bytes) -> str:
    return f"HTTP status {status}: {quoted(body[:400].decode(errors='replace'), 200)}"


class Grpc:
    """One channel; gRPC carries as many calls on it as there are."""

    def __init__(self, target: str, method: str, deadline: float) -> None:
        """``deadline``: seconds that one call may take."""
        self.waited, self.opened = 0, 1
        self._deadline = deadline
        self._thread = LoopThread()
        self._channel, self._call = self._thread.wait(self._open(target, method))

    def send(self, body: bytes, done: Done) -> None:
        self._thread.call(self._send, body, done)

    def close(self) -> None:
        self._thread.close(self._end)

    async def _open(self, target: str, method: str) -> tuple[Any, Any]:
        import grpc.aio

        channel = grpc.aio.insecure_channel(target, (("grpc.enable_http_proxy", 0),))
        return channel, channel.unary_unary(method)

    async def _end(self) -> None:
        await self._channel.close()

    def _send(self, body: bytes, done: Done) -> None:
        self._thread.task(self._ask(body, done))

    async def _ask(self, body: bytes, done: Done) -> None:
        import grpc

        try:
            answer = await self._call(body, timeout=self._deadline)
        except asyncio.CancelledError:
            done(None, "the call was cancelled")
        except grpc.RpcError as error:
            done(None, f"gRPC status {error.code().name}: {error.details()}"[:300])
        else:
            done(answer, "")
