"""The decision for what is shown now, made once for a version of answers and runs, and a day."""

from __future__ import annotations

from datetime import date
from functools import reduce

import streamlit as st

from advisor import decide
from advisor.answers import Answers
from advisor.evidence.tried import taken_over
from advisor.knowledge import Knowledge, load
from advisor.model import Decision
from probes.schema import RunResult
from ui import state, tried


def decision() -> Decision:
    """The decision of the current answers and run."""
    return for_answers(state.current())


def for_answers(now: state.Current) -> Decision:
    """The decision of ``now``."""
    return _decide(*key(now), now.answers, known(now), now.measured)


def key(now: state.Current) -> tuple[str, str, date]:
    """What a decision depends on, fit for a cache's key: answers, what was measured and tried, and day."""
    return now.answers.model_dump_json(), f"{now.measured_key}/{tried.key(now.services)}", today(now)


def today(now: state.Current) -> date:
    """The day on which facts are as old as they count, in UTC."""
    return now.services.clock.now().date()


def known(now: state.Current) -> Knowledge:
    """What is known, as old as it is today, with what was tried on this machine."""
    return _known(today(now), tried.key(now.services), tried.runs(now.services))


@st.cache_resource(max_entries=16, show_spinner=False)
def _known(day: date, tried_key: str, _runs: tried.Known) -> Knowledge:
    del tried_key  # part of the cache's key only
    return reduce(taken_over, _runs, load(on=day))


@st.cache_resource(max_entries=256, show_spinner=False)
def _decide(
    answers_text: str, measured_key: str, day: date, _answers: Answers, _known: Knowledge, _run: RunResult | None
) -> Decision:
    del answers_text, measured_key, day  # parts of the cache's key only
    return decide.decide(_answers, _known, _run)
