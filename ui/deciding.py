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
    run = now.run.result if now.run else None
    version = f"{now.run.id}:{now.run.version}" if now.run and run else ""
    return _decide(now.answers.model_dump_json(), version, now.answers, run)


@st.cache_resource(max_entries=256, show_spinner=False)
def _decide(answers_text: str, run_version: str, _answers: Answers, _run: RunResult | None) -> Decision:
    del answers_text, run_version  # parts of the cache's key only
    return decide.decide(_answers, knowledge.load(), _run)
