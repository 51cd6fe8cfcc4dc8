"""A click in the Brief: what follows from it changes beside the questions, stays in sight and is saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from advisor import questionnaire
from scripts.driving import new_page, settle
from tests.browser.walking import fresh, use_example

pytestmark = pytest.mark.browser


def answers(page: Page) -> questionnaire.Answers:
    """What the download holds."""
    with page.expect_download() as download:
        page.locator(".st-key-download-answers button").click()
    return questionnaire.parse(Path(download.value.path()).read_text(encoding="utf-8"))


def odds(page: Page, part: str) -> str:
    """The probabilities in words, as a part of the page shows them."""
    return page.locator(f"{part} .f-odds-words").inner_text()


def choose(page: Page, question: str, label: str) -> None:
    page.locator(f".st-key-ask-{question}").get_by_role("radio", name=label).click()


def test_an_answer_changes_the_panel_and_the_download(chromium: Browser, app: str) -> None:
    page = fresh(chromium, app)
    choose(page, "stage", "Maintained, few changes")
    page.wait_for_url("**decision=**")
    settle(page)
    panel = page.locator(".st-key-as-it-stands")
    headline, before = panel.get_by_role("heading").inner_text(), odds(page, ".st-key-as-it-stands")

    choose(page, "code-framework", "TensorFlow 2")
    expect(panel.get_by_role("heading")).not_to_have_text(headline)
    settle(page)
    assert odds(page, ".st-key-as-it-stands") != before
    saved = answers(page)
    assert (saved.stage, saved.code.framework) == ("maintenance", "tensorflow2")
    page.context.close()


def test_the_panel_stays_beside_the_questions(chromium: Browser, app: str) -> None:
    page = fresh(chromium, app)
    page.locator(".st-key-ask-binds-notes").scroll_into_view_if_needed()
    header, panel = page.locator(".st-key-header").bounding_box(), page.locator(".st-key-as-it-stands").bounding_box()
    assert header is not None
    assert panel is not None
    assert header["y"] == pytest.approx(0, abs=1)
    assert header["height"] < panel["y"] < 200, "below the header, and not scrolled away"
    page.context.close()


def test_a_phone_keeps_the_odds_at_its_lower_edge(chromium: Browser, app: str) -> None:
    page = fresh(chromium, app, width=390)
    use_example(page)
    before = odds(page, ".st-key-standing-strip")
    choose(page, "code-framework", "None")
    expect(page.locator(".st-key-standing-strip .f-odds-words")).not_to_have_text(before)
    strip = page.locator(".st-key-standing-strip").bounding_box()
    assert strip is not None
    assert (strip["x"], strip["width"]) == (0, 390)
    assert strip["y"] + strip["height"] == pytest.approx(900, abs=1)
    page.context.close()


def test_an_example_can_be_undone(chromium: Browser, app: str) -> None:
    page = fresh(chromium, app)
    choose(page, "stage", "Prototype")
    page.wait_for_url("**decision=**")
    settle(page)
    mine = answers(page)
    page.get_by_role("button", name="Worked examples").click()
    page.locator("[class*='st-key-use-example-'] button").first.click()
    page.locator(".st-key-undo button").click()
    expect(page.locator(".st-key-answer-project-name input")).to_have_value("")
    settle(page)
    assert answers(page) == mine
    page.context.close()


def test_what_a_browser_hasn_t_been_told_yet_it_doesn_t_answer(chromium: Browser, app: str) -> None:
    """A page's clock goes on while an example is under way to it: what it still shows is nobody's answer."""
    held: list[str | bytes] | None = None
    looked = 0

    def between(browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()

        def tells(message: str | bytes) -> None:
            browser.send(message) if held is None else held.append(message)

        def asks(message: str | bytes) -> None:
            nonlocal looked
            looked += isinstance(message, bytes) and BackMsg.FromString(message).rerun_script.is_auto_rerun
            server.send(message)

        server.on_message(tells)
        browser.on_message(asks)

    page = new_page(chromium)
    page.route_web_socket("**/_stcore/stream", between)
    page.goto(app)
    settle(page)
    choose(page, "stage", "Prototype")
    page.wait_for_url("**decision=**")
    settle(page)
    page.get_by_role("button", name="Worked examples").click()
    example = page.locator("[class*='st-key-use-example-'] button").first
    expect(example).to_be_visible()
    held, before = [], looked
    example.click()
    while looked < before + 4:  # some come while the example is drawn, and don't count
        page.wait_for_timeout(100)
    reader = fresh(chromium, page.url)
    name = questionnaire.examples()[0].answers.project.name
    expect(reader.locator(".st-key-header-project")).to_have_text(name, timeout=3000)
    expect(reader.get_by_role("radio", name="Prototype")).not_to_be_checked()
    reader.context.close()
    page.context.close()


def test_skills_from_a_file_move_the_sliders_and_a_bad_line_changes_nothing(
    chromium: Browser, app: str, tmp_path: Path
) -> None:
    page = fresh(chromium, app)
    choose(page, "stage", "Maintained, few changes")
    page.wait_for_url("**decision=**")
    settle(page)
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_text("name,pytorch,tensorflow\nAda,9,2\n", encoding="utf-8")
    good.write_text("name,pytorch,tensorflow\nAda,4,2\nGrace,2,5\n", encoding="utf-8")
    page.get_by_role("button", name="Skills from a CSV file").click()
    upload = page.get_by_test_id("stPopoverBody").locator("input[type=file]")
    upload.set_input_files(bad)
    expect(page.get_by_text("line 2, column pytorch")).to_be_visible()
    upload.set_input_files(good)
    expect(page.get_by_text("The levels above are the medians of 2 members.")).to_be_visible()
    page.keyboard.press("Escape")
    settle(page)
    saved = answers(page)
    assert [member.name for member in saved.team.members] == ["Ada", "Grace"]
    assert dict(saved.team.skills) == {"pytorch": 2, "tensorflow": 2}
    assert saved.stage == "maintenance"
    page.context.close()
