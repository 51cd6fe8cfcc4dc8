"""The decision for what is shown now, made once for a version of answers and runs, and a day."""

from __future__ import annotations

from datetime import date
from functools import reduce

import streamlit as st

from advisor.answers import Answers
from advisor.decision import decide
from advisor.decision.evidence.route_runs import taken_over
from advisor.knowledge import Knowledge, load
from advisor.model import Decision
from advisor.ports import Services
from advisor.queue import joining
from probes.schema import Priority, RunResult
from ui.session import route_runs, state

#: What a decision depends on, fit for a cache's key: answers, what was measured and tried, and day. The decision itself
#: isn't: by its ``id`` another one would be taken for it as soon as it is forgotten.
Key = tuple[str, str, date]


def decision() -> Decision:
    """The decision of the current answers and run."""
    return for_answers(state.current())


def for_answers(now: state.Current) -> Decision:
    """The decision of ``now``."""
    if "decision" not in now.worked_out:
        now.worked_out["decision"] = _decide(*key(now), now.answers, known(now), now.measured)
    found: Decision = now.worked_out["decision"]
    return found


def priority(now: state.Current) -> Priority:
    """What a run could gain the decision of ``now``."""
    return joining.priority(now.services, now.answers, lambda: for_answers(now))


def key(now: state.Current) -> Key:
    """What the decision of ``now`` depends on."""
    if "key" not in now.worked_out:
        tried_key, day = _tried(now)
        now.worked_out["key"] = now.answers.model_dump_json(), f"{now.measured_key}/{tried_key}", day
    found: Key = now.worked_out["key"]
    return found


def today(now: state.Current) -> date:
    """The day on which facts are as old as they count, in UTC."""
    return now.services.clock.now().date()


def known(now: state.Current) -> Knowledge:
    """What is known, as old as it is today, with what was tried on this machine."""
    tried_key, day = _tried(now)
    return _known(day, tried_key, now.services)


def _tried(now: state.Current) -> tuple[str, date]:
    """What ``now`` takes over from what was tried, and its day: the same for every part of a page."""
    if "tried" not in now.worked_out:
        now.worked_out["tried"] = route_runs.key(now.services), today(now)
    found: tuple[str, date] = now.worked_out["tried"]
    return found


@st.cache_resource(max_entries=16, show_spinner=False)
def _known(day: date, tried_key: str, _services: Services) -> Knowledge:
    del tried_key  # part of the cache's key only
    return reduce(taken_over, route_runs.runs(_services), load(on=day))


@st.cache_resource(max_entries=256, show_spinner=False)
def _decide(
    answers_text: str, measured_key: str, day: date, _answers: Answers, _known: Knowledge, _run: RunResult | None
) -> Decision:
    del answers_text, measured_key, day  # parts of the cache's key only
    return decide.decide(_answers, _known, _run)
