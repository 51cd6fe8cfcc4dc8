"""The cookies by which a browser is known, and who operates this machine (docs/adr/0004, 0017)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Final

BROWSER: Final = "fulcrum_browser"
OPERATOR: Final = "fulcrum_operator"
#: Browsers take a cookie of such a name only over TLS and from this very host, so that no neighbour can plant one.
HOST_ONLY: Final = "__Host-"
TOKEN: Final = re.compile(r"[\w-]{32}", re.ASCII)


def value(cookies: Mapping[str, str], name: str) -> str:
    """A cookie's value, "" if there is none. The one that nobody else could have set counts, where there are two."""
    return cookies.get(HOST_ONLY + name) or cookies.get(name, "")


def browser_hash(cookies: Mapping[str, str]) -> str:
    """SHA-256 of the browser's token, "" when it has none that was made here."""
    token = value(cookies, BROWSER)
    return hashlib.sha256(token.encode()).hexdigest() if TOKEN.fullmatch(token) else ""
