"""Under which addresses this server can be reached, and what it says of that at its start. Nobody outside is asked."""

from __future__ import annotations

import ipaddress
import socket
from typing import Final
from urllib.parse import quote

import psutil
from streamlit import config

from advisor import wiring
from advisor.wiring import Settings
from ui.app.middleware.link_exchange import OPERATE

_EVERYWHERE: Final = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


def welcome(settings: Settings) -> str:
    """Where to open the app, what a visitor may do, and the operator's link."""
    own, others = reachable()
    base = _base(own)
    lines = ["", "  Fulcrum is ready.", "", f"  On this machine:  {base}"]
    lines += [f"  For your team:    {_base(other)}" for other in others]
    lines += [f"  To operate:       {base}/?{OPERATE}={quote(wiring.operator_key(settings).read())}", ""]
    if others:
        lines += [
            "  Whoever reaches these addresses may make decisions, read and change those whose links they have, and",
            "  start measurements within quotas. Environments, servers under load and self-checks take the operator's",
            "  link. For this machine alone: STREAMLIT_SERVER_ADDRESS=127.0.0.1. docs/team.md tells the rest.",
        ]
    else:
        lines += ["  Only this machine reaches it. How a team does is told in docs/team.md."]
    return "\n".join([*lines, ""])


def reachable() -> tuple[str, tuple[str, ...]]:
    """A host name for this machine itself, and what others on its networks can use. Read from the interfaces."""
    bound = str(config.get_option("server.address") or "")
    if bound not in _EVERYWHERE:
        return bound, () if _is_loopback(bound) else (bound,)
    usable = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family in (socket.AF_INET, socket.AF_INET6) and _is_usable(address.address)
    ]
    name = socket.gethostname()
    others = sorted(usable, key=lambda address: ":" in address)
    return "localhost", (*others, *((name,) if others and name != "localhost" else ()))


def reached_by_others(settings: Settings) -> str:
    """Why other machines may reach the pages, as the end of a sentence; "" if none can, whatever it shows."""
    if not _is_loopback(str(config.get_option("server.address") or "")):  # networks come and go, the binding stays
        return "not where other machines reach the pages"
    if settings.allowed_hosts:
        return "not together with FULCRUM_ALLOWED_HOSTS, by which a proxy lets others reach the pages"
    return ""


def why_no_own_models(settings: Settings) -> str:
    """Why pages may not have a team's own models run; "" if they may, or nobody wants it. Code is nothing that another
    machine should be able to start, whatever its browser can show."""
    why = reached_by_others(settings) if settings.own_models is not None else ""
    if not why:
        return ""
    return f"FULCRUM_OWN_MODELS: {why}, because a model file is code; allowed with STREAMLIT_SERVER_ADDRESS=127.0.0.1"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_usable(address: str) -> bool:
    """IPv6's link-local ones need the name of an interface, which no browser takes."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return not (ip.is_loopback or ip.is_link_local)


def _base(host: str) -> str:
    scheme = "https" if config.get_option("server.sslCertFile") else "http"
    path = str(config.get_option("server.baseUrlPath") or "").strip("/")
    named = f"[{host}]" if ":" in host else host
    return f"{scheme}://{named}:{config.get_option('server.port')}" + (f"/{path}" if path else "")
