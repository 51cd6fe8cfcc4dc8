"""Fewer words from the scripts' threads to the event loop: one call out of its sleep is enough."""

from __future__ import annotations

import asyncio
from typing import Any


def wake_once(loop: asyncio.AbstractEventLoop) -> None:
    """Let ``loop.call_soon_threadsafe`` write to the loop's pipe only where no other such byte is still unread.

    asyncio writes one at each call, and Streamlit calls twice for each of a page's hundred messages. A write gives the
    interpreter away, and the script gets it back behind everybody else: with fifty pages being drawn, that is what an
    editor's click waited for. What is called meanwhile isn't lost: it is queued before the pipe is looked at, and a
    loop that has read its pipe looks through that queue before it sleeps. Only for asyncio's selector loop: uvloop
    does the same by itself, and Windows' loop is left as it is.
    """
    if not isinstance(loop, asyncio.SelectorEventLoop):
        return
    inner: Any = loop
    write, process = inner._write_to_self, inner._process_self_data
    unread = False

    def write_once() -> None:
        nonlocal unread
        if not unread:
            unread = True
            write()

    def read(data: bytes) -> None:
        nonlocal unread
        unread = False
        process(data)

    inner._write_to_self, inner._process_self_data = write_once, read
