"""Browser tabs without browsers: websocket clients that speak Streamlit's protocol as its own front end does."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

MARK: Final = "Change"  # an editor's project name is «Change 17»: what a reader shows tells how far it has come
_MARKED: Final = re.compile(rb"Change (\d+)")
_CACHED_RUNS: Final = 2  # for so many full runs the front end keeps what it need not be sent again


@dataclass
class Tab:
    """One tab on ``page`` ("" is the first) of the decision that ``query`` names. Times are ``time.monotonic``'s."""

    address: str
    page: str
    query: str
    cookie: str = ""  # a Cookie header's value: a right that a link was exchanged for
    runs: list[tuple[float, bool]] = field(default_factory=list)  # when a script run ended, and whether it was whole
    shown: list[tuple[float, int]] = field(default_factory=list)  # when which of the editor's changes was on the page
    broken: str = ""  # why the socket closed

    def __post_init__(self) -> None:
        self.drawn = asyncio.Event()
        self._widgets: dict[str, str] = {}
        self._cached: dict[str, int] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._running: frozenset[str] = frozenset()  # fragments of the run under way; none: the whole script
        self._answered: asyncio.Future[float] | None = None
        self._hash = ""

    @property
    def newest(self) -> int:
        """The latest of the editor's changes that the page shows, 0 before the first."""
        return max((number for _, number in self.shown), default=0)

    async def live(self) -> None:
        """Open the page and answer as a browser does, until cancelled."""
        url = f"ws://{urlsplit(self.address).netloc}/_stcore/stream"
        protocol = [websockets.Subprotocol("streamlit")]
        cookie = {"Cookie": self.cookie} if self.cookie else {}
        try:
            async with websockets.connect(
                url,
                subprotocols=protocol,
                additional_headers=cookie,
                max_size=None,
                compression=None,
                ping_timeout=None,
            ) as self._socket:
                await self._ask()
                async for data in self._socket:
                    if isinstance(data, bytes):
                        self._take(data)
            self.broken = self.broken or "the server closed the socket"
        except (OSError, websockets.WebSocketException) as error:
            self.broken = f"{type(error).__name__}: {error}"
        finally:
            self._stop_timers()

    async def click(self, key: str, state: WidgetState, *, patience: float = 60) -> float:
        """Set the widget with this key; seconds until the script has ended. Raises ``TimeoutError``."""
        state.id = self._widgets[key]
        self._answered = asyncio.get_running_loop().create_future()
        begin = time.monotonic()
        await self._ask(state=state)
        async with asyncio.timeout(patience):
            return await self._answered - begin

    async def _ask(self, fragment: str = "", state: WidgetState | None = None) -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.fragment_id, asked.is_auto_rerun = self.query, fragment, bool(fragment)
        asked.page_script_hash = self._hash
        asked.page_name = "" if self._hash else self.page
        asked.cached_message_hashes.extend(self._cached)
        asked.context_info.url = f"{self.address}/{self.page}"
        asked.context_info.color_scheme = "light"
        if state is not None:
            asked.widget_states.widgets.append(state)
        await self._socket.send(message.SerializeToString())

    async def _repeat(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._ask(fragment)

    def _take(self, data: bytes) -> None:
        message = ForwardMsg.FromString(data)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._begin(message)
        elif kind == "script_finished":
            if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self._end()
        elif kind == "navigation":
            self._hash = message.navigation.page_script_hash  # a new session's first word still names the first page
        elif kind == "auto_rerun":
            rerun = message.auto_rerun
            if rerun.fragment_id not in self._timers:
                self._timers[rerun.fragment_id] = _task(self._repeat(rerun.fragment_id, rerun.interval))
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                if timer := self._timers.pop(fragment, None):
                    timer.cancel()
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._show(message, data)

    def _begin(self, message: ForwardMsg) -> None:
        self._running = frozenset(message.metadata.run.fragment_ids)
        if not self._running:
            self._stop_timers()
            self._cached = {hash_: age + 1 for hash_, age in self._cached.items() if age < _CACHED_RUNS}

    def _end(self) -> None:
        now = time.monotonic()
        self.runs.append((now, not self._running))
        only_looked = bool(self._running) and self._running <= self._timers.keys()
        if self._answered is not None and not self._answered.done() and not only_looked:
            self._answered.set_result(now)
        self.drawn.set()

    def _show(self, message: ForwardMsg, data: bytes) -> None:
        if message.metadata.cacheable:
            self._cached[message.hash] = 0
        if found := _MARKED.search(data):
            self.shown.append((time.monotonic(), int(found.group(1))))
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if name := str(getattr(getattr(element, kind or "", None), "id", "")):
            self._widgets[name.split("-", 2)[-1]] = name

    def _stop_timers(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()


def _task(of: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.create_task(of)
