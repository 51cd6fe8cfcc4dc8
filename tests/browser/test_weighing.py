"""Saying what matters in a real browser, and looking at every picture of what would turn it."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from advisor.decision import what_if
from advisor.questionnaire import examples
from scripts.driving import settle
from tests.browser.walking import fresh, use_example
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

WAYS = {
    "In order": "Name them in order",
    "Ranges": "Say between",
    "In pairs": "Compare two",
    "Sliders": "Move what you",
}


def weighing(chromium: Browser, app: str) -> Page:
    """The recommendation of a worked example, as its owner sees it."""
    page = fresh(chromium, app)
    use_example(page)
    page.get_by_role("link", name="Recommendation").first.click()
    settle(page)
    return page


def test_the_way_that_was_chosen_stays_when_the_controls_of_another_leave_the_page(chromium: Browser, app: str) -> None:
    """Streamlit calls a slider's callback once more after it has left: 21 of them undid the choice."""
    page = weighing(chromium, app)
    weights = page.locator(".st-key-weights")
    for way, said in [*WAYS.items(), *WAYS.items()]:
        weights.get_by_role("radio", name=way).click()
        expect(weights.get_by_text(said)).to_be_visible()
        settle(page)
        expect(weights.get_by_role("radio", name=way)).to_be_checked()
        expect(weights.get_by_text(said)).to_be_visible()
    page.context.close()


def test_pairs_are_kept_and_found_again(chromium: Browser, app: str) -> None:
    page = weighing(chromium, app)
    weights = page.locator(".st-key-weights")
    weights.get_by_role("radio", name="In pairs").click()
    weights.get_by_role("button", name="Compare the 3 heaviest").click()
    expect(weights.get_by_role("slider")).to_have_count(3)
    settle(page)
    weights.get_by_role("slider").first.press("Home")
    expect(weights.get_by_text("matters extremely more than")).to_be_visible()
    settle(page)
    page.reload()
    settle(page)
    expect(weights.get_by_text("matters extremely more than")).to_be_visible()
    expect(weights.get_by_text("These comparisons contradict each other")).to_be_visible()
    page.context.close()


def test_each_picture_of_what_would_turn_it_is_fit_for_every_reader(chromium: Browser, app: str) -> None:
    page = weighing(chromium, app)
    box = page.get_by_role("combobox", name="What if")
    box.scroll_into_view_if_needed()
    settle(page)  # a list that is open closes when the page scrolls under it
    box.press("ArrowDown")
    for _ in range(what_if.turnable(examples()[0].answers).index("code.framework")):
        box.press("ArrowDown")
    box.press("Enter")
    expect(page.get_by_text("What is recommended would change with")).to_be_visible()
    for view in ("What isn't known", "One weight, all the way"):
        page.get_by_role("radio", name=view).click()
        settle(page)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.context.close()


#: What a part says, and what its charts were given: where Plotly puts how many ticks depends on what it drew before.
SHOWN = """part => {
    const words = part.cloneNode(true);
    words.querySelectorAll('.js-plotly-plot').forEach(chart => chart.remove());
    const charts = [...part.querySelectorAll('.js-plotly-plot')].map(chart => JSON.stringify(chart.data));
    return [words.innerText, ...charts];
}"""


def test_everything_follows_a_weight(chromium: Browser, app: str) -> None:
    """The verdict is painted first; what comes in the second go must be the same as on a page opened anew."""
    page = weighing(chromium, app)
    parts = [f".st-key-apart-{part}" for part in ("verdict", "why", "criteria", "turning")]

    def shown(of: Page) -> dict[str, list[str]]:
        return {part: of.locator(part).evaluate(SHOWN) for part in parts}

    before = shown(page)
    slider = page.locator(".st-key-weights").get_by_role("slider").first
    for key in ("Home", "End", "Home"):  # the last one counts, however fast they come
        slider.press(key)
    wait_until(lambda: shown(page)[parts[0]] != before[parts[0]], "the verdict follows")
    settle(page)
    anew = page.context.new_page()
    seen: list[dict[str, list[str]]] = []

    def alike() -> bool:
        # A slider tells its value a moment after the key: what was saved before the last key isn't the end yet.
        anew.goto(page.url)
        settle(anew)
        seen[:] = [shown(page), shown(anew)]
        return seen[0] == seen[1]

    try:
        wait_until(alike, "the page is as one opened anew")
    except AssertionError:
        assert seen[0] == seen[1]  # says which part differs, and how
        raise
    assert all(seen[1][part] != before[part] for part in parts)
    page.context.close()


def test_who_knows_better_gets_from_the_criterion_to_the_form(chromium: Browser, app: str) -> None:
    page = weighing(chromium, app)
    criterion = page.locator(".st-key-criterion-ecosystem")
    criterion.get_by_text("Models and libraries").click()
    criterion.get_by_role("button", name="Know better").click()
    settle(page)
    expect(page.get_by_role("heading", name="Set a fact")).to_be_visible()
    expect(page.get_by_role("combobox", name="Criterion")).to_have_value("Models and libraries")
    assert "decision=" in page.url
    page.context.close()
