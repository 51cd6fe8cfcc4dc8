"""Saves changes of the answers; what could not be saved stays at hand, and of two changes at once none is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import reduce
from typing import Any, Final

import streamlit as st
from pydantic import ValidationError

from advisor import questionnaire
from advisor.answers import Answers
from advisor.ports import Services, StoreUnavailableError
from advisor.questionnaire.changes import AnswerPath, differences, in_words, with_answer
from advisor.queue.quotas import QuotaError
from advisor.records import Change
from ui.kit import components
from ui.session import rights, state

How = Callable[[Answers], Answers]
#: Somebody who changes an answer so soon after another has probably not seen the other's value.
AT_ONCE: Final = timedelta(seconds=10)
_UNSAVED: Final = "fulcrum_unsaved"
_CONFLICTS: Final = "fulcrum_conflicts"


@dataclass(frozen=True, slots=True)
class _Unsaved:
    """Changes that the store did not take, in order, and why."""

    changes: tuple[How, ...]
    reason: str
    whole: bool


@dataclass(frozen=True, slots=True)
class _Conflict:
    """One answer that two people changed at once. One value is stored, the other would be lost."""

    path: AnswerPath
    stored: Any
    other: Any
    mine: bool  # whether the stored one is this session's


def change(services: Services, how: How, *, whole: bool = False) -> bool:
    """Save a change of the answers. The first one makes the decision; each starts from what is stored at that moment.

    For callbacks: they run before the script, so that the page below already shows the result. A session that
    may not edit changes nothing, whatever its browser sends. ``whole``: everything is replaced, so every widget
    takes the new answers over, and the old ones are kept for «Undo». What ``how`` raises is raised, and nothing is
    changed; what the store refuses is said on the page and can be tried again.

    True if only what follows from the answers has to be drawn anew: everything else on the page still holds.
    """
    before: _Unsaved | None = st.session_state.pop(_UNSAVED, None)
    changes = (*before.changes, how) if before and not whole else (how,)
    whole = whole or bool(before and before.whole)

    def all_of_them(answers: Answers) -> Answers:
        return reduce(lambda found, step: step(found), changes, answers)

    try:
        rest_holds = _save(services, all_of_them, whole=whole)
    except (StoreUnavailableError, QuotaError) as error:
        st.session_state[_UNSAVED] = _Unsaved(changes, str(error), whole)
        return False
    return rest_holds and before is None


def _save(services: Services, how: How, *, whole: bool) -> bool:
    mine = state.memory()
    if not mine.decision_id:
        by = rights.requester(services)
        record = services.store.create_decision(how(Answers()), owner=by.browser, address=by.address)
        mine.decision_id, mine.edit_key, mine.shown = record.id, record.edit_key, record.answers
        mine.answers_version = 0 if whole else record.version
        st.query_params["decision"] = record.id
        return False
    if not state.may_edit_now():
        return False
    done = services.store.change_answers(mine.decision_id, how)
    _notice_conflicts(services, done)
    undoable = mine.undo is not None
    mine.undo = done.before.answers if whole and done.before.answers != Answers() else None
    untouched = done.before.version == mine.answers_version
    # The widget that was moved shows its change already; only others' changes must be taken over.
    mine.answers_version = done.after.version if untouched and not whole else 0
    mine.shown = done.after.answers
    state.show(replace(state.current(), record=done.after, fresh=False))
    emptied = Answers() in (done.before.answers, done.after.answers)
    return untouched and not (whole or undoable or emptied)


def _notice_conflicts(services: Services, done: Change) -> None:
    """Remember what this session wrote, and what others wrote to the same answers without its having seen it."""
    mine, now = state.memory(), services.clock.now()
    theirs = {change.path: change for change in differences(mine.shown, done.before.answers)}
    for change in differences(done.before.answers, done.after.answers):
        mine.written[change.path] = (change.after, now)
        if change.path in theirs and change.after != change.before:
            _add(_Conflict(change.path, stored=change.after, other=change.before, mine=True))


def overwritten(services: Services, now: state.Current) -> None:
    """In a script run that found new answers: notice where another wrote over what this session has just written."""
    mine, at = state.memory(), services.clock.now()
    if now.record is None:
        return
    recent = {path: value for path, (value, when) in mine.written.items() if at - when <= AT_ONCE}
    mine.written = {path: (value, mine.written[path][1]) for path, value in recent.items()}
    if not now.fresh or not recent:
        return
    for path, value in recent.items():
        stored = next((one.after for one in differences(Answers(), now.record.answers) if one.path == path), None)
        if stored != value:
            _add(_Conflict(path, stored=stored, other=value, mine=False))
            del mine.written[path]


def _add(conflict: _Conflict) -> None:
    kept = [one for one in st.session_state.get(_CONFLICTS, []) if one.path != conflict.path]
    st.session_state[_CONFLICTS] = [*kept, conflict]


# ------------------------------------------------------------------------------------------- on the page


def notices(now: state.Current) -> None:
    """What could not be saved, and what two people changed at once."""
    unsaved: _Unsaved | None = st.session_state.get(_UNSAVED)
    if unsaved is not None:
        with st.container(key="unsaved", border=True, gap="small"):
            st.error(
                components.escape(f"Not saved, because {unsaved.reason}. What you entered is still here; try again."),
                icon=":material/sync_problem:",
            )
            st.button("Save again", key="save-again", icon=":material/replay:", on_click=_again, args=(now,))
    elif now.stale:
        st.warning(
            components.escape(f"This is what was seen last, because {now.stale}. It is looked for again by itself."),
            icon=":material/sync_problem:",
        )
    for number, conflict in enumerate(st.session_state.get(_CONFLICTS, [])):
        _conflict(now, number, conflict)


def _again(now: state.Current) -> None:
    """``change`` takes what was not saved along; there is nothing new to be changed."""
    if st.session_state.get(_UNSAVED) is not None:
        change(now.services, lambda answers: answers)


def _conflict(now: state.Current, number: int, conflict: _Conflict) -> None:
    titles = {question.id: question.title for question in questionnaire.questions()}
    title = titles.get(".".join(map(str, conflict.path)), in_words(conflict.path))
    whose = ("Yours", "the other") if conflict.mine else ("The other", "yours")
    with st.container(key=f"conflict-{number}", border=True, gap="small"):
        st.markdown(f":material/group: **{components.escape(title)}** was changed by two people at once.")
        st.text(f"{whose[0]} is stored: {_said(conflict.stored)}\n{whose[1].capitalize()} was: {_said(conflict.other)}")
        with st.container(horizontal=True, gap="small"):
            if now.editable:
                st.button(
                    f"Store {whose[1]} instead",
                    key=f"conflict-other-{number}",
                    on_click=_settle,
                    args=(now, conflict, True),
                )
            st.button(
                "Leave it so",
                key=f"conflict-leave-{number}",
                type="tertiary",
                on_click=_settle,
                args=(now, conflict, False),
            )


def _said(value: Any) -> str:
    if value is None:
        return "not said"
    if value is True:
        return "named"
    if isinstance(value, dict):
        return ", ".join(f"{key} {inner}" for key, inner in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _settle(now: state.Current, conflict: _Conflict, other: bool) -> None:
    st.session_state[_CONFLICTS] = [one for one in st.session_state.get(_CONFLICTS, []) if one != conflict]
    if not other:
        return
    try:
        change(now.services, lambda answers: with_answer(answers, conflict.path, conflict.other))
    except (ValidationError, LookupError):
        st.toast("That value doesn't fit what is stored now; the answer stays as it is.", icon=":material/error:")
    state.memory().answers_version = 0  # the widget shows the other value
    state.memory().written.pop(conflict.path, None)
