"""The way of a team's code: an archive in the browser, read by the real executor, and what the page says of it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Page, expect

from scripts.driving import settle
from tests import team_code
from tests.browser.conftest import LOG
from tests.browser.walking import decision_id, fresh, heading

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

READ_MS = 90_000  # a scan takes a second; test machines are busy
#: Streamlit's own drop zone calls itself presentational and takes a name all the same.
_DROP_ZONE = {"rules": {"presentation-role-conflict": {"enabled": False}}}
_UPLOAD = "[data-testid='stFileUploaderDropzoneInput']"


def hand_over(page: Page, name: str, content: bytes) -> None:
    """Choose a file and have it read."""
    page.locator(_UPLOAD).set_input_files(FilePayload(name=name, mimeType="application/zip", buffer=content))
    expect(page.locator(".st-key-start-scan button")).to_be_enabled()
    settle(page)
    page.locator(".st-key-start-scan button").click()


def test_from_an_archive_to_what_each_way_costs(chromium: Browser, app: str, pytestconfig: pytest.Config) -> None:
    page = fresh(chromium, f"{app}/your-code")
    expect(page.get_by_text("Your code is read and never run")).to_be_visible()
    hand_over(page, "shop.zip", team_code.zipped())
    expect(page.locator(".st-key-apart-code-findings")).to_be_visible(timeout=READ_MS)
    settle(page)
    for title in ("shop.zip: TensorFlow", "What was not seen", "What stands in the way", "What each way costs"):
        heading(page, title)
    expect(page.locator(".st-key-code-map .js-plotly-plot")).to_be_visible()
    expect(page.locator(".st-key-code-effort .js-plotly-plot")).to_be_visible()
    page.locator(".st-key-code-rule-tf1-session summary").click()
    expect(page.get_by_text("with tf.Session() as session:")).to_be_visible()
    settle(page)
    for key, suffix in (("markdown", "scan.md"), ("json", "scan.json"), ("sarif", "scan.sarif")):
        with page.expect_download() as download:
            page.locator(f".st-key-download-scan-{key} button").click()
        assert download.value.suggested_filename == suffix
    uploads: Path = pytestconfig.stash[LOG].parent / "uploads"
    assert list(uploads.iterdir()) == [], "what was uploaded is deleted"

    page.locator(".st-key-take-code-framework button").click()
    settle(page)
    expect(page.locator(".st-key-take-code-framework")).to_have_count(0)
    page.reload()
    settle(page)
    heading(page, "shop.zip: TensorFlow")
    looked_at = Axe().run(page)
    assert looked_at.violations_count == 0, looked_at.generate_report()

    reader = fresh(chromium, f"{app}/your-code?decision={decision_id(page)}", width=390, scheme="dark")
    heading(reader, "What each way costs")
    assert reader.locator(".st-key-start-scan").count() == 0
    assert reader.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    looked_at = Axe().run(reader)
    assert looked_at.violations_count == 0, looked_at.generate_report()
    reader.context.close()
    page.context.close()


def test_what_cannot_be_read_says_why_and_can_be_tried_again(chromium: Browser, app: str) -> None:
    page = fresh(chromium, f"{app}/your-code")
    hand_over(page, "broken.zip", b"no archive at all")
    expect(page.get_by_text("is neither a folder nor a zip or tar archive")).to_be_visible(timeout=READ_MS)
    settle(page)
    looked_at = Axe().run(page, options=_DROP_ZONE)
    assert looked_at.violations_count == 0, looked_at.generate_report()
    hand_over(page, "empty.zip", _empty())
    heading(page, "empty.zip: no framework")
    expect(page.get_by_text("The code names no framework that is known here")).to_be_visible()
    page.context.close()


def _empty() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("hello.py", "print('hello')\n")
    return content.getvalue()
