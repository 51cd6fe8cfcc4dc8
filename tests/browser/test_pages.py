"""Every page in a real browser: nothing breaks, nothing is fetched from elsewhere, a phone needs no sideways scroll."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Request

from scripts.driving import new_page, settle
from tests.browser.walking import fresh, use_example

pytestmark = pytest.mark.browser

PATHS = ("", "probes", "recommendation", "evidence")
MARKUP = "<img src=x onerror=alert(1)><b>Bold</b> **bold** :smile: $x$"


@pytest.fixture(scope="module")
def decision(chromium: Browser, app: str) -> str:
    page = fresh(chromium, app)
    found = use_example(page)
    page.context.close()
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("path", PATHS)
def test_page(chromium: Browser, app: str, decision: str, path: str, width: int, scheme: str) -> None:
    page = new_page(chromium, width=width, scheme=scheme)  # type: ignore[arg-type]
    foreign: list[str] = []
    errors: list[str] = []

    def watch(request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host not in ("127.0.0.1", None):
            foreign.append(request.url)

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    page.on("request", watch)
    page.on("console", listen)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{app}/{path}?decision={decision}")
    settle(page)
    assert page.locator("[data-testid='stException']").count() == 0
    assert not errors
    assert not foreign, "fonts, icons and scripts come from the app itself"
    main = page.locator("[data-testid='stMain']")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1, "nothing sticks out sideways"
    page.context.close()


def test_markup_in_a_project_name_is_shown_as_text(chromium: Browser, app: str) -> None:
    page = fresh(chromium, app)
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.locator(".st-key-answer-project-name input").fill(MARKUP)
    page.keyboard.press("Enter")
    page.wait_for_url("**decision=**")
    settle(page)
    page.goto(page.url.replace("/?", "/recommendation?"))
    settle(page)
    assert page.locator(".st-key-project-title").inner_text() == MARKUP
    assert page.locator(".st-key-header-project").inner_text() == MARKUP
    assert page.locator("img[src='x']").count() == 0
    page.context.close()
