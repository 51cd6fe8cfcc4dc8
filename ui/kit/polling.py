"""Looks that would find nothing, or come while their page is drawn, never reach a script.

Readers' tabs ask every two seconds, and one of them can answer.

A look costs 4 ms of the one interpreter that all scripts share (a thread, a session's state, five messages), which two
hundred readers who only read take a third of; to see here that nothing has changed costs a fiftieth of it. So every
``SCOUTS`` seconds one reader's look goes through to the store, and what it finds is what the others are compared with.

A look that arrives while a page opens still names the page before it. Streamlit would queue it, find no such part once
the new page stands, and tell the browser that it is on the old one: who went to another page was back where they came
from.

Nor does a look say anything of the widgets: whoever uses one says so at once. A look that leaves before what a script
drew has arrived would give the answers of before, and they would be saved over an example or what another wrote.
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
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

HEADER: Final = "x-fulcrum-tab"  # names the tab to its own script; what a client sends under this name is dropped
SCOUTS: Final = 0.5  # seconds for which one reader's look is good for all
#: A reader sees a change so many seconds after a look found it, at its next look: who edits changes their mind, and
#: what lasts no longer is drawn for nobody. Nor do readers come all at once, whatever opened their pages.
SETTLES, SPREADS = 0.5, 1.0
_LARGEST_LOOK: Final = 64 * 1024  # bytes; with the states of a page's widgets in it, it has some hundreds
_LARGEST_STATUS: Final = 512  # bytes; that a script begins or ends is said in less than a hundred
STARTS_WITHIN: Final = 1.0  # seconds in which what was asked for begins, or never will (its part of the page is gone)

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


class _Script:
    """Whether a tab's script is running, or is about to: what it tells the browser, and what the browser asks for."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._asked = -STARTS_WITHIN
        self._running = False
        self.waited_for = False  # something was asked for that may not have begun

    def busy(self) -> bool:
        return self._running or self._clock() - self._asked < STARTS_WITHIN

    def asked(self) -> None:
        self._asked = self._clock()
        self.waited_for = True

    def tells(self, message: Message) -> None:
        data = message.get("bytes") or b""
        if message["type"] != "websocket.send" or not 0 < len(data) <= _LARGEST_STATUS:
            return
        told = ForwardMsg.FromString(data)
        if told.WhichOneof("type") == "session_status_changed":
            self._running = self._running or told.session_status_changed.script_is_running
            self.waited_for = self.waited_for and not self._running
        elif told.WhichOneof("type") == "script_finished":
            self._running = told.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN  # another run follows
            self.waited_for = False  # the thread that says so has taken up by then what was asked for meanwhile


class QuietLooks:
    """ASGI middleware: names each websocket to its scripts, and keeps from them the looks that aren't ``wanted``, or
    that come while the tab's script is at work, and what looks say of widgets.

    A browser doesn't wait for an answer to a look; its clock goes on.
    """

    def __init__(self, app: ASGIApp, looks: Looks = looks, clock: Callable[[], float] = monotonic) -> None:
        self._app, self._looks, self._clock = app, looks, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Websockets only."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        tab, name, script = secrets.token_hex(8), HEADER.encode(), _Script(self._clock)
        headers = [(key, value) for key, value in scope["headers"] if key.lower() != name]

        async def wanted() -> Message:
            while (passed := self._passed(tab, script, await receive())) is None:
                pass
            return passed

        async def heard(message: Message) -> None:
            script.tells(message)
            await send(message)

        try:
            await self._app({**scope, "headers": [*headers, (name, tab.encode())]}, wanted, heard)
        finally:
            self._looks.forget(tab)

    def _passed(self, tab: str, script: _Script, message: Message) -> Message | None:
        data = message.get("bytes") or b""
        if message["type"] != "websocket.receive" or not 0 < len(data) <= _LARGEST_LOOK:
            return message
        try:
            asked = BackMsg.FromString(data)
        except Exception:  # what isn't one is Streamlit's to refuse
            return message
        rerun = asked.rerun_script
        if rerun.is_auto_rerun and rerun.fragment_id:
            if script.busy() or not self._looks.wanted(tab, rerun.fragment_id):
                return None
            if script.waited_for:  # Streamlit would take this look's widgets for those of what it makes one with
                return message
            rerun.ClearField("widget_states")
            return {**message, "bytes": asked.SerializeToString()}
        if asked.WhichOneof("type") == "rerun_script":
            script.asked()
        return message
