"""The decision for what is shown now, made once for a version of answers and run, and a day."""

from __future__ import annotations

from datetime import date

import streamlit as st

from advisor import decide
from advisor.answers import Answers
from advisor.knowledge import Knowledge, load
from advisor.model import Decision
from probes.schema import RunResult
from ui import state


def decision() -> Decision:
    """The decision of the current answers and run."""
    return for_answers(state.current())


def for_answers(now: state.Current) -> Decision:
    """The decision of ``now``."""
    return _decide(*key(now), now.answers, now.measured)


def key(now: state.Current) -> tuple[str, str, date]:
    """What a decision depends on, fit for a cache's key: answers, run and day."""
    return now.answers.model_dump_json(), now.measured_key, today(now)


def today(now: state.Current) -> date:
    """The day on which facts are as old as they count, in UTC."""
    return now.services.clock.now().date()


def known(now: state.Current) -> Knowledge:
    """What is known, as old as it is today."""
    return load(on=today(now))


@st.cache_resource(max_entries=256, show_spinner=False)
def _decide(answers_text: str, measured_key: str, day: date, _answers: Answers, _run: RunResult | None) -> Decision:
    del answers_text, measured_key  # parts of the cache's key only
    return decide.decide(_answers, load(on=day), _run)
