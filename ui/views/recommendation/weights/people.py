"""People who weigh for themselves: who they are, what each alone comes to, and on what they part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st
from pydantic import ValidationError

from advisor.answers import Answers, Priorities, Voice
from advisor.model.decision import Decision
from advisor.questionnaire.errors import from_pydantic
from ui.kit import components, widget_changes
from ui.kit.fragments import redraw
from ui.session import saving, state
from ui.views.recommendation.weights import saving as priorities
from ui.views.recommendation.weights import scope

MOST: Final = 50
_FORM: Final = 340  # pixels, so that it fits on a phone
Voices = tuple[Voice, ...]


def chooser(now: state.Current) -> None:
    """Whose weights to look at, and for who may edit: one more person, or one less."""
    names, chosen = scope.names(now.answers), scope.name(now.answers)
    if names:
        key = f"whose-{priorities.epoch(now)}-{len(names)}"
        widget_changes.shows(key, chosen)
        st.selectbox(
            "Whose weights?",
            [scope.TOGETHER, *names],
            index=[scope.TOGETHER, *names].index(chosen),
            format_func=lambda name: name or "Everybody together",
            key=key,
            on_change=_choose,
            args=(key,),
        )
    if not now.editable or now.record is None:
        return
    with st.container(horizontal=True, gap="small", key="voices"):
        if len(names) < MOST:
            _adder(now)
        if chosen:
            st.button(
                components.escape(f"Take {chosen} out"),
                icon=":material/person_remove:",
                type="tertiary",
                key="voice-out",
                on_click=_remove,
                args=(now, chosen),
            )


def together(decision: Decision) -> None:
    """Everybody's own result, and on what they part."""
    if decision.group is None:
        st.caption("A hard requirement decides, so nobody's weights do.")
        return
    st.markdown(components.escape(decision.group.sentence))
    for number, voice in enumerate(decision.group.voices):
        with st.container(gap="xxsmall", key=f"voice-{number}"):
            st.text(voice.name)
            components.odds(voice.probability)
            if voice.sentence:
                st.caption(components.escape(voice.sentence))
    st.caption("Everybody counts alike. Choose a person to see or to change what matters to her or him.")


def _adder(now: state.Current) -> None:
    number = len(now.answers.voices)
    with (
        st.popover("Add a person", icon=":material/person_add:", key=f"voice-adder-{number}"),
        st.form(f"voice-form-{number}", border=False, width=_FORM),
    ):
        st.caption(
            "Everybody weighs alone; the recommendation counts each alike and says who differs, and on what."
            if number
            else "Once somebody has weights of her or his own, those count. The first starts from what is set here now."
        )
        key = f"voice-name-{number}"
        st.text_input("Name", key=key, max_chars=80)
        st.form_submit_button("Add", type="primary", on_click=_add, args=(now, key))


def _add(now: state.Current, key: str) -> None:
    written = str(st.session_state[key])
    if not written.strip():
        priorities.refuse("A person needs a name.")
    try:
        person = Voice(name=written)
    except ValidationError as error:
        priorities.refuse(f"This name can't be taken: {from_pydantic(error).said}.")
    if person.name in scope.names(state.current().answers):
        priorities.refuse(f"{person.name} is there already.")
    scope.look_at(person.name)

    def with_person(answers: Answers) -> Voices:
        if person.name in scope.names(answers):  # added by somebody else at the same moment
            return answers.voices
        return (*answers.voices, person.model_copy(update={"priorities": _first(answers)}))

    _change(now, with_person)


def _first(answers: Answers) -> Priorities:
    """Whoever comes first starts from what was said together, so that it isn't lost; the others by themselves."""
    return Priorities() if answers.voices else answers.priorities


def _remove(now: state.Current, name: str) -> None:
    scope.look_at(scope.TOGETHER)
    _change(now, lambda answers: tuple(voice for voice in answers.voices if voice.name != name))


def _change(now: state.Current, how: Callable[[Answers], Voices]) -> None:
    rest_holds = saving.change(now.services, lambda answers: answers.model_copy(update={"voices": how(answers)}))
    priorities.begin_anew()
    priorities.redraw(rest_holds)


def _choose(key: str) -> None:
    if widget_changes.is_news(key):
        scope.look_at(st.session_state[key])
        priorities.begin_anew()
        redraw(["weights"])
