"""Measuring on a machine that this app doesn't reach: the plan goes there as a file, the record comes back as one."""

from __future__ import annotations

from typing import Final

import streamlit as st

from advisor.queue.hand_over import HandOverError, hand_over
from probes.records import sealed
from probes.records.plan_files import MeasurementPlan
from probes.schema import RunRequest
from ui.kit import components, links
from ui.kit.fragments import apart
from ui.session import decisions, saving, state, stored

PLAN, RECORD = "fulcrum-plan.json", "fulcrum-run.json"
_SEEN: Final = "run-record-seen"


def offer(now: state.Current, request: RunRequest) -> None:
    """The plan to take along, the lines to type there, and the place for what they made."""
    with st.expander("Measure on another machine", icon=":material/devices:"):
        st.markdown(
            "A laptop, a GPU server, a Mac: whatever runs this very plan has its results here, beside those of this "
            "machine and never mixed with them."
        )
        _plan(now, request)
        st.caption("There, in a folder with Fulcrum, beside the plan:")
        own = f" --model-file {request.model_file.name}" if request.model_file else ""
        st.code(
            f"pip install -r requirements.txt\npython -m probes run --plan {PLAN}{own} --out {RECORD}",
            language="bash",
            wrap_lines=True,
        )
        _record(now)
        links.link("machines", "All machines of this decision", ":material/devices:")


@apart(name="measurement-plan")
def _plan(now: state.Current, request: RunRequest) -> None:
    components.download("Download the plan", PLAN, lambda: _as_plan(now, request), key="download-plan")


def _as_plan(now: state.Current, request: RunRequest) -> str:
    return sealed(MeasurementPlan.of(request, decisions.priority(now)), indent=1)


def _record(now: state.Current) -> None:
    st.caption(f"Then bring {RECORD} back. Every verdict in it is recomputed before anything rests on it.")
    file = st.file_uploader(
        "Record of a run", type=["json"], key="run-record", label_visibility="collapsed", max_upload_size=1
    )
    if file is None or st.session_state.get(_SEEN) == file.file_id:
        return
    if now.record is None:
        saving.change(now.services, lambda answers: answers)
    decision_id = state.memory().decision_id
    if not decision_id or not state.may_edit_now():
        return  # the page says why
    try:
        hand_over(now.services, decision_id, file.getvalue(), file.name)
    except HandOverError as error:
        st.error(components.escape(str(error)), title="This record was not taken")
        return
    st.session_state[_SEEN] = file.file_id
    stored.look_again()
    st.rerun()
