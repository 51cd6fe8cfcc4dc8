"""The Content-Security-Policy lets pages draw all they have, and nothing reach or come from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from scripts import driving
from scripts.driving import settle
from tests.browser.walking import fresh, go, use_example
from tests.pages import LISTED
from tests.places import ROOT

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
VIEWS = ROOT / "ui"


def test_every_kind_of_element_is_drawn(chromium: Browser, tmp_path: Path) -> None:
    with driving.running_app(tmp_path, script=HERE / "elements_app.py") as address:
        page = driving.new_page(chromium)
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        settle(page)
        for drawn in (
            "stGraphVizChart] svg",
            "stPlotlyChart] svg",
            "stDataFrame] canvas",
            "stFileUploader] button",
            "stImage] img",
        ):
            expect(page.locator(f"[data-testid={drawn}").first).to_be_visible()
        expect(page.locator(".st-key-component")).to_contain_text("ran")
        assert not [text for text in said if "Content Security Policy" in text or "wasm" in text]
        refused = page.evaluate("fetch('http://192.0.2.1/').then(() => 'reached', () => 'refused')")
        assert refused == "refused"
        page.wait_for_timeout(0)  # lets what the console said come in
        assert any("connect-src" in text for text in said), "by the policy, not by the network"
        page.context.close()


def test_the_page_of_elements_has_all_that_pages_draw() -> None:
    """A new kind of chart or component has to be tried under the policy."""
    kinds = re.compile(r"st\.(\w+_chart|dataframe|latex|code|html|file_uploader|components|image|audio|video|map)\b")
    used = {kind for file in VIEWS.rglob("*.py") for kind in kinds.findall(file.read_text(encoding="utf-8"))}
    tried = set(kinds.findall((HERE / "elements.py").read_text(encoding="utf-8")))
    assert used
    assert used <= tried


def test_no_page_breaks_the_policy(chromium: Browser, app: str) -> None:
    page = fresh(chromium, app)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    use_example(page)
    for title in LISTED[1:]:
        go(page, title)
    assert not [text for text in said if "Content Security Policy" in text]
    page.context.close()
