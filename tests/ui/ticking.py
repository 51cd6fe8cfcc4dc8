"""The planner's list of probes through AppTest."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from ui.views.probes import probe_picker


def opened(app: AppTest) -> AppTest:
    """The page with its list of probes open."""
    app.session_state[probe_picker.LIST] = True
    return app.run()


def boxes(app: AppTest) -> dict[str, Any]:
    """The boxes of the list by their probes."""
    return {str(b.key).split("-", 3)[3]: b for b in app.checkbox if str(b.key).startswith("probe-")}


def box(app: AppTest, probe: str) -> Any:
    """The box of one probe."""
    return boxes(app)[probe]


def offered(app: AppTest) -> set[str]:
    """The probes that have a box on the page."""
    return set(boxes(app))


def ticked(app: AppTest) -> set[str]:
    """The probes that are seen to be ticked."""
    return {probe for probe, one in boxes(app).items() if one.value}
