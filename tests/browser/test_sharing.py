"""Answers, links, reload, a second browser: everybody sees the same, only the owner changes it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from scripts.driving import new_page, settle
from tests.browser.walking import decision_id, fresh, go, heading, use_example
from tests.pages import LISTED, PAGES, PATHS

pytestmark = pytest.mark.browser


def test_the_address_bar_is_always_the_share_link(chromium: Browser, app: str) -> None:
    page = fresh(chromium, app)
    decision = use_example(page)
    for title in (*LISTED[1:], LISTED[0]):
        go(page, title)
        assert decision_id(page) == decision
    page.go_back()
    settle(page)
    assert f"/{PAGES[-1]}" in page.url, "one step back is one page back"
    assert decision_id(page) == decision
    expect(page).to_have_title(f"{LISTED[-1]} · Fulcrum")
    page.context.close()


def test_a_deep_link_opens_its_page_with_the_decision(chromium: Browser, app: str) -> None:
    owner = fresh(chromium, app)
    decision = use_example(owner)
    name = owner.locator(".st-key-answer-project-name input").input_value()
    owner.context.close()
    visitor = new_page(chromium)
    for path in (*PATHS, PAGES[0]):
        visitor.goto(f"{app}/{path}?decision={decision}")  # a session of its own
        expect(visitor.get_by_text("You are reading a shared decision")).to_be_visible()
        expect(visitor.locator(".st-key-header-project")).to_have_text(name)
    visitor.context.close()


def test_reload_keeps_answers_and_the_right_to_edit(chromium: Browser, app: str) -> None:
    page = fresh(chromium, app)
    use_example(page)
    page.reload()
    settle(page)
    name = page.locator(".st-key-answer-project-name input")
    expect(name).to_be_enabled()
    expect(name).not_to_have_value("")
    page.context.close()


def test_a_change_reaches_the_other_browser_by_itself(chromium: Browser, app: str) -> None:
    owner = fresh(chromium, app)
    decision = use_example(owner)
    visitor = fresh(chromium, f"{app}/?decision={decision}")
    field = visitor.locator(".st-key-answer-project-name input")
    expect(field).to_be_disabled()
    owner.locator(".st-key-answer-project-name input").fill("Renamed by its owner")
    owner.keyboard.press("Enter")
    expect(field).to_have_value("Renamed by its owner", timeout=15_000)
    owner.context.close()
    visitor.context.close()


def test_the_owners_link_gives_the_right_to_edit(chromium: Browser, app: str) -> None:
    owner = fresh(chromium, app)
    use_example(owner)
    owner.get_by_role("button", name="Share").click()
    links = owner.get_by_test_id("stPopoverBody").get_by_test_id("stCode")
    expect(links).to_have_count(2)
    edit = links.nth(1).inner_text().strip()
    assert re.search(r"[?&]edit=[\w-]{20,}", edit)
    colleague = fresh(chromium, edit)
    expect(colleague.locator(".st-key-answer-project-name input")).to_be_enabled()
    go(colleague, "Recommendation")
    colleague.reload()
    settle(colleague)
    expect(colleague.get_by_text("You are reading a shared decision")).to_have_count(0)
    owner.context.close()
    colleague.context.close()


def test_a_decision_that_does_not_exist_offers_a_new_one(chromium: Browser, app: str) -> None:
    page = fresh(chromium, f"{app}/recommendation?decision=nothing-here")
    heading(page, "This decision doesn't exist")
    page.locator(".st-key-new-decision button").click()
    heading(page, "PyTorch or TensorFlow?")
    settle(page)
    assert "decision=" not in page.url
    page.context.close()
