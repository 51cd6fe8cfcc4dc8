"""Looks that would find nothing are kept from the scripts, and every reader sees the last change in time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests import loops
from ui.jobs.banner import LOOK_EVERY
from ui.kit.polling import HEADER, SCOUTS, SETTLES, SPREADS, STARTS_WITHIN, Looks, PageVersion, QuietLooks

FOUND, DUE = LOOK_EVERY, SETTLES + SPREADS
LATEST = FOUND + max(DUE, LOOK_EVERY) + SCOUTS  # seconds: a look finds it, the first one after that draws it


class Readers:
    """A decision and its readers' tabs, each of which looks every two seconds."""

    def __init__(self, phases: list[float], chances: Iterator[float]) -> None:
        self.now, self.version = 0.0, 1
        self.looks = Looks(clock=lambda: self.now, chance=lambda: next(chances))
        self.shown = dict.fromkeys(range(len(phases)), PageVersion(1, None))
        self.next = dict(enumerate(phases))
        self.went = self.drawn = 0

    def run_until(self, end: float) -> None:
        while min(self.next.values()) < end:
            tab = min(self.next, key=self.next.__getitem__)
            self.now = self.next[tab]
            self.next[tab] += LOOK_EVERY
            if self.looks.wanted(str(tab), "watch"):
                self.went += 1
                self._look(tab)
        self.now = end

    def _look(self, tab: int) -> None:
        found = PageVersion(self.version, None)
        if self.looks.due(str(tab), "watch", "d", self.shown[tab], found, follows_answers=True):
            self.drawn += 1
            self.shown[tab] = found
            self._look(tab)  # the page that is drawn looks too


