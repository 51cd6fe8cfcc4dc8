"""The way of a team's own model: from the file to begin with over a look at it to its figures beside the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from advisor.adapters.operator_key import OperatorKeyFile
from scripts import driving
from scripts.driving import settle
from tests.browser.walking import ask_for_memory, decision_id, fresh, heading, use_example

pytestmark = [pytest.mark.browser, pytest.mark.framework, pytest.mark.timeout(420)]

RUN_MS = 300_000  # half a minute is asked for; test machines are busy


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[tuple[str, str]]:
    """An app with a folder of models: its address, and its operator's key."""
    data = tmp_path_factory.mktemp("own-data")
    with driving.running_app(data, environment={"FULCRUM_OWN_MODELS": str(folder)}) as address:
        yield address, OperatorKeyFile(data).read()


def begin(page: Page, folder: Path) -> None:
    """Put the file to begin with into the folder."""
    with page.expect_download() as download:
        page.locator(".st-key-download-template button").click()
    assert download.value.suggested_filename == "shelf_scanner.py"
    download.value.save_as(folder / download.value.suggested_filename)


@pytest.mark.measures
def test_from_the_file_to_begin_with_to_its_figures(chromium: Browser, operated: tuple[str, str], folder: Path) -> None:
    address, key = operated
    page = fresh(chromium, f"{address}/?operate={key}")
    decision = use_example(page)
    page.goto(f"{address}/own?decision={decision}")
    settle(page)
    begin(page, folder)
    page.reload()
    settle(page)

    page.locator(".st-key-start-describe button").click()
    expect(page.locator(".st-key-own-report")).to_contain_text("Both halves compute the same", timeout=RUN_MS)
    settle(page)
    page.locator(".st-key-measure-own button").click()
    heading(page, "Measure both, here")
    settle(page)
    expect(page.locator("[class*='st-key-network-'] input")).to_have_value("Your own: Shelf scanner")
    page.locator(".st-key-budget").get_by_role("radio", name="My own").click()
    minutes = page.locator(".st-key-budget-minutes input")
    minutes.fill("0.5")
    minutes.press("Enter")
    settle(page)
    ask_for_memory(page)
    page.locator(".st-key-start-run button").click()
    expect(page.locator(".st-key-download-run")).to_be_visible(timeout=RUN_MS)
    settle(page)
    heading(page, "Of ")

    page.goto(f"{address}/own?decision={decision}")
    settle(page)
    heading(page, "What was measured")
    expect(page.locator(".st-key-own-beside .js-plotly-plot")).to_be_visible()
    expect(page.get_by_text("«Convolutional network» is most like it")).to_be_visible()
    assert decision_id(page) == decision
    for part in ("own-layers", "own-ways", "beginning"):
        page.locator(f".st-key-{part} summary").click()
        settle(page)
    looked_at = Axe().run(page)
    assert looked_at.violations_count == 0, looked_at.generate_report()

    visitor = fresh(chromium, f"{address}/own?decision={decision}")
    expect(visitor.get_by_text("only its operators can have one measured here")).to_be_visible()
    assert visitor.locator(".st-key-own-file").count() == 0
    visitor.context.close()
    page.context.close()
