"""The team's skills from a CSV file, member by member."""

from __future__ import annotations

from typing import Final

import streamlit as st

from advisor.answers import Answers
from advisor.questionnaire import AnswersError, members
from advisor.wording.quantities import counted
from ui.kit import components
from ui.session import saving, state

GROUP: Final = "Team"  # of questions, below which it stands
EXAMPLE: Final = "name,pytorch,tensorflow\nAda,4,2\nGrace,1,5\n"


def panel(now: state.Current) -> None:
    """Who is in the team, and the upload."""
    team = now.answers.team.members
    if team:
        st.caption(f":material/groups: The levels above are the medians of {counted(len(team), 'member')}.")
    if not now.editable:
        return
    with st.popover("Skills from a CSV file", icon=":material/upload_file:"):
        st.caption(
            "A line for each member: name, pytorch, tensorflow; levels from 0 (none) to 5 (expert), empty for not "
            "known. The team's levels become the medians, and the spread between members widens them. Names stay "
            "with the answers: whoever has the link can read them."
        )
        st.code(EXAMPLE, language=None)
        _upload(now)


def _upload(now: state.Current) -> None:
    file = st.file_uploader(
        "Skills as CSV", type=["csv"], key="members-file", label_visibility="collapsed", max_upload_size=1
    )
    if file is None or st.session_state.get("members-file-seen") == file.file_id:
        return
    try:
        found = members.read(file.getvalue().decode("utf-8"))
    except UnicodeDecodeError:
        st.error("It isn't text in UTF-8. Save it as UTF-8 and try again.", title="This file can't be read")
    except AnswersError as error:
        st.error(components.escape(str(error)), title="This file was not taken over")
    else:
        st.session_state["members-file-seen"] = file.file_id

        def with_members(answers: Answers) -> Answers:
            return answers.model_copy(update={"team": members.applied(answers.team, found)})

        saving.change(now.services, with_members, whole=True)
        st.rerun()
