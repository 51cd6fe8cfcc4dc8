"""What this browser may do besides reading: edit a decision, operate this machine (docs/adr/0017).

Rights come from cookies that the server gave in exchange for a link. Addresses prove nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Callable
from typing import Any, Final, ParamSpec

import streamlit as st

from advisor.ports import Services
from advisor.records import DecisionRecord, Job, Requester
from ui.session import cookies

P = ParamSpec("P")
_SALT: Final = secrets.token_bytes(16)
HOW = "For operators only. Their link was printed when Fulcrum was started; `python -m advisor key` prints it again."


def browser() -> str:
    """SHA-256 of this browser's token, "" when it keeps no cookies."""
    return cookies.browser_hash(st.context.cookies)


def operates(services: Services) -> bool:
    """Whether this browser may operate the machine."""
    return services.operator_key.proven(cookies.value(st.context.cookies, cookies.OPERATOR))


def may_edit(record: DecisionRecord, *, browser: str, edit_key: str = "") -> bool:
    """Whether a browser made the decision or was given the right by its link.

    ``edit_key`` is what the session that made the decision knows: enough where a browser keeps no cookies.
    """
    by_cookie = bool(browser) and browser in {record.owner, *record.editors}
    return by_cookie or (bool(edit_key) and hmac.compare_digest(record.edit_key.encode(), edit_key.encode()))


def owns(services: Services, record: DecisionRecord, *, edit_key: str = "") -> bool:
    """Whether this browser may take the link to edit back and delete the decision: it made it, or operates."""
    made_it = bool(record.owner) and hmac.compare_digest(record.owner, browser())
    return made_it or bool(edit_key and hmac.compare_digest(record.edit_key, edit_key)) or operates(services)


def requester(services: Services) -> Requester:
    """Who asks for work, as far as that is known. Addresses only have to be told apart while this process lives."""
    network = _network(st.context.ip_address or "")
    hashed = hmac.new(_SALT, network.encode(), hashlib.sha256).hexdigest() if network else ""
    return Requester(browser=browser(), address=hashed, operator=operates(services))


def _network(address: str) -> str:
    """What one visitor can't leave at will: an IPv4 address, or the /64 of an IPv6 one. "" for what is neither."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # a proxy may pass on whatever a visitor claims
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def may_cancel(services: Services, job: Job[Any, Any]) -> bool:
    """Whether this browser operates the machine, or started the job; a decision's are for those who may edit it."""
    started = bool(job.owner) and not job.kind.of_decision and hmac.compare_digest(job.owner, browser())
    return started or operates(services)


def operating(callback: Callable[P, None]) -> Callable[P, None]:
    """A callback whose first argument are the services, done only for who may operate at that moment."""

    def guarded(*arguments: P.args, **named: P.kwargs) -> None:
        services = arguments[0]
        assert isinstance(services, Services)  # noqa: S101 - what the decorated function takes
        if operates(services):
            callback(*arguments, **named)

    return guarded


def explain() -> None:
    """The line that stands where buttons would, for who may not press them."""
    st.caption(f":material/lock: {HOW}")
