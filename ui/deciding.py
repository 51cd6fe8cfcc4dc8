"""The decision for what is shown now, made once for a version of answers and run."""

from __future__ import annotations

import streamlit as st

from advisor import decide, knowledge
from advisor.model import Answers, Decision
from probes.schema import RunResult
from ui import state


def decision() -> Decision:
    """The decision of the current answers and run."""
    return for_answers(state.current())


def for_answers(now: state.Current) -> Decision:
    """The decision of ``now``."""
    return _decide(now.answers.model_dump_json(), now.measured_key, now.answers, now.measured)


@st.cache_resource(max_entries=256, show_spinner=False)
def _decide(answers_text: str, measured_key: str, _answers: Answers, _run: RunResult | None) -> Decision:
    del answers_text, measured_key  # parts of the cache's key only
    return decide.decide(_answers, knowledge.load(), _run)
