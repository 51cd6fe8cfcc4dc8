"""Plain ASGI middleware, from the outside in: who may ask, what every answer carries, whose browser it is."""

from __future__ import annotations

from starlette.middleware import Middleware

from advisor.ports import Services
from ui.app.middleware.compression import CompressedAssets
from ui.app.middleware.cookies import BrowserCookie
from ui.app.middleware.first_page import FirstPage
from ui.app.middleware.headers import SecurityHeaders
from ui.app.middleware.hosts import HostCheck, Names, OriginCheck
from ui.app.middleware.link_exchange import LinkExchange
from ui.app.middleware.sockets import SocketGuard
from ui.app.middleware.uploads import UploadGuard
from ui.kit.polling import QuietLooks


def stack(services: Services, *, allowed_hosts: tuple[str, ...]) -> list[Middleware]:
    """Headers come first, so that refusals carry them too."""
    names = Names(allowed_hosts)
    return [
        Middleware(SecurityHeaders),
        Middleware(HostCheck, names=names),
        Middleware(OriginCheck, names=names),
        Middleware(SocketGuard),
        Middleware(UploadGuard),
        Middleware(BrowserCookie),
        Middleware(LinkExchange, services=services),
        Middleware(FirstPage),
        Middleware(CompressedAssets),
        Middleware(QuietLooks),
    ]
