"""A loop that is woken once runs everything that was called meanwhile."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests import loops
from ui.app.event_loop import wake_once


@settings(max_examples=25, deadline=None)
@given(threads=st.integers(1, 6), calls=st.integers(1, 300), asleep=st.booleans())
def test_no_call_is_lost_and_few_bytes_are_written(threads: int, calls: int, asleep: bool) -> None:
    written = 0

    async def main() -> int:
        loop: Any = asyncio.get_running_loop()
        write = loop._write_to_self

        def counted() -> None:
            nonlocal written
            written += 1
            write()

        loop._write_to_self = counted
        wake_once(loop)
        done, left = asyncio.Event(), threads * calls

        def called() -> None:
            nonlocal left
            left -= 1
            if not left:
                done.set()

        def work() -> None:
            for _ in range(calls):
                loop.call_soon_threadsafe(called)

        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        if not asleep:  # the loop is busy while they call: nothing needs to be written but once
            for worker in workers:
                worker.join()
        async with asyncio.timeout(20):
            await done.wait()
        for worker in workers:
            worker.join()
        return left

    assert loops.run(main()) == 0
    if not asleep:
        assert written == 1
    assert written <= threads * calls


def test_a_sleeping_loop_is_woken_each_time_anew() -> None:
    async def main() -> int:
        times = 0
        loop = asyncio.get_running_loop()
        wake_once(loop)
        for _ in range(50):
            woken = asyncio.Event()
            caller = threading.Timer(0.001, loop.call_soon_threadsafe, (woken.set,))
            caller.start()
            async with asyncio.timeout(10):
                times += await woken.wait()
        return times

    assert loops.run(main()) == 50
