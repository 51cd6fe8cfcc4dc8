"""Looks that would find nothing never reach a script: readers' tabs ask every two seconds, and one of them can answer.

A look costs 4 ms of the one interpreter that all scripts share (a thread, a session's state, five messages), which two
hundred readers who only read take a third of; to see here that nothing has changed costs a fiftieth of it. So every
``SCOUTS`` seconds one reader's look goes through to the store, and what it finds is what the others are compared with.
"""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

HEADER: Final = "x-fulcrum-tab"  # names the tab to its own script; what a client sends under this name is dropped
SCOUTS: Final = 0.5  # seconds for which one reader's look is good for all
#: A reader sees a change so many seconds after a look found it, at its next look: who edits changes their mind, and
#: what lasts no longer is drawn for nobody. Nor do readers come all at once, whatever opened their pages.
SETTLES, SPREADS = 0.5, 1.0
_LARGEST_LOOK: Final = 64 * 1024  # bytes; with the states of a page's widgets in it, it has some hundreds

RunStatusSeen = tuple[str, str] | None  # id and status


@dataclass(frozen=True, slots=True)
class PageVersion:
    """What a look finds, and what a page was drawn with: the answers' version, and the latest run."""

    version: int
    run: RunStatusSeen

    def older_than(self, other: PageVersion, *, follows_answers: bool) -> bool:
        """Whether a page drawn with this should be drawn anew. Versions grow, and a look may be the older one."""
        return self.run != other.run or (follows_answers and self.version < other.version)


@dataclass(slots=True)
class _Tab:
    fragment: str
    decision: str
    shown: PageVersion
    follows_answers: bool
    due: float | None = None  # when it is to see what has changed; None: nothing has


class Looks:
    """What readers' tabs show, and what is there. Safe to use from several threads; times are ``clock``'s."""

    def __init__(self, clock: Callable[[], float] = monotonic, chance: Callable[[], float] = random.random) -> None:
        self._clock, self._chance = clock, chance
        self._lock = threading.Lock()
        self._tabs: dict[str, _Tab] = {}
        self._found: dict[str, tuple[float, PageVersion]] = {}  # by decision: the latest look

    def due(
        self, tab: str, fragment: str, decision: str, shown: PageVersion, found: PageVersion, *, follows_answers: bool
    ) -> bool:
        """For scripts: a reader's look found ``found`` where the page shows ``shown``. Whether to redraw it now."""
        with self._lock:
            self._found[decision] = self._clock(), found
            known = self._tabs.get(tab)
            if known is None or (known.fragment, known.decision, known.shown) != (fragment, decision, shown):
                known = _Tab(fragment, decision, shown, follows_answers)
                self._tabs[tab] = known
            return self._due(known, found)

    def wanted(self, tab: str, fragment: str) -> bool:
        """Whether a look of that tab would find something to do; looks of others than readers always are."""
        with self._lock:
            known = self._tabs.get(tab)
            if known is None or known.fragment != fragment:
                return True
            now = self._clock()
            at, found = self._found[known.decision]
            if now - at >= SCOUTS:
                self._found[known.decision] = now, found  # this one goes and sees
                return True
            return self._due(known, found)

    def forget(self, tab: str) -> None:
        """The tab is closed, or may edit from now on."""
        with self._lock:
            known = self._tabs.pop(tab, None)
            if known and not any(other.decision == known.decision for other in self._tabs.values()):
                self._found.pop(known.decision, None)

    def _due(self, tab: _Tab, found: PageVersion) -> bool:
        if not tab.shown.older_than(found, follows_answers=tab.follows_answers):
            return False
        if tab.due is None:
            tab.due = self._clock() + SETTLES + SPREADS * self._chance()
        return self._clock() >= tab.due


looks: Final = Looks()


class QuietLooks:
    """ASGI middleware: names each websocket to its scripts, and keeps from them the looks that aren't ``wanted``.

    A browser doesn't wait for an answer to a look; its clock goes on.
    """

    def __init__(self, app: ASGIApp, looks: Looks = looks) -> None:
        self._app, self._looks = app, looks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Websockets only."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        tab, name = secrets.token_hex(8), HEADER.encode()
        headers = [(key, value) for key, value in scope["headers"] if key.lower() != name]

        async def wanted() -> Message:
            while not self._passes(tab, message := await receive()):
                pass
            return message

        try:
            await self._app({**scope, "headers": [*headers, (name, tab.encode())]}, wanted, send)
        finally:
            self._looks.forget(tab)

    def _passes(self, tab: str, message: Message) -> bool:
        data = message.get("bytes") or b""
        if message["type"] != "websocket.receive" or not 0 < len(data) <= _LARGEST_LOOK:
            return True
        try:
            asked = BackMsg.FromString(data).rerun_script
        except Exception:  # what isn't one is Streamlit's to refuse
            return True
        return not (asked.is_auto_rerun and asked.fragment_id) or self._looks.wanted(tab, asked.fragment_id)
