"""Under which addresses this server can be reached. Read from its settings and interfaces; nobody outside is asked."""

from __future__ import annotations

import ipaddress
import socket
from typing import Final

import psutil
from streamlit import config

_EVERYWHERE: Final = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


def reachable() -> tuple[str, tuple[str, ...]]:
    """A host name for this machine itself, and what others on its networks can use. Read from the interfaces."""
    bound = str(config.get_option("server.address") or "")
    if bound not in _EVERYWHERE:
        return bound, () if is_loopback(bound) else (bound,)
    usable = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family in (socket.AF_INET, socket.AF_INET6) and _is_usable(address.address)
    ]
    name = socket.gethostname()
    others = sorted(usable, key=lambda address: ":" in address)
    return "localhost", (*others, *((name,) if others and name != "localhost" else ()))


def base_address(host: str) -> str:
    """Where the app is under that host name or address, without a slash at the end."""
    scheme = "https" if config.get_option("server.sslCertFile") else "http"
    path = str(config.get_option("server.baseUrlPath") or "").strip("/")
    named = f"[{host}]" if ":" in host else host
    return f"{scheme}://{named}:{config.get_option('server.port')}" + (f"/{path}" if path else "")


def is_loopback(host: str) -> bool:
    """Whether this machine alone has that name or address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_usable(address: str) -> bool:
    """IPv6's link-local ones need the name of an interface, which no browser takes."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return not (ip.is_loopback or ip.is_link_local)
