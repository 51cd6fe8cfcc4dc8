"""Viewers without browsers: websocket clients that ask like Streamlit's own front end does, fragments included."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


@contextlib.contextmanager
def viewers(address: str, query: str, page: str, number: int) -> Iterator[list[int]]:
    """``number`` sessions that look at ``page`` of a decision; yields how many script runs each has asked for."""
    counts = [0] * number
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_watch_all(address, query, page, counts, stop)))
    thread.start()
    try:
        yield counts
    finally:
        stop.set()
        thread.join()


async def _watch_all(address: str, query: str, page: str, counts: list[int], stop: threading.Event) -> None:
    watching = [asyncio.create_task(_watch(address, query, page, counts, i)) for i in range(len(counts))]
    await asyncio.to_thread(stop.wait)
    broken = [task for task in watching if task.done()]  # a viewer only ends by failing
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    for task in broken:
        task.result()


async def _watch(address: str, query: str, page: str, counts: list[int], index: int) -> None:
    url = f"ws://{urlsplit(address).netloc}/_stcore/stream"
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None) as socket:

        async def ask(fragment: str = "") -> None:
            message = BackMsg()
            message.rerun_script.query_string = query
            message.rerun_script.page_name = page
            message.rerun_script.fragment_id = fragment
            message.rerun_script.is_auto_rerun = bool(fragment)
            counts[index] += 1
            await socket.send(message.SerializeToString())

        async def repeat(fragment: str, seconds: float) -> None:
            while True:
                await asyncio.sleep(seconds)
                await ask(fragment)

        timers: dict[str, asyncio.Task[None]] = {}
        try:
            await ask()
            async for data in socket:
                if isinstance(data, bytes):
                    _note(data, timers, repeat)
        finally:
            for timer in timers.values():
                timer.cancel()


def _note(data: bytes, timers: dict[str, asyncio.Task[None]], repeat: object) -> None:
    """Fragments that want to run every so often get a timer; a new full run drops the old ones."""
    message = ForwardMsg.FromString(data)
    kind = message.WhichOneof("type")
    if kind == "new_session" and not message.metadata.run.fragment_ids:
        for timer in timers.values():
            timer.cancel()
        timers.clear()
    elif kind == "auto_rerun" and message.auto_rerun.fragment_id not in timers:
        rerun = message.auto_rerun
        timers[rerun.fragment_id] = asyncio.create_task(repeat(rerun.fragment_id, rerun.interval))  # type: ignore[operator]
