"""What a session knows: which decision it shows, whether it may edit it, and what it has already drawn.

Everything that matters is in the store; a session keeps only pointers, so that F5, another page and another
browser all show the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import streamlit as st

from advisor.answers import Answers
from advisor.measured import result_sets
from advisor.measured.machines import side_by_side
from advisor.ports import Services, StoreUnavailableError
from advisor.questionnaire.changes import AnswerPath
from advisor.queue.kinds import MEASURE
from advisor.records import DecisionRecord
from probes.results import RunResult
from ui.kit import fragments
from ui.session import rights, stored
from ui.session.versioned import versioned

_MEMORY: Final = "fulcrum_memory"
_CURRENT: Final = "fulcrum_current"


@dataclass(slots=True)
class Memory:
    """Kept in ``st.session_state``, one a browser tab."""

    decision_id: str = ""
    edit_key: str = ""  # of a decision that this very session made
    answers_version: int = 0  # of the answers that the widgets show
    shown: Answers = field(default_factory=Answers)  # those answers
    run_status: tuple[str, str] | None = None  # (id, status) that the page was drawn with
    undo: Answers | None = None
    written: dict[AnswerPath, tuple[Any, datetime]] = field(default_factory=dict)  # said last, and when


@dataclass(frozen=True, slots=True)
class Current:
    """What this script run shows."""

    services: Services
    record: DecisionRecord | None
    editable: bool
    run: result_sets.Run | None  # the latest one
    bodies: tuple[result_sets.ResultSet, ...] = ()  # of the runs that are over
    measured_key: str = ""  # changes when that does
    missing: str = ""  # an id that was asked for and that nobody knows
    fresh: bool = False  # the answers changed elsewhere: widgets must take them over
    owned: bool = False  # may take the link to edit back, and delete the decision
    operates: bool = False  # may operate the machine
    stale: str = ""  # why this is what was seen last instead of what is stored
    #: What was worked out from it: ten parts of a page ask for the same. ``replace`` makes a new, empty one.
    worked_out: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def measured(self) -> RunResult | None:
        """What the recommendation goes by."""
        if "measured" not in self.worked_out:
            self.worked_out["measured"] = side_by_side(self.bodies)
        found: RunResult | None = self.worked_out["measured"]
        return found

    @property
    def edited_here(self) -> bool:
        """Whether this session may change a decision that exists: it goes before those who only look."""
        return self.record is not None and self.editable

    @property
    def answers(self) -> Answers:
        return self.record.answers if self.record else Answers()


def memory() -> Memory:
    """This session's memory, made at first use."""
    if _MEMORY not in st.session_state:
        st.session_state[_MEMORY] = Memory()
    found: Memory = st.session_state[_MEMORY]
    return found


def current() -> Current:
    """What this script run shows; fragments see what the last full run found."""
    found: Current = st.session_state[_CURRENT]
    return found


def show(now: Current) -> None:
    """From now on this script run, and the fragments after it, show ``now``."""
    st.session_state[_CURRENT] = now
    st.session_state[fragments.EDITS] = now.edited_here


def open_decision(services: Services) -> Current:
    """Find the decision that the address bar or the session names, and keep the address bar a share link.

    While the store can't be read, what this session saw last stands, and says so. Raises ``StoreUnavailableError``
    where there is nothing like that.
    """
    before: Current | None = st.session_state.get(_CURRENT)
    try:
        found = _find(services)
    except StoreUnavailableError as error:
        if before is None or (before.record.id if before.record else "") != memory().decision_id:
            raise
        found = replace(before, stale=str(error), fresh=False)
    show(found)
    return found


def _find(services: Services) -> Current:
    mine = memory()
    asked = st.query_params.get("decision", "")
    if asked and asked != mine.decision_id:
        st.session_state[_MEMORY] = mine = Memory(decision_id=asked)
    operates = rights.operates(services)
    if not mine.decision_id:
        return Current(services, None, editable=True, run=None, operates=operates)
    record = services.store.decision(mine.decision_id)
    if record is None:
        return Current(services, None, editable=False, run=None, missing=mine.decision_id, operates=operates)
    if not asked:
        st.query_params.update(links(record.id))
    fresh = record.version != mine.answers_version
    mine.answers_version = record.version
    if fresh:
        mine.shown = record.answers
    run = stored.latest(services.store, MEASURE, record.id)
    mine.run_status = (run.id, run.status) if run else None
    over = services.store.runs(record.id)
    here = services.runner.machine().fingerprint if over else ""
    key = hashlib.sha256(repr((here, over)).encode()).hexdigest()
    return Current(
        services,
        record,
        editable=rights.may_edit(record, browser=rights.browser(), edit_key=mine.edit_key),
        run=run,
        bodies=_bodies(key, services, here, over),
        measured_key=key,
        fresh=fresh,
        owned=rights.owns(services, record, edit_key=mine.edit_key),
        operates=operates,
    )


def may_edit_now() -> bool:
    """For callbacks: whether this session may edit its decision at this moment."""
    mine, services = memory(), current().services
    record = services.store.decision(mine.decision_id) if mine.decision_id else None
    return record is not None and rights.may_edit(record, browser=rights.browser(), edit_key=mine.edit_key)


def links(decision_id: str, edit_key: str = "") -> dict[str, str]:
    """The query parameters that name a decision, and give the right to edit it if they hold its key."""
    return {"decision": decision_id} | ({"edit": edit_key} if edit_key else {})


@versioned(most=64)
def _bodies(services: Services, here: str, over: tuple[stored.Look, ...]) -> tuple[result_sets.ResultSet, ...]:
    runs = [run for look in over if (run := stored.read(services.store, look)) is not None]
    return result_sets.result_sets(runs, here=here, judge=services.runner)


def forget() -> None:
    """Leave the decision, so that the next change makes a new one."""
    st.session_state[_MEMORY] = Memory()
    st.query_params.clear()
