"""Every page in a real browser: nothing breaks, is fetched from elsewhere or sticks out on a phone, and axe-core finds
nothing (contrast, names, landmarks, order of headings).
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Response, expect

from scripts.driving import new_page, settle
from tests.browser.walking import fresh, use_example
from tests.pages import PAGES, TITLES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

#: Names of links whose words end behind the link's edge.
CUT = """all => all.filter(p => {
  const words = document.createRange();
  words.selectNodeContents(p);
  return words.getBoundingClientRect().right > p.closest("a").getBoundingClientRect().right + 1;
}).map(p => p.innerText)"""
#: Where axe looks: it takes as long as all else together, and what two of the four show the others have, too.
LOOKED_AT = {(1440, "light"), (390, "dark")}
MARKUP = "<img src=x onerror=alert(1)><b>Bold</b> **bold** :smile: $x$"


@pytest.fixture(scope="module")
def decision(chromium: Browser, app: str) -> str:
    page = fresh(chromium, app)
    found = use_example(page)
    page.context.close()
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages(chromium: Browser, app: str, decision: str, width: int, scheme: Literal["light", "dark"]) -> None:
    page = new_page(chromium, width=width, scheme=scheme)
    foreign: list[str] = []
    errors: list[str] = []

    def watch(response: Response) -> None:
        url = urlsplit(response.url)
        if url.hostname not in ("127.0.0.1", None):
            foreign.append(response.url)
        # On /probes Streamlit's client asks /probes/_stcore/… before /_stcore/…, and expects the 404.
        if response.status >= 400 and not url.path.endswith(("/_stcore/health", "/_stcore/host-config")):
            errors.append(f"{response.status} {response.url}")

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            errors.append(message.text)

    page.on("response", watch)
    page.on("console", listen)
    page.on("pageerror", lambda error: errors.append(str(error)))
    for path, title in zip(PAGES, TITLES, strict=True):
        page.goto(f"{app}/{path}?decision={decision}")
        expect(page.get_by_role("heading").first).to_be_visible()
        settle(page)
        expect(page).to_have_title(f"{title} · Fulcrum")
        assert page.locator("[data-testid='stException']").count() == 0
        assert not errors
        assert not foreign, "fonts, icons and scripts come from the app itself"
        main = page.locator("[data-testid='stMain']")
        assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1, f"/{path} sticks out sideways"
        assert page.locator(".st-key-header-pages a p").evaluate_all(CUT) == [], "every page's name has room"
        if (width, scheme) in LOOKED_AT:
            found = Axe().run(page)
            assert len(found.response["passes"]) > 10, "axe looked at the page"
            assert found.violations_count == 0, found.generate_report()
    page.context.close()


def test_axe_sees_what_is_wrong(chromium: Browser) -> None:
    page = new_page(chromium)
    page.set_content("<html lang='en'><title>t</title><main><h1>t</h1><p style='color:#ccc'>faint</p></main></html>")
    found = Axe().run(page)
    assert [violation["id"] for violation in found.response["violations"]] == ["color-contrast"]
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