tabs = st.lists(st.floats(0, 2, exclude_max=True), min_size=1, max_size=30)
gaps = st.lists(st.floats(0.01, 6), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(phases=tabs, gaps=gaps, chance=st.floats(0, 1))
def test_everybody_shows_the_last_change_within_five_seconds(
    phases: list[float], gaps: list[float], chance: float
) -> None:
    readers = Readers(phases, iter(lambda: chance, None))
    for gap in gaps:
        readers.run_until(readers.now + gap)
        readers.version += 1
    readers.run_until(readers.now + LATEST + 1e-6)
    assert LATEST <= 5
    assert {seen.version for seen in readers.shown.values()} == {readers.version}


@settings(max_examples=60, deadline=None)
@given(phases=tabs, every=st.floats(0.05, 3))
def test_whoever_keeps_changing_is_seen_meanwhile(phases: list[float], every: float) -> None:
    readers = Readers(phases, iter(lambda: 1.0, None))
    for _ in range(40):
        readers.run_until(readers.now + every)
        readers.version += 1
        oldest = min(seen.version for seen in readers.shown.values())
        assert (readers.version - oldest - 1) * every <= LATEST


@settings(max_examples=60, deadline=None)
@given(phases=tabs, seconds=st.floats(4, 60))
def test_where_nothing_changes_nothing_is_drawn_and_few_looks_go_through(phases: list[float], seconds: float) -> None:
    readers = Readers(phases, iter(lambda: 0.0, None))
    readers.run_until(seconds)
    assert readers.drawn == 0
    assert readers.went <= len(phases) + seconds / SCOUTS + 1  # each tab's first look, then scouts


@settings(max_examples=40, deadline=None)
@given(phases=tabs, changes=st.integers(1, 10))
def test_changes_in_quick_succession_are_drawn_once(phases: list[float], changes: int) -> None:
    readers = Readers(phases, iter(lambda: 0.5, None))
    readers.run_until(10)
    for _ in range(changes):
        readers.version += 1
        readers.run_until(readers.now + 0.01)
    readers.run_until(readers.now + LATEST)
    assert readers.drawn == len(phases)


def test_a_run_that_moves_is_news_on_pages_that_show_no_answers() -> None:
    old = PageVersion(3, ("r", "queued"))
    assert old.older_than(PageVersion(3, ("r", "running")), follows_answers=False)
    assert not old.older_than(PageVersion(4, ("r", "queued")), follows_answers=False)
    assert not old.older_than(PageVersion(2, ("r", "queued")), follows_answers=True), (
        "a look may be older than the page"
    )


def look(fragment: str = "watch", *, auto: bool = True) -> Message:
    asked = BackMsg()
    asked.rerun_script.fragment_id, asked.rerun_script.is_auto_rerun = fragment, auto
    return {"type": "websocket.receive", "bytes": asked.SerializeToString()}


def received(looks: Looks, messages: list[Message], headers: list[tuple[bytes, bytes]] | None = None) -> Any:
    """What the app behind gets of ``messages``, and as which tab."""
    got: list[Message] = []
    tabs: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        [name] = [value for key, value in scope["headers"] if key == HEADER.encode()]
        tabs.append(name.decode())
        if not got:
            looks.due(tabs[-1], "watch", "d", PageVersion(1, None), PageVersion(1, None), follows_answers=True)
        while (message := await receive())["type"] != "websocket.disconnect":
            got.append(message)

    async def run() -> None:
        coming = iter([*messages, {"type": "websocket.disconnect"}])

        async def receive() -> Message:
            return next(coming)

        scope = {"type": "websocket", "headers": headers or []}
        later = itertools.count(step=STARTS_WITHIN).__next__  # nothing is asked for just before a look
        await QuietLooks(app, looks, clock=later)(scope, receive, lambda message: asyncio.sleep(0))

    loops.run(run())
    return got, tabs[0]


def test_only_looks_of_readers_that_would_find_nothing_are_kept() -> None:
    click, other, text = look("", auto=False), look("live"), {"type": "websocket.receive", "text": "x"}
    by_hand, broken = look(auto=False), {"type": "websocket.receive", "bytes": b"\xff\xff"}
    got, _ = received(Looks(clock=lambda: 0.0), [look(), click, other, by_hand, text, broken, look()])
    assert got == [click, other, by_hand, text, broken]


def test_a_tab_can_t_call_itself_by_another_s_name_and_is_forgotten_at_its_end() -> None:
    looks = Looks(clock=lambda: 0.0)
    _, tab = received(looks, [], headers=[(HEADER.encode(), b"mine"), (b"X-Fulcrum-Tab", b"mine")])
    assert tab != "mine"
    assert looks.wanted(tab, "watch"), "nothing is kept from a tab that nobody knows any more"


def with_widgets(message: Message) -> Message:
    asked = BackMsg.FromString(message["bytes"])
    asked.rerun_script.widget_states.widgets.add(id="stage", string_value="prototype")
    return {**message, "bytes": asked.SerializeToString()}


def test_a_look_says_nothing_of_widgets_unless_what_was_said_of_them_may_still_wait() -> None:
    click, live = with_widgets(look("", auto=False)), with_widgets(look("live"))
    got, _ = received(Looks(clock=lambda: 0.0), [live, click, live, live])
    assert got == [look("live"), click, live, live], "the click has not begun: Streamlit would take the later states"


def status(**said: Any) -> Message:
    """What the app tells a browser of its script: ``running``, or how it ``finished``."""
    told = ForwardMsg()
    if "running" in said:
        told.session_status_changed.script_is_running = said["running"]
    else:
        told.script_finished = said["finished"]
    return {"type": "websocket.send", "bytes": told.SerializeToString()}


def test_a_look_that_comes_while_its_page_is_drawn_is_kept() -> None:
    """It names the page that is being left, and Streamlit would take the browser back there."""
    now = 0.0
    events = [
        ("look passes", look("live")),
        ("click", look("", auto=False)),
        ("kept: the click may not have begun", look("live")),
        status(running=True),
        5.0,
        ("kept: the script runs", look("live")),
        status(finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN),
        status(running=False),
        ("kept: another run follows", look("live")),
        status(running=True),
        status(finished=ForwardMsg.FINISHED_SUCCESSFULLY),
        ("look passes", look("live")),
        ("click", look("gone", auto=False)),
        status(finished=ForwardMsg.FINISHED_SUCCESSFULLY),  # of what ran before the click
        ("kept: the click may not have begun", look("live")),
        STARTS_WITHIN,
        ("look passes", look("live")),
    ]
    passed: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal now
        while (message := await receive())["type"] != "websocket.disconnect":
            if "sends" in message:
                await send(message["sends"])
            else:
                passed.append(message["name"])

    async def run() -> None:
        coming = iter(events)

        async def receive() -> Message:
            nonlocal now
            for event in coming:
                if isinstance(event, float):
                    now += event
                elif isinstance(event, tuple):
                    return {**event[1], "name": event[0]}
                else:
                    return {"type": "told", "sends": event}
            return {"type": "websocket.disconnect"}

        await QuietLooks(app, Looks(lambda: now), clock=lambda: now)(
            {"type": "websocket", "headers": []}, receive, lambda message: asyncio.sleep(0)
        )

    loops.run(run())
    assert passed == ["look passes", "click", "look passes", "click", "look passes"]
