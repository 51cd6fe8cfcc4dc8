"""The popover with a decision's links, and for its owner the ways to take them back."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from advisor.ports import StoreUnavailableError
from ui.kit import links
from ui.session import rights, state

WARNING = (
    "Whoever opens this one can change the answers and start runs on this machine, from then on and in that browser. "
    "Keep it, or pass it on to who should decide with you."
)


def share(now: state.Current, page_path: str) -> None:
    """One link to read, and for who may edit one to edit."""
    with st.popover("Share", icon=":material/ios_share:"):
        if now.record is None:
            st.markdown(
                "**Nothing to share yet.** Answer a question or pick an example, and this decision gets its link."
            )
            return
        here = f"{links.base_url()}/{page_path}"
        st.markdown("**Link to read.** Shows answers, live probes and recommendation; changes nothing.")
        st.code(f"{here}?{urlencode(state.links(now.record.id))}", language=None, wrap_lines=True)
        if not now.editable:
            st.caption("You are reading somebody else's decision. Ask its owner for the link to edit.")
            return
        st.markdown("**Link to edit.**")
        st.code(f"{here}?{urlencode(state.links(now.record.id, now.record.edit_key))}", language=None, wrap_lines=True)
        st.warning(WARNING, icon=":material/key:")
        if now.owned:
            with st.expander("Take it back", icon=":material/undo:"):
                _take_back(now)


def _take_back(now: state.Current) -> None:
    editors = len(now.record.editors) if now.record else 0
    had = f" {editors} other browsers may edit by it now." if editors > 1 else " One other browser may edit by it now."
    st.button(
        "Make the old link to edit invalid",
        icon=":material/link_off:",
        key="rotate-link",
        help=f"It gets a new link, and only you may edit until you pass that on.{had if editors else ''}",
        on_click=_rotate,
        args=(now,),
        width="stretch",
    )
    sure = st.checkbox("I want to delete this decision, with its answers, runs and figures", key="delete-sure")
    st.button(
        "Delete this decision",
        icon=":material/delete_forever:",
        key="delete-decision",
        disabled=not sure,
        on_click=_delete,
        args=(now,),
        width="stretch",
    )


def _rotate(now: state.Current) -> None:
    record = _owned(now)
    if record is None:
        return
    try:
        changed = now.services.store.rotate_edit_key(record)
    except (LookupError, StoreUnavailableError) as error:
        st.toast(f"The old link is still valid, because {error}. Try again.", icon=":material/error:")
        return
    mine = state.memory()
    mine.edit_key = changed.edit_key if mine.edit_key else ""
    st.toast("The old link to edit gives no right any more.", icon=":material/link_off:")


def _delete(now: state.Current) -> None:
    record = _owned(now)
    if record is None or not st.session_state.get("delete-sure"):
        return
    try:
        now.services.store.delete_decision(record)
    except (LookupError, StoreUnavailableError) as error:
        st.toast(f"The decision was not deleted, because {error}. Try again.", icon=":material/error:")
        return
    state.forget()
    st.toast("The decision is deleted.", icon=":material/delete_forever:")


def _owned(now: state.Current) -> str | None:
    """The decision's id, if this browser still owns it: the right may have gone since the button was drawn."""
    mine = state.memory()
    record = now.services.store.decision(mine.decision_id)
    owned = record is not None and rights.owns(now.services, record, edit_key=mine.edit_key)
    return record.id if record and owned else None
