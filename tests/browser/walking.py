"""Steps that several browser tests take."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, expect

from probes.contracts import GROUPS
from scripts.driving import new_page, settle


def fresh(chromium: Browser, address: str, **how: object) -> Page:
    """A page in a browser of its own that minds where it calls and what breaks."""
    page = new_page(chromium, **how)  # type: ignore[arg-type]
    page.goto(address)
    settle(page)
    return page


def use_example(page: Page) -> str:
    """Fill the brief with the first worked example; returns the decision's id."""
    page.locator("[class*='st-key-use-example-'] button").first.click()
    page.wait_for_url("**decision=**")
    settle(page)
    return decision_id(page)


def decision_id(page: Page) -> str:
    """The id in the address bar."""
    return parse_qs(urlsplit(page.url).query)["decision"][0]


def go(page: Page, title: str) -> None:
    """Click a page in the header and wait until it is drawn."""
    page.locator(".st-key-header-pages a:visible", has_text=title).click()
    settle(page)


def ask_for_memory(page: Page) -> None:
    """Tick that question as well: beside other work a clocked figure may be too noisy, what a process holds is not."""
    question = page.get_by_role("checkbox", name=GROUPS["Memory and disk"])
    if not question.is_checked():
        question.locator("xpath=ancestor::label").click()
        settle(page)
    expect(question).to_be_checked()


def heading(page: Page, text: str) -> None:
    """The page shows this heading."""
    expect(page.get_by_role("heading", name=text, exact=False).first).to_be_visible()
