"""More sockets and uploads than anybody needs: ``python -m tests.stress.sockets``.

Opens sockets on the real app on loopback until two thousand were asked for, keeps those that it gets, sends uploads of
150 MB at its door, and asks every half second whether the server is well. What is beyond the limits must be refused in
words of the protocol, the server must answer all the while, and a visitor must get a page when the crowd has gone.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

from tests.stress.apps import App, machine
from ui.app.middleware.sockets import MOST_SOCKETS
from ui.app.server import raise_descriptor_limit

MOST: Final = 5000
AT_ONCE: Final = 50
CHUNK: Final = b"x" * 1_000_000
EVERY: Final = 0.5


@dataclass
class Result:
    """Counts; megabytes of the server's resident memory; seconds that it took to say that it is well."""

    asked: int = 0
    open: int = 0
    closed: dict[str, int] = field(default_factory=dict)  # by the close code, or the error
    uploads: dict[str, int] = field(default_factory=dict)  # by the answer's status, or the error
    sent_mb: float = 0.0
    memory_before_mb: float = 0.0
    memory_most_mb: float = 0.0
    files_most: int = 0
    health_worst_s: float = 0.0
    unwell: int = 0
    page_afterwards: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if the limits held and the server was well."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.sockets")
    parser.add_argument("--sockets", type=int, default=2000, help=f"up to {MOST}")
    parser.add_argument("--uploads", type=int, default=20, help="up to 100")
    parser.add_argument("--megabytes", type=int, default=150, help="of an upload, up to 500")
    options = parser.parse_args(arguments)
    raise_descriptor_limit()  # ours: the clients' ends are files, too
    with tempfile.TemporaryDirectory(prefix="sockets-") as folder:
        app = App(Path(folder))
        app.start()
        try:
            result = asyncio.run(
                crowd(app, min(options.sockets, MOST), min(options.uploads, 100), min(options.megabytes, 500))
            )
        finally:
            app.stop()
    print(json.dumps(asdict(result), indent=1))
    print(machine())
    return bool(faults(result))


def faults(result: Result) -> list[str]:
    """What should not have been."""
    found = []
    if result.open > MOST_SOCKETS:
        found.append(f"{result.open} sockets were open")
    if set(result.closed) - {"1013"}:
        found.append(f"sockets were closed in other ways: {result.closed}")
    if set(result.uploads) - {"413"}:
        found.append(f"uploads ended in other ways: {result.uploads}")
    if result.unwell or not result.page_afterwards:
        found.append(f"the server was unwell {result.unwell} times; a page afterwards: {result.page_afterwards}")
    return found


async def crowd(app: App, sockets: int, uploads: int, megabytes: int) -> Result:
    """All of it, on an app that is up."""
    result, server = Result(asked=sockets), psutil.Process(app.process.pid if app.process else 0)
    await asyncio.to_thread(_gets_a_page, app)  # what a server that has drawn pages has
    result.memory_before_mb = server.memory_info().rss / 1e6
    watching = asyncio.create_task(_watch(app, server, result))
    gate = asyncio.Semaphore(AT_ONCE)
    closed: Counter[str] = Counter()
    kept: list[ClientConnection] = []
    async with asyncio.TaskGroup() as group:
        for _ in range(sockets):
            group.create_task(_open(app, gate, kept, closed))
    await _refused(kept, sockets - MOST_SOCKETS)
    ends: Counter[str] = Counter()
    visitor = app.visitor()
    await asyncio.to_thread(visitor.ask, "/_stcore/health")  # where Streamlit gives the token that an upload shows
    token = visitor.cookies["_streamlit_xsrf"]
    for place in await _places(kept[0], app, uploads):
        status, sent = await asyncio.to_thread(_upload, app, place, token, megabytes)
        ends[status] += 1
        result.sent_mb += sent / 1e6
    result.uploads = dict(ends)
    codes = [one.close_code for one in kept]  # by now, after all that was asked of the server meanwhile
    result.open = codes.count(None)
    result.closed = dict(closed + Counter(str(code) for code in codes if code is not None))
    await asyncio.gather(*(one.close() for one in kept))
    result.page_afterwards = await asyncio.to_thread(_gets_a_page, app)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    return result


