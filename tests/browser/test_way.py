"""The way of the product: answer, measure both frameworks for real, read the recommendation, share it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.driving import settle
from tests.browser.walking import ask_for_memory, fresh, go, heading, use_example

pytestmark = [pytest.mark.browser, pytest.mark.framework, pytest.mark.timeout(420)]

RUN_MS = 300_000  # half a minute is asked for; test machines are busy


def rows(page: Page) -> list[str]:
    """The words of the live view, row by row."""
    return page.locator(".f-live-head").all_inner_texts()


def ask_for_half_a_minute(page: Page) -> None:
    """The budget then takes a few probes by itself; the whole of the quick budget runs on the command line."""
    page.locator(".st-key-budget").get_by_role("radio", name="My own").click()
    minutes = page.locator(".st-key-budget-minutes input")
    minutes.fill("0.5")
    minutes.press("Enter")
    expect(page.get_by_text(re.compile(r"[1-4] of \d+ probes are ticked, the budget's own"))).to_be_visible()
    settle(page)


@pytest.mark.measures
def test_answers_run_recommendation_second_browser(chromium: Browser, app: str) -> None:
    owner = fresh(chromium, app)
    decision = use_example(owner)
    expect(owner.locator(".st-key-as-it-stands")).to_contain_text("Nothing is measured yet")

    go(owner, "Probes")
    ask_for_half_a_minute(owner)
    ask_for_memory(owner)
    owner.locator(".st-key-start-run button").click()
    expect(owner.locator(".st-key-underway-run")).to_be_visible()

    # A second browser finds the run under way, may not stop it, and sees the same ratios come in.
    visitor = fresh(chromium, f"{app}/evidence?decision={decision}")
    expect(visitor.locator(".st-key-run-banner")).to_be_visible()
    visitor.goto(f"{app}/probes?decision={decision}")
    expect(visitor.locator(".st-key-underway-run")).to_be_visible()
    expect(visitor.locator(".st-key-cancel-run")).to_have_count(0)
    expect(visitor.locator(".f-live-interval").first).to_be_visible(timeout=RUN_MS)
    assert rows(visitor)

    # A reload in the middle changes nothing.
    owner.reload()
    expect(owner.locator(".st-key-underway-run, .st-key-download-run").first).to_be_visible()

    for page in (owner, visitor):
        expect(page.locator(".st-key-download-run")).to_be_visible(timeout=RUN_MS)
        settle(page)
        heading(page, "Of ")
        expect(page.locator(".st-key-forest-best .js-plotly-plot")).to_be_visible()

    go(owner, "Recommendation")
    expect(owner.locator(".st-key-answer")).to_contain_text("Probes were measured on")
    owner.locator(".st-key-apart-criteria").get_by_text("Show all").click()  # the heaviest may all be judged
    expect(owner.locator(".st-key-apart-criteria-details").get_by_text("measured here").first).to_be_visible()
    visitor.goto(f"{app}/recommendation?decision={decision}")
    settle(visitor)
    assert visitor.locator(".st-key-answer h2").inner_text() == owner.locator(".st-key-answer h2").inner_text()
    owner.context.close()
    visitor.context.close()


@pytest.mark.measures
def test_cancel_stops_a_run(chromium: Browser, app: str) -> None:
    page = fresh(chromium, app)
    use_example(page)
    go(page, "Probes")
    page.locator(".st-key-start-run button").click()
    expect(page.locator(".st-key-underway-run")).to_contain_text("Round 1", timeout=RUN_MS)
    page.locator(".st-key-cancel-run button").click()
    expect(page.get_by_text("This run was cancelled")).to_be_visible(timeout=30_000)
    page.context.close()
