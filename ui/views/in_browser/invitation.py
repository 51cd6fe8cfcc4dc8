"""A link for one browser: to open here, or to scan with a phone."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import segno
import streamlit as st

from advisor.ports import Services, StoreUnavailableError
from advisor.records import BrowserVisit
from probes.in_browser.schema import Kit
from ui.kit import components
from ui.kit.fragments import apart
from ui.kit.reachable import base_address, is_loopback, reachable
from ui.session import state

_MADE = "fulcrum_browser_link"  # (visit, token) of the link that this session made last; nobody else sees it
_PROBLEM = "fulcrum_browser_problem"
_PATH = "in-browser/"


def offer(services: Services, kit: Kit) -> None:
    """Make a link, and show it as long as nobody has opened it."""
    with components.card("browser-link"):
        st.markdown("## Measure in a browser")
        st.markdown(
            "A link opens a page of its own, which says what it loads and starts nothing by itself. It opens once, "
            "within 15 minutes, and gives no access to this decision: a phone can use it, or a colleague's computer."
        )
        st.button("Make a link", type="primary", icon=":material/qr_code_2:", key="invite", on_click=_make,
                  args=(services, kit))  # fmt: skip
        if problem := st.session_state.pop(_PROBLEM, ""):
            st.error(components.escape(problem), title="No link was made")
        if _MADE in st.session_state:
            _link(services)


@apart(every=2.0, name="browser-link")
def _link(services: Services) -> None:
    """The link as long as nobody has opened it: then it is of no use any more."""
    made: tuple[str, str] | None = st.session_state.get(_MADE)
    found = _waiting(services, made[0]) if made else None
    if made and found is not None:
        _show(made[1], found)


def _make(services: Services, kit: Kit) -> None:
    """The right may have gone since the button was drawn."""
    record = state.current().record
    if record is None or not state.may_edit_now():
        return
    try:
        plan = services.deployment.browser_plan(kit, secrets.randbits(32))
        made, token = services.store.invite(record.id, plan)
    except ValueError as error:
        st.session_state[_PROBLEM] = str(error)
    except StoreUnavailableError as error:
        st.session_state[_PROBLEM] = f"Nothing was saved, because {error}. Try again."
    else:
        st.session_state[_MADE] = made.id, token


def _waiting(services: Services, visit_id: str) -> BrowserVisit | None:
    record = state.current().record
    visits = services.store.visits(record.id) if record else ()
    return next((one for one in visits if one.id == visit_id and one.visit.state == "waiting"), None)


def _show(token: str, found: BrowserVisit) -> None:
    own, others = _addresses()
    with st.container(horizontal=True, gap="large", vertical_alignment="top"):
        with st.container(width=320, gap="small", key="link-here"):
            st.markdown("**This browser**")
            st.link_button("Open the measuring page", f"{own}{_PATH}#{token}", icon=":material/open_in_new:")
            st.caption("In a tab of its own; keep that one in front while it measures.")
        with st.container(width=320, gap="small", key="link-phone"):
            st.markdown("**A phone**")
            if not others:
                st.caption(
                    "Only this machine reaches Fulcrum now, so a phone can't open it. docs/team.md tells how others do."
                )
                return
            address = others[0]
            if len(others) > 1:
                address = st.selectbox("Under which address?", others, key="browser-address")
            link = f"{address}{_PATH}#{token}"
            code = segno.make(link, error="m", micro=False)
            st.image(code.svg_inline(scale=6, border=4, dark="#000", light="#fff"), width=260,
                     caption=f"Opens until {found.expires_at:%H:%M} UTC")  # fmt: skip
            st.code(link, language=None, wrap_lines=True)
            if not link.startswith("https:"):
                st.caption(
                    "Over http phones offer neither threads nor WebGPU: browsers keep both for https. docs/team.md "
                    "tells how to put Fulcrum behind it."
                )


def _addresses() -> tuple[str, tuple[str, ...]]:
    """Where this visitor has Fulcrum, and where another device finds it; each ends with a slash."""
    url = urlsplit(st.context.url or "")
    path = url.path.rpartition("/")[0]
    own = f"{url.scheme}://{url.netloc}{path}/" if url.netloc else "./"
    if url.hostname and not is_loopback(url.hostname):
        return own, (own,)
    return own, tuple(f"{base_address(host)}/" for host in reachable()[1])
