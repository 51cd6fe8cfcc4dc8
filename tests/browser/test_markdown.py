"""Streamlit's own renderer shows escaped texts as they are: in text, in bold, beside an icon of ours, as a label."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from probes.system.plaintext import visible
from scripts import driving
from tests import hostile
from tests.browser.walking import fresh
from tests.conftest import ROOT

pytestmark = pytest.mark.browser

PAGE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
from advisor.wording.markdown import for_streamlit
from tests import hostile

for number, text in enumerate(hostile.TEXTS):
    said = for_streamlit(text)
    st.container(key=f"text-{{number}}").markdown(said)
    st.container(key=f"bold-{{number}}").caption(f":material/info: **{{said}}** {{said}}")
    st.container(key=f"label-{{number}}").checkbox(said, key=f"box-{{number}}")
st.container(key="bare").markdown(hostile.TEXTS[0] + " :material/delete: :smile: &copy; a -> b *c* $x$")
"""
MORE_THAN_TEXT = (
    ":is(a, img, em, code, del, sup, sub, pre, ul, ol, hr, table, blockquote, h1, h2, .katex, .stTooltipIcon)"
)
ICONS = "[data-testid='stIconMaterial'], [translate='no']"


@pytest.fixture(scope="module")
def page(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Page:
    folder: Path = tmp_path_factory.mktemp("markdown")
    (folder / "page.py").write_text(PAGE, encoding="utf-8")
    with driving.running_app(folder, script=folder / "page.py") as address:
        return fresh(chromium, address)  # what it has drawn stays when the server has gone


def shown(place: Locator) -> str:
    return " ".join(place.inner_text().split())


@pytest.mark.parametrize("number", range(len(hostile.TEXTS)), ids=lambda number: hostile.TEXTS[number][:20])
def test_what_is_seen_is_the_text_and_nothing_else(page: Page, number: int) -> None:
    text = visible(" ".join(hostile.TEXTS[number].replace("\ufeff", " ").split()))
    for kind, expected, icons in (("text", text, 0), ("bold", f"info {text} {text}", 1), ("label", text, 0)):
        place = page.locator(f".st-key-{kind}-{number}")
        assert shown(place) == expected, kind
        assert place.locator(MORE_THAN_TEXT).count() == 0, kind
        assert place.locator(ICONS).count() == icons, kind


def test_without_escape_the_same_looks_find_links_and_icons(page: Page) -> None:
    """So that the test above can fail."""
    place = page.locator(".st-key-bare")
    assert place.locator(MORE_THAN_TEXT).count() >= 3
    assert place.locator(ICONS).count() >= 1
    assert "© a → b c" in shown(place)
