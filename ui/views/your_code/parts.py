"""What becomes of each part of the code: proposed by whether it is in use, said by the team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from advisor.answers import Answers, CodePart, PartFate
from advisor.output.charts.code_map import CODE_AREA_TITLES
from advisor.questionnaire.changes import with_answer
from advisor.scan.report import AreaActivity, CodeActivity, CodeArea, FateReason, ScanReport
from advisor.wording.quantities import counted, percent
from ui.kit import components
from ui.session import saving, state

_FATES: Final[Mapping[PartFate, str]] = {"keep": "Keep", "drop": "Drop", "rewrite": "Rewrite"}
_REASONS: Final[Mapping[FateReason, str]] = {
    "reached": "a program that can be started uses it",
    "artefact": "it names a model file that is here",
    "recent": "no program uses it, but it was changed lately",
    "unreached": "no program that can be started uses it",
    "unreached_and_quiet": "no program that can be started uses it, and nobody has changed it for long",
}


def show(now: state.Current, report: ScanReport) -> None:
    """A line a part: what the scan proposes and why, and the choice for who may edit."""
    if not report.activity.areas:
        return
    st.markdown("## Keep, drop or rewrite?")
    st.caption(
        "What is given up costs nothing; finished migrations gave up more than anybody expected. The proposal goes by "
        "which programs import a file and when it was changed last. Where nothing is chosen, a part is kept."
        + _history(report.activity)
    )
    with st.container(gap="small", key="code-fates"):
        for area in CODE_AREA_TITLES:
            if found := report.activity.areas.get(area):
                _part(now, area, found)


def _part(now: state.Current, area: CodeArea, found: AreaActivity) -> None:
    said = now.answers.code_parts.get(area)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        with st.container(width=460, gap=None):
            st.markdown(f"**{CODE_AREA_TITLES[area]}** · {counted(found.files, 'file')}")
            st.caption(components.escape(_proposal(found)))
        if now.editable:
            key = f"fate-{area}-{said or ''}"  # another answer from elsewhere is another widget
            st.segmented_control(
                CODE_AREA_TITLES[area],
                list(_FATES),
                default=said,
                format_func=_FATES.__getitem__,
                key=key,
                label_visibility="collapsed",
                on_change=_say,
                args=(now, area, key),
            )
        else:
            st.markdown(_FATES[said] if said else "Not said")


def _proposal(found: AreaActivity) -> str:
    share = (
        f"; {percent(found.unreached_share)} of its uses stand where no program gets" if found.unreached_share else ""
    )
    last = f"; last changed {found.last_commit}" if found.last_commit else ""
    return f"{_FATES[found.proposed]} is proposed: {_REASONS[found.reason]}{share}{last}."


def _history(activity: CodeActivity) -> str:
    if activity.last_commit is None:
        return " There is no history in what was handed over, so nothing is known of when it was changed."
    return ""


def _say(now: state.Current, area: CodePart, key: str) -> None:
    fate: Any = st.session_state.get(key)

    def how(answers: Answers) -> Answers:
        return with_answer(answers, ("code_parts", area), fate)

    saving.change(now.services, how)
