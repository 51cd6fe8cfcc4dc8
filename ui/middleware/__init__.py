"""Plain ASGI middleware, from the outside in: who may ask, what every answer carries, whose browser it is."""

from __future__ import annotations

from starlette.middleware import Middleware

from advisor.ports import Services
from ui.looks import QuietLooks
from ui.middleware.compression import CompressedAssets
from ui.middleware.cookies import BrowserCookie
from ui.middleware.headers import SecurityHeaders
from ui.middleware.hosts import HostCheck, Names, OriginCheck
from ui.middleware.links import LinkExchange
from ui.middleware.sockets import SocketGuard


def stack(services: Services, *, allowed_hosts: tuple[str, ...]) -> list[Middleware]:
    """Headers come first, so that refusals carry them too."""
    names = Names(allowed_hosts)
    return [
        Middleware(SecurityHeaders),
        Middleware(HostCheck, names=names),
        Middleware(OriginCheck, names=names),
        Middleware(SocketGuard),
        Middleware(BrowserCookie),
        Middleware(LinkExchange, services=services),
        Middleware(CompressedAssets),
        Middleware(QuietLooks),
    ]
