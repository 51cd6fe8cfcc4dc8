"""Links that give a right are exchanged for a cookie at the first visit, and never reach the page (docs/adr/0017)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from advisor.ports import Services, StoreUnavailableError
from ui.app.middleware import cookies
from ui.session.cookies import BROWSER, OPERATOR

log = logging.getLogger("fulcrum.server")

EDIT: Final = "edit"
OPERATE: Final = "operate"
#: The query parameter that tells the page how an exchange went, where that has to be said.
NOTICE: Final = "notice"
REFUSED_EDIT: Final = "edit-refused"
REFUSED_OPERATE: Final = "operate-refused"
UNAVAILABLE: Final = "store-unavailable"

#: What a page says of it.
NOTICES: Final[Mapping[str, str]] = {
    REFUSED_EDIT: "This link to edit is no longer valid, or it was cut off. Ask whoever sent it for a new one; "
    "you can read the decision meanwhile.",
    REFUSED_OPERATE: "This is not the operator's key. `python -m advisor key` prints it, on the machine that "
    "Fulcrum runs on.",
    UNAVAILABLE: "Your link to edit could not be looked up now, because the database can't be reached. Open it "
    "again in a minute.",
}


class LinkExchange:
    """Turns ``?decision=ID&edit=KEY`` and ``?operate=KEY`` into rights of this browser and takes the keys away.

    What stays in the address bar, in the history, in a proxy's log and in what people copy is safe to share.
    """

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app, self._services = app, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers such a page with the way to the same page without the key."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        if EDIT not in query and OPERATE not in query:
            await self._app(scope, receive, send)
            return
        edit_key, operator_key = query.pop(EDIT, None), query.pop(OPERATE, None)
        answer = Response(status_code=303, headers={"cache-control": "no-store", "referrer-policy": "no-referrer"})
        if operator_key is not None:
            granted = self._services.operator_key.matches(operator_key)
            if granted:
                proof = self._services.operator_key.proof()
                secure = cookies.is_secure(scope)
                answer.headers.append("set-cookie", cookies.header(OPERATOR, proof, secure=secure))
            else:
                query[NOTICE] = REFUSED_OPERATE
        if edit_key is not None:
            problem = await self._grant(query.get("decision", ""), edit_key, scope)
            if problem:
                query[NOTICE] = problem
        # Relative: a proxy may have changed host, scheme and base path on the way.
        page = quote(scope["path"].rpartition("/")[2])
        answer.headers["location"] = f"./{page}?{urlencode(query)}" if query else f"./{page}"
        # The browser needs its name before it can have rights: the cookie goes with this very answer.
        answer.headers["content-type"] = "text/html; charset=utf-8"
        await answer(scope, receive, send)

    async def _grant(self, decision: str, key: str, scope: Scope) -> str:
        """Remember the browser as an editor; "" or the notice that says why not."""
        browser: str = scope["state"][BROWSER]
        try:
            granted = await asyncio.to_thread(self._services.store.grant_edit, decision, key, browser)
        except LookupError:
            return REFUSED_EDIT
        except StoreUnavailableError as error:
            log.warning("an edit link could not be exchanged: %s", error)
            return UNAVAILABLE
        return "" if granted else REFUSED_EDIT
