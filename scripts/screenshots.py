"""Pictures of every page for README and review: ``python -m scripts.screenshots FOLDER [--no-run] [--first-screen]``.

Starts the app with its data in a temporary folder, fills in a worked example, measures for real unless
``--no-run`` is given, and writes ``PAGE-WIDTH-THEME.png`` for 1440 and 390 px, light and dark: all of each page,
or what fits on the first screen.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Final, Literal
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page

from advisor.adapters.operator_key import OperatorKeyFile
from scripts.driving import browser, new_page, running_app, settle, whole_page
from ui import views

WIDTHS: Final = (1440, 390)
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
RUN_SECONDS: Final = 240
ROUTES_SECONDS: Final = 900


def main() -> None:
    """Read the arguments, walk the app, write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--no-run", action="store_true", help="don't measure: pages as they are before the first run")
    parser.add_argument("--first-screen", action="store_true", help="only what fits on the first screen")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, running_app(Path(data)) as address, browser() as chromium:
        key = OperatorKeyFile(Path(data)).read()
        query = fill_in(chromium, address, arguments.folder, key, measure=not arguments.no_run)
        for scheme in SCHEMES:
            for width in WIDTHS:
                take(chromium, address, query, arguments.folder, width, scheme, whole=not arguments.first_screen)


def fill_in(chromium: Browser, address: str, folder: Path, key: str, *, measure: bool) -> str:
    """A decision from the first worked example, measured by the operator; returns the query string that names it."""
    page = new_page(chromium)
    page.goto(address)
    settle(page)
    page.locator("[class*='st-key-example-'] button").first.click()
    settle(page)
    query = page.url.partition("?")[2] + "&edit=" + _edit_key(page)
    if measure:
        _run(page, address, query, folder)
        _check(page, address, key)
        _try(page, address, query)
    page.context.close()
    return query


def _edit_key(page: Page) -> str:
    """From the owner's link, so that the pictures show what an owner sees."""
    page.get_by_role("button", name="Share").click()
    link = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode").nth(1).inner_text()
    page.keyboard.press("Escape")
    return parse_qs(urlsplit(link.strip()).query)["edit"][0]


def _run(page: Page, address: str, query: str, folder: Path) -> None:
    page.goto(f"{address}/probes?{query}")
    settle(page)
    page.locator(".st-key-start-run button").click()
    page.locator(".f-live-interval").nth(2).wait_for(timeout=RUN_SECONDS * 1000)
    page.screenshot(path=folder / "probes-live-1440-light.png")
    page.locator(".st-key-download-run").wait_for(timeout=RUN_SECONDS * 1000)


def _check(page: Page, address: str, key: str) -> None:
    page.goto(f"{address}/trust?operate={key}")
    settle(page)
    page.locator(".st-key-start-check button").click()
    page.locator("[class*='st-key-finding-']").first.wait_for(timeout=RUN_SECONDS * 1000)


def _try(page: Page, address: str, query: str) -> None:
    page.goto(f"{address}/routes?{query}")
    settle(page)
    page.locator(".st-key-start-routes button").click()
    page.locator(".st-key-download-routes").wait_for(timeout=ROUTES_SECONDS * 1000)


def take(
    chromium: Browser,
    address: str,
    query: str,
    folder: Path,
    width: int,
    scheme: Literal["light", "dark"],
    *,
    whole: bool,
) -> None:
    """One picture of each page."""
    page = new_page(chromium, width=width, height=900, scheme=scheme)
    for name in (found.VIEW.url_path for found in views.pages()):
        page.goto(f"{address}/{name}?{query}")
        settle(page)
        path = folder / f"{name}-{width}-{scheme}.png"
        if whole:
            whole_page(page, path)
        else:
            page.screenshot(path=path)
    page.context.close()


if __name__ == "__main__":
    main()
