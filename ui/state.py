"""What a session knows: which decision it shows, whether it may edit it, and what it has already drawn.

Everything that matters is in the store; a session keeps only pointers, so that F5, another page and another
browser all show the same.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import streamlit as st

from advisor import runs
from advisor.answers import Answers
from advisor.model import DecisionRecord, RunRecord
from advisor.ports import Services, Store
from probes.schema import RunResult

COOKIE: Final = "fulcrum_browser"
_MEMORY: Final = "fulcrum_memory"
_CURRENT: Final = "fulcrum_current"
WANTED_QUESTION: Final = "fulcrum_wanted_question"  # a question that another page asked for


@dataclass(slots=True)
class Memory:
    """Kept in ``st.session_state``, one a browser tab."""

    decision_id: str = ""
    edit_key: str = ""
    answers_version: int = 0  # of the answers that the widgets show
    run_status: tuple[str, str] | None = None  # (id, status) that the page was drawn with
    undo: Answers | None = None


@dataclass(frozen=True, slots=True)
class Current:
    """What this script run shows."""

    services: Services
    record: DecisionRecord | None
    editable: bool
    run: RunRecord | None  # the latest one
    bodies: tuple[runs.Body, ...] = ()  # what the runs that are over say, apart where they were measured apart
    measured_key: str = ""  # changes when that does
    missing: str = ""  # an id that was asked for and that nobody knows
    fresh: bool = False  # the answers changed elsewhere: widgets must take them over
    #: What was worked out from it: ten parts of a page ask for the same. ``replace`` makes a new, empty one.
    worked_out: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def measured(self) -> RunResult | None:
        """What the recommendation goes by."""
        return self.bodies[0].result if self.bodies else None

    @property
    def edited_here(self) -> bool:
        """Whether this session may change a decision that exists: it goes before those who only look."""
        return self.record is not None and self.editable

    @property
    def answers(self) -> Answers:
        """The stored answers, or none at all before the first change."""
        return self.record.answers if self.record else Answers()


def memory() -> Memory:
    """This session's memory, made at first use."""
    if _MEMORY not in st.session_state:
        st.session_state[_MEMORY] = Memory()
    found: Memory = st.session_state[_MEMORY]
    return found


def browser_hash() -> str:
    """SHA-256 of this browser's token, "" when the browser keeps no cookies."""
    token = st.context.cookies.get(COOKIE, "")
    return hashlib.sha256(token.encode()).hexdigest() if token else ""


def at_this_machine() -> bool:
    """Whether the browser runs where the app does."""
    address = st.context.ip_address
    return address is None or ipaddress.ip_address(address).is_loopback


def may_edit(record: DecisionRecord, *, owner: str, edit_key: str) -> bool:
    """Whether the browser is the owner's, or showed the owner's link."""
    by_cookie = bool(record.owner) and hmac.compare_digest(record.owner, owner)
    return by_cookie or (bool(edit_key) and hmac.compare_digest(record.edit_key.encode(), edit_key.encode()))


def current() -> Current:
    """What this script run shows; fragments see what the last full run found."""
    found: Current = st.session_state[_CURRENT]
    return found


def open_decision(services: Services) -> Current:
    """Find the decision that the address bar or the session names, and keep the address bar a share link."""
    found = _find(services)
    st.session_state[_CURRENT] = found
    return found