async def _open(app: App, gate: asyncio.Semaphore, kept: list[ClientConnection], closed: Counter[str]) -> None:
    address = f"127.0.0.1:{app.port}"
    async with gate:
        try:
            kept.append(
                await connect(
                    f"ws://{address}/_stcore/stream",
                    origin=Origin(f"http://{address}"),
                    subprotocols=[Subprotocol("streamlit")],
                    open_timeout=60,
                    ping_interval=None,
                    proxy=None,
                )
            )
        except (OSError, WebSocketException, TimeoutError) as error:
            closed[type(error).__name__] += 1


async def _refused(kept: list[ClientConnection], number: int) -> None:
    """Until so many were closed, a minute at most: the server accepts a socket that it refuses, to say why."""
    ends = [asyncio.ensure_future(one.wait_closed()) for one in kept]
    with suppress(TimeoutError):
        async with asyncio.timeout(60):
            for _, end in zip(range(number), asyncio.as_completed(ends), strict=False):
                await end
    for end in ends:
        end.cancel()


async def _places(one: ClientConnection, app: App, count: int) -> list[str]:
    """Where a page may put files: the server gives such addresses to a session."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    message.rerun_script.context_info.url = f"http://127.0.0.1:{app.port}/"
    await one.send(message.SerializeToString())
    asking = BackMsg()
    asking.file_urls_request.request_id = "stress"
    asking.file_urls_request.file_names.extend(f"{number}.yaml" for number in range(count))
    session = ""
    while True:
        data = await asyncio.wait_for(one.recv(), 60)
        forward = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
        kind = forward.WhichOneof("type")
        if kind == "new_session":
            session = forward.new_session.initialize.session_id
        elif kind == "script_finished":
            asking.file_urls_request.session_id = session
            await one.send(asking.SerializeToString())
        elif kind == "file_urls_response":
            return [found.upload_url for found in forward.file_urls_response.file_urls]


def _upload(app: App, place: str, token: str, megabytes: int) -> tuple[str, int]:
    """A file that is too large, as a browser sends it: how it ended, and how many bytes went out."""
    asking = http.client.HTTPConnection("127.0.0.1", app.port, timeout=60)
    sent = 0
    try:
        head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.yaml"\r\n\r\n'
        asking.putrequest("PUT", place if place.startswith("/") else f"/{place}")
        asking.putheader("Content-Type", "multipart/form-data; boundary=b")
        asking.putheader("Content-Length", str(len(head) + megabytes * len(CHUNK) + 7))
        asking.putheader("Cookie", f"_streamlit_xsrf={token}")
        asking.putheader("X-Xsrftoken", token)
        asking.endheaders()
        with suppress(ConnectionError):
            for part in (head, *[CHUNK] * megabytes, b"\r\n--b--\r"):
                asking.send(part)
                sent += len(part)
        return str(asking.getresponse().status), sent
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__, sent
    finally:
        asking.close()


def _gets_a_page(app: App) -> bool:
    """The descriptors of closed sockets come back by and by."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(OSError, WebSocketException), app.visitor().page() as tab:
            return bool(tab.run().widgets)
        time.sleep(EVERY)
    return False


async def _watch(app: App, server: psutil.Process, result: Result) -> None:
    while True:
        start = time.monotonic()
        result.unwell += not await asyncio.to_thread(app.healthy)
        result.health_worst_s = max(result.health_worst_s, time.monotonic() - start)
        result.memory_most_mb = max(result.memory_most_mb, server.memory_info().rss / 1e6)
        result.files_most = max(result.files_most, server.num_fds() if hasattr(server, "num_fds") else 0)
        await asyncio.sleep(EVERY)


if __name__ == "__main__":
    sys.exit(main())
