"""Parts of a page that are redrawn without the rest: the only user of ``st.fragment``, and of reruns by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Final, NoReturn, ParamSpec

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from advisor.ports import StoreUnavailableError
from ui.kit.turns import turns

P = ParamSpec("P")
EDITS: Final = "fulcrum_edits"  # whether this session may change what it shows, and so goes before readers


def _or_why_not(part: Callable[P, None]) -> Callable[P, None]:
    """What can't be read at the moment is said in its place; the rest of the page stands, and the clock goes on."""

    @wraps(part)
    def drawn(*arguments: P.args, **named: P.kwargs) -> None:
        try:
            part(*arguments, **named)
        except StoreUnavailableError as error:
            st.warning(f"This can't be shown now, because {error}.", icon=":material/sync_problem:")

    return drawn


def apart(*, every: float | None = None, name: str | None = None) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Draw the decorated part in a container of its own, and redraw it alone: ``every`` so many seconds, when one of
    its widgets is used, or when a callback asks for its ``name`` (``redraw``). The style sheet finds the
    container under ``st-key-apart-NAME``.

    The container is what keeps a slow page alive. Streamlit's front end may tidy up after a full run when a fragment's
    run has begun: it then takes the fragment's old block for stale and removes it, its siblings move up by one, and
    the fragment's next message is addressed to one of them. The page goes blank («'setIn' cannot be called on an
    ElementNode»; seen with 40 viewers on two cores). A fragment without siblings has none to move.
    """

    def decorate(part: Callable[P, None]) -> Callable[P, None]:
        safe = _or_why_not(part)

        @wraps(part)
        def in_turn(*arguments: P.args, **named: P.kwargs) -> None:
            if st.session_state.get(EDITS):
                with turns.editing():
                    safe(*arguments, **named)
            else:
                turns.give_way()
                safe(*arguments, **named)

        fragment = st.fragment(in_turn, run_every=every, key=name)

        @wraps(part)
        def drawn(*arguments: P.args, **named: P.kwargs) -> None:
            with st.container(key=f"apart-{name}" if name else None):
                fragment(*arguments, **named)

        return drawn

    return decorate


def redraw(names: Sequence[str]) -> NoReturn:
    """For callbacks: draw the parts with these names anew. Ends the callback, as ``st.rerun`` does.

    Streamlit calls a widget's callback once more when the widget leaves the page: the parts are then gone, and the page
    that was opened instead is drawn.
    """
    try:
        st.rerun(list(names))
    except StreamlitAPIException as error:
        if error.error_id != "rerun-unknown-fragment-key":
            raise
        st.rerun()


def name_of_part() -> str:
    """By which name the browser asks for the part that is being drawn, "" outside of any."""
    return ThreadState.get().fragment_id or ""
