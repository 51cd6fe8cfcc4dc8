"""Pages through AppTest, over fakes: no server, no framework, no database."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.caching.cache_utils import CachedFunc
from streamlit.testing.v1 import AppTest, local_script_runner
from streamlit.util import calc_hash

from advisor.ports import Services
from advisor.records import Requester
from tests.places import SHELL
from ui.app import services as shared
from ui.session import rights

BROWSER = hashlib.sha256(b"a browser").hexdigest()
#: Every AppTest reads the metadata of all installed packages anew, which costs more than the page; they stay the same.
_installed_components = cache(manifest_scanner.scan_component_manifests)


def open_page(
    monkeypatch: pytest.MonkeyPatch,
    services: Services,
    page: str = "brief",
    *,
    browser: str = "",
    operator: bool = False,
    **query: str,
) -> AppTest:
    """Run the shell on a page, as a browser that opens ``/PAGE?QUERY`` would.

    ``browser`` is the hash of its cookie, "" for none. A key to edit is exchanged as the middleware does.
    """
    if "edit" in query:
        browser = browser or BROWSER
        services.store.grant_edit(query["decision"], query.pop("edit"), browser)
    _forget()
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", _installed_components)
    monkeypatch.setattr(local_script_runner, "require_widgets_deltas", _until_it_ends)
    monkeypatch.setattr(shared, "get", lambda: services)
    monkeypatch.setattr(rights, "browser", lambda: browser)  # AppTest has no request and so no cookies
    monkeypatch.setattr(rights, "operates", lambda _: operator)
    monkeypatch.setattr(rights, "requester", lambda _: Requester(browser=browser, operator=operator))  # nor an address
    app = AppTest.from_file(SHELL, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    # Pages are callables, which AppTest.switch_page can't name (it takes files); a browser sends this hash.
    app._page_hash = calc_hash(page)
    app.run()
    assert not app.exception, [error.message for error in app.exception]
    return app


def _until_it_ends(runner: local_script_runner.LocalScriptRunner, timeout: float) -> None:
    """AppTest asks a thousand times a second whether the page's thread is over, through all messages that there are,
    and slows it down by a fifth: here it waits for the thread. Raises RuntimeError when ``timeout`` seconds are over.
    """
    thread = runner._script_thread
    assert thread is not None, "it was started"
    thread.join(timeout)
    if thread.is_alive():
        runner.request_stop()
        runner.join()
        raise RuntimeError(f"the page took more than {timeout:g} s")


def _forget() -> None:
    """What pages keep for a time is of one test's services. What they keep for a version holds whoever asks, so that
    every test finds the decisions of those before it.
    """
    modules = [module for name, module in sys.modules.items() if name.startswith("ui.")]
    for kept in [value for module in modules for value in vars(module).values() if isinstance(value, CachedFunc)]:
        kept.clear()


def texts(app: AppTest) -> str:
    """Everything that is written on the page, one line an element; the style sheet is not."""
    kinds = ("markdown", "caption", "text", "info", "warning", "error", "title", "html", "code")
    elements: Iterable[Any] = (element for kind in kinds for element in app.get(kind))
    return "\n".join(str(e.value) for e in elements if not str(e.value).startswith("<style>"))
