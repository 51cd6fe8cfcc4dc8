"""The planner's questions and probes through AppTest."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from probes.contracts import GROUPS
from ui.views.probes import probe_picker


def opened(app: AppTest) -> AppTest:
    """The page with all that is folded of its questions open."""
    for key in (probe_picker.MORE, *(f"probes-of-{heading}" for heading in GROUPS)):
        app.session_state[key] = True
    return app.run()


def searching(app: AppTest) -> AppTest:
    """The page with its search open."""
    app.session_state[probe_picker.SEARCH] = True
    return app.run()


def boxes(app: AppTest, place: str = "of") -> dict[str, Any]:
    """The boxes by their probes: those under the questions, or those that were ``found``."""
    start = f"probe-{place}-"
    return {str(b.key).removeprefix(start): b for b in app.checkbox if str(b.key).startswith(start)}


def box(app: AppTest, probe: str) -> Any:
    """The box of one probe under its question."""
    return boxes(app)[probe]


def question(app: AppTest, heading: str) -> Any:
    """The box of a question."""
    return app.checkbox(key=f"question-{heading}")


def offered(app: AppTest) -> set[str]:
    """The probes that have a box under a question."""
    return set(boxes(app))


def ticked(app: AppTest) -> set[str]:
    """The probes that are seen to be ticked."""
    return {probe for probe, one in boxes(app).items() if one.value}
