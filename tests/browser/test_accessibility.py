"""Every page under axe-core: contrast, names, landmarks, order of headings."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from scripts.driving import new_page, settle
from tests.browser.walking import fresh, use_example
from tests.pages import PATHS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_nothing_stands_in_anybodys_way(
    chromium: Browser, app: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    owner = fresh(chromium, app)
    decision = use_example(owner)
    owner.context.close()
    page = new_page(chromium, width=width, scheme=scheme)
    for path in PATHS:
        page.goto(f"{app}/{path}?decision={decision}")
        settle(page)
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
