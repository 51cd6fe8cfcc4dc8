"""Ways to fill the brief at once: worked examples and the answers file, up and down."""

from __future__ import annotations

from typing import Final

import streamlit as st

from advisor import questionnaire
from advisor.answers import Answers
from advisor.questionnaire import AnswersError
from ui.kit import components
from ui.kit.fragments import apart
from ui.session import decisions, saving, state

#: The download as a name for ``st.rerun``.
DOWNLOAD: Final = "answers-download"


def start_from(now: state.Current) -> None:
    """Three worked examples and the upload; folded once there are answers of one's own."""
    empty = now.answers == Answers()
    if empty:
        st.markdown("Start with a worked example, or with the first question below.")
        _examples(now)
    with st.container(horizontal=True, gap="small"):
        if not empty:
            with st.popover("Worked examples", icon=":material/lightbulb:"):
                st.caption("An example replaces the answers that are here now.")
                _examples(now, columns=1)
        with st.popover("Open an answers file", icon=":material/upload_file:"):
            _upload(now)
        if state.memory().undo is not None:
            st.button("Undo", icon=":material/undo:", key="undo", on_click=_undo, args=(now,))


def _examples(now: state.Current, columns: int = 3) -> None:
    with st.grid(columns, gap="small", min_column_width=240):
        for example in questionnaire.examples():
            with st.container(border=True, gap="xsmall", key=f"example-{example.id}", height="stretch"):
                with st.container(gap="xxsmall", height="stretch"):
                    st.markdown(f"**{components.escape(example.title)}**")
                    st.caption(components.escape(example.summary))
                st.button(
                    "Use this example",
                    key=f"use-example-{example.id}",
                    on_click=_replace,
                    args=(now, example.answers),
                    width="stretch",
                )


def _replace(now: state.Current, answers: Answers) -> None:
    saving.change(now.services, lambda _: answers, whole=True)


def _undo(now: state.Current) -> None:
    before = state.memory().undo
    if before is not None:
        saving.change(now.services, lambda _: before, whole=True)
        state.memory().undo = None


def _upload(now: state.Current) -> None:
    st.caption("A YAML file as the command line reads it. It replaces the answers that are here now.")
    file = st.file_uploader(
        "Answers file", type=["yaml", "yml"], key="answers-file", label_visibility="collapsed", max_upload_size=1
    )
    if file is None:
        return
    seen = f"{file.file_id}"
    if st.session_state.get("answers-file-seen") == seen:
        return
    try:
        answers = questionnaire.parse(file.getvalue().decode("utf-8"), today=decisions.today(now))
    except UnicodeDecodeError:
        st.error("It isn't text in UTF-8. Save it as UTF-8 and try again.", title="This file can't be read")
    except AnswersError as error:
        st.error(components.escape(str(error)), title="This file was not taken over")
    else:
        st.session_state["answers-file-seen"] = seen
        _replace(now, answers)
        st.rerun()


@apart(name=DOWNLOAD)
def download(now: state.Current) -> None:
    """The answers as a file that the command line and this page read back.

    It has to be among the parts that a click redraws: Streamlit forgets the files of whatever it doesn't draw again
    after a callback, and the button would fail.
    """
    components.download(
        "Save the answers as a file (YAML)", "answers.yaml", lambda: _as_stored(now), key="download-answers"
    )


def _as_stored(now: state.Current) -> str:
    """When the button is pressed, not when it was drawn."""
    record = now.services.store.decision(now.record.id) if now.record else None
    return questionnaire.dump(record.answers if record else Answers())
