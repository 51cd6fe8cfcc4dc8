"""Who may ask: names that are this machine's, and pages that are this app's own."""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger("fulcrum.server")

#: RFC 6454, section 6.2, for the two schemes of the web. No user name, no path, no «null».
_AUTHORITY_PATTERN: Final = r"(?P<host>\[[0-9a-f:.]+\]|[^\s/@:?#\[\]]+)(?::(?P<port>\d{1,5}))?"
_ORIGIN: Final = re.compile(rf"(?P<scheme>https?)://{_AUTHORITY_PATTERN}", re.I)
_AUTHORITY: Final = re.compile(_AUTHORITY_PATTERN, re.I)
_PORTS: Final = {"http": 80, "https": 443}
_POLICY_VIOLATION: Final = 1008  # RFC 6455, section 7.4.1


class Names:
    """The names under which this machine is known, and those that the settings add.

    ``allowed`` are host names, ``*.example.org`` for all below a domain, with a port if it isn't the scheme's own.
    Nobody outside is asked: a name service would learn of every stranger's request, and may take seconds.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = tuple(allowed)
        self._own = _own_names()

    def answers_to(self, host: str) -> bool:
        """Whether a Host header without its port is an address, or a name of this machine or of the settings."""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            names = (*self._own, *(entry.partition(":")[0] for entry in self._allowed))
            return any(fnmatch(host, name) for name in names)
        return True

    def allows_origin(self, origin: str, *, host: str, scheme: str) -> bool:
        """Whether a page of ``origin`` (a whole Origin header) may open a socket at ``host`` (a whole Host header).

        ``scheme`` is "http" or "https", as the request arrived. The app's own origin agrees in all three parts. A proxy
        may have ended TLS or changed the host on the way: then the settings must name the origin's host.
        """
        found, asked = _ORIGIN.fullmatch(origin), _AUTHORITY.fullmatch(host)
        if found is None:
            return False
        theirs, port = found["host"].lower(), int(found["port"] or _PORTS[found["scheme"].lower()])
        if asked is not None and found["scheme"].lower() == scheme:
            own_port = int(asked["port"] or _PORTS[scheme])
            if (theirs, port) == (asked["host"].lower(), own_port):
                return True
        usual = port == _PORTS[found["scheme"].lower()]
        return any(
            fnmatch(f"{theirs}:{port}", entry) if ":" in entry else usual and fnmatch(theirs, entry)
            for entry in self._allowed
        )


def _own_names(resolver: Path = Path("/etc/resolv.conf"), hosts: Path = Path("/etc/hosts")) -> frozenset[str]:
    """This machine's name, alone and with the domains that its own files give it."""
    own = socket.gethostname().lower()
    names = {"localhost", "*.localhost", own, f"{own}.local"}
    for line in _lines(resolver):
        keyword, *domains = line.split() or [""]
        if keyword in ("domain", "search"):
            names |= {f"{own}.{domain.strip('.').lower()}" for domain in domains if domain.strip(".")}
    for line in _lines(hosts):
        aliases = line.lower().partition("#")[0].split()[1:]
        if own in aliases:
            names |= {alias for alias in aliases if alias == own or alias.startswith(f"{own}.")}
    return frozenset(names)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


class HostCheck:
    """Answers only under names that are this machine's: a page of a stranger's domain that is rebound to this
    address (DNS rebinding) can't talk to the app. Addresses are always allowed, so that the team can use them."""

    def __init__(self, app: ASGIApp, names: Names) -> None:
        self._app, self._names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses HTTP requests and websockets alike."""
        if scope["type"] in ("http", "websocket"):
            host = _host_name(Headers(scope=scope).get("host", ""))
            if not self._names.answers_to(host):
                await self._refuse(host, scope, receive, send)
                return
        await self._app(scope, receive, send)

    @staticmethod
    async def _refuse(host: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        text = f"Fulcrum doesn't answer to the host name {host[:100]!r}. To allow it, set FULCRUM_ALLOWED_HOSTS."
        await PlainTextResponse(text, status_code=400)(scope, receive, send)


def _host_name(header: str) -> str:
    """Without the port: ``[::1]:8501`` is ``::1``."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()


class OriginCheck:
    """Sockets and changes only for this app's own pages.

    A browser sends its cookies along with whatever page of another site or port asks for, but it names that page's
    origin. Streamlit would compare that with addresses for which it asks the outside, in the event loop.
    """

    def __init__(self, app: ASGIApp, names: Names) -> None:
        self._app, self._names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses websockets and all but reading. Who reads gets the same answer as without an origin."""
        headers = Headers(scope=scope) if scope["type"] in ("http", "websocket") else Headers()
        origin = headers.get("origin")
        if origin is None:  # no browser, or one that reads
            await self._app(scope, receive, send)
            return
        scheme = "https" if scope.get("scheme") in ("https", "wss") else "http"
        if self._names.allows_origin(origin, host=headers.get("host", ""), scheme=scheme):
            # Streamlit compares with the Host header only, which a proxy may have changed.
            await self._app(_with_origin(scope, f"{scheme}://{headers.get('host', '')}"), receive, send)
        elif scope["type"] == "websocket":
            log.warning(
                "a page of %.100r was refused; if that is this app's own address, set FULCRUM_ALLOWED_HOSTS", origin
            )
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        elif scope["method"] in ("GET", "HEAD"):
            await self._app(_with_origin(scope, None), receive, send)
        else:
            refusal = PlainTextResponse("Fulcrum takes changes from its own pages only.", status_code=403)
            await refusal(scope, receive, send)


def _with_origin(scope: Scope, origin: str | None) -> Scope:
    others = [(name, value) for name, value in scope["headers"] if name.lower() != b"origin"]
    return {**scope, "headers": others if origin is None else [*others, (b"origin", origin.encode("latin-1"))]}