def _find(services: Services) -> Current:
    mine = memory()
    asked, key = st.query_params.get("decision", ""), st.query_params.get("edit", "")
    if asked and asked != mine.decision_id:
        st.session_state[_MEMORY] = mine = Memory(decision_id=asked)
    mine.edit_key = key or mine.edit_key
    if not mine.decision_id:
        return Current(services, None, editable=True, run=None)
    record = services.store.decision(mine.decision_id)
    if record is None:
        return Current(services, None, editable=False, run=None, missing=mine.decision_id)
    if not asked:
        st.query_params.update(links(record.id, mine.edit_key if key else ""))
    fresh = record.version != mine.answers_version
    mine.answers_version = record.version
    run = latest_run(services.store, record.id)
    mine.run_status = (run.id, run.status) if run else None
    editable = may_edit(record, owner=browser_hash(), edit_key=mine.edit_key)
    over = services.store.finished_runs(record.id)
    here = services.runner.machine().fingerprint if over else ""
    key = hashlib.sha256(repr((here, over)).encode()).hexdigest()
    bodies = _bodies(services.store, here, over)
    return Current(services, record, editable, run, bodies=bodies, measured_key=key, fresh=fresh)


def links(decision_id: str, edit_key: str = "") -> dict[str, str]:
    """The query parameters that name a decision."""
    return {"decision": decision_id} | ({"edit": edit_key} if edit_key else {})


def query() -> dict[str, str]:
    """The query parameters that links inside the app carry on."""
    return {name: st.query_params[name] for name in ("decision", "edit") if name in st.query_params}


def latest_run(store: Store, decision_id: str) -> RunRecord | None:
    """The decision's latest run. A run's text is read once a version, whoever asks."""
    version = store.run_version(decision_id)
    return _run(store, *version) if version else None


def glance(store: Store, decision_id: str) -> RunRecord | None:
    """``latest_run`` as somebody saw it half a second ago at most: what forty viewers ask every second."""
    version = _recent_version(store, decision_id)
    return _run(store, *version) if version else None


def look_again() -> None:
    """Forget what was seen, so that whoever changed a run sees it change."""
    _recent_version.clear()


@st.cache_resource(max_entries=64, ttl=0.5, show_spinner=False)
def _recent_version(_store: Store, decision_id: str) -> tuple[str, int] | None:
    return _store.run_version(decision_id)


@st.cache_resource(max_entries=64, show_spinner=False)
def _run(_store: Store, run_id: str, version: int) -> RunRecord | None:
    del version  # part of the cache's key only
    return _store.run(run_id)


@st.cache_resource(max_entries=64, show_spinner=False)
def _bodies(_store: Store, here: str, over: tuple[tuple[str, int], ...]) -> tuple[runs.Body, ...]:
    found = (_run(_store, run_id, version) for run_id, version in over)
    return runs.bodies([run for run in found if run is not None], here=here)


def change(services: Services, how: Callable[[Answers], Answers], *, whole: bool = False) -> bool:
    """Save a change of the answers. The first one makes the decision; each starts from what is stored now.

    For callbacks: they run before the script, so that the page below already shows the result. A session that
    may not edit changes nothing, whatever its browser sends. ``whole``: everything is replaced, so every widget
    takes the new answers over, and the old ones are kept for «Undo».

    True if only what follows from the answers has to be drawn anew: everything else on the page still holds.
    """
    mine = memory()
    if not mine.decision_id:
        record = services.store.create_decision(how(Answers()), owner=browser_hash())
        mine.decision_id, mine.edit_key = record.id, record.edit_key
        mine.answers_version = 0 if whole else record.version
        st.query_params["decision"] = record.id
        return False
    before = services.store.decision(mine.decision_id)
    if before is None or not may_edit(before, owner=browser_hash(), edit_key=mine.edit_key):
        return False
    undoable = mine.undo is not None
    mine.undo = before.answers if whole and before.answers != Answers() else None
    untouched = before.version == mine.answers_version
    saved = services.store.save_answers(mine.decision_id, how(before.answers))
    # The widget that was moved shows its change already; only others' changes must be taken over.
    mine.answers_version = saved.version if untouched and not whole else 0
    st.session_state[_CURRENT] = replace(current(), record=saved, fresh=False)
    emptied = Answers() in (before.answers, saved.answers)
    return untouched and not (whole or undoable or emptied)


def forget() -> None:
    """Leave the decision, so that the next change makes a new one."""
    st.session_state[_MEMORY] = Memory()
    st.query_params.clear()
