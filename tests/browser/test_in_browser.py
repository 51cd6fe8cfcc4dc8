"""Exports of both frameworks in a real Chromium, through the real app: from the link to what the decision shows."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from advisor import wiring
from advisor.answers import Answers
from advisor.ports import Services
from advisor.records import BrowserVisit
from probes.in_browser import fetching, kit
from probes.in_browser.judging import figures
from probes.in_browser.schema import TOLERANCE, Kit, KitRequest
from probes.schema import Outcome
from scripts import driving
from tests.probes.fake_child import no_lock
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.framework]
WHOLE = 240_000  # milliseconds that a visit may take on a busy machine


@pytest.fixture(scope="module", autouse=True)
def runtimes() -> None:
    """What browsers load, fetched once for a machine."""
    if fetching.fetched() is None:
        reason = f"the runtimes for browsers were not fetched: {fetching.HOW}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="module")
def exported() -> Kit:
    """Every export of the MLP; skips where a converter's environment couldn't be made. Nothing is clocked meanwhile."""
    made = kit.make(KitRequest("mlp"), lock=no_lock)
    if missing := [one.reason for one in made.exports if one.outcome is Outcome.UNSUPPORTED]:
        pytest.skip(missing[0])
    return made


@pytest.fixture
def services(app: str, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> Services:
    """The parts behind the app that runs: its own database."""
    from tests.browser.conftest import LOG

    monkeypatch.setenv("FULCRUM_DATA_DIR", str(pytestconfig.stash[LOG].parent))
    return wiring.build()


@pytest.fixture
def invited(services: Services, exported: Kit) -> tuple[str, str]:
    """A decision and the token of a link, to half the rounds of a plan: nothing here hangs on how sure a figure is."""
    decision = services.store.create_decision(Answers())
    plan = services.deployment.browser_plan(exported, secrets.randbits(32))
    plan = replace(plan, orders={cell: rounds[: plan.rounds // 2] for cell, rounds in plan.orders.items()})
    return decision.id, services.store.invite(decision.id, plan)[1]


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    page = driving.new_page(chromium, width=390, height=844)
    yield page
    page.context.close()


def choose(page: Page, *backends: str, batches: tuple[str, ...] = ("batch.1",)) -> None:
    expect(page.locator("body")).to_have_attribute("data-state", "choice")
    for box in page.locator("#choice input").all():
        if box.is_enabled():
            box.set_checked(box.get_attribute("name") in (*backends, *batches))


def newest(services: Services, decision: str) -> BrowserVisit:
    return services.store.visits(decision)[0]


def test_three_runtimes_answer_like_their_sources_and_are_timed(
    app: str, services: Services, invited: tuple[str, str], phone: Page
) -> None:
    decision, token = invited
    phone.goto(f"{app}/in-browser/#{token}")
    choose(phone, "onnxruntime-web.wasm", "litertjs.wasm", "tfjs.wasm")
    assert token not in phone.url
    assert re.search(r"Loads \d+\.\d MB and takes about 1 minute", phone.locator("#cost").inner_text())
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.click("#start")
    expect(phone.locator("body")).to_have_attribute("data-state", "over", timeout=WHOLE)
    found = newest(services, decision)
    assert found.visit.state == "over"
    assert found.visit.conditions is not None
    assert found.visit.conditions.browser.startswith("Chromium ")
    rows = figures(found.visit)
    measured = {row.cell.id: row for row in rows if row.outcome in (Outcome.OK, Outcome.CONTAMINATED)}
    assert set(measured) >= {"onnxruntime-web.wasm.1", "litertjs.wasm.1", "tfjs.wasm.1"}
    for row in measured.values():
        assert row.complete
        assert all(off <= TOLERANCE for off in row.deviation.values())
        assert all(0 < span.low <= span.middle <= span.high < 1 for span in row.latency.values())


def test_a_link_is_of_no_use_twice(app: str, invited: tuple[str, str], phone: Page, chromium: Browser) -> None:
    phone.goto(f"{app}/in-browser/#{invited[1]}")
    expect(phone.locator("body")).to_have_attribute("data-state", "choice")
    other = driving.new_page(chromium)
    other.goto(f"{app}/in-browser/#{invited[1]}")
    expect(other.locator("#refusal")).to_contain_text("was used already: it opens once")
    other.context.close()


def test_a_page_that_is_loaded_anew_goes_on_and_says_what_died(
    app: str, services: Services, invited: tuple[str, str], phone: Page
) -> None:
    """A renderer that is killed says nothing; what it had said before it started is what is known of it."""
    decision, token = invited
    phone.goto(f"{app}/in-browser/#{token}")
    choose(phone, "onnxruntime-web.wasm", "litertjs.wasm")
    phone.click("#start")
    wait_until(lambda: newest(services, decision).visit.running, "a round that was started")
    running = newest(services, decision).visit.running
    assert running is not None
    address, state = phone.url, phone.context
    kept = phone.evaluate("({...sessionStorage})")
    with phone.expect_event("crash", timeout=20_000), contextlib.suppress(Error):
        phone.goto("chrome://crash", timeout=10_000)  # ends the renderer at once, without a word to its page
    again = state.new_page()
    again.add_init_script(f"for (const [k, v] of Object.entries({json.dumps(kept)})) sessionStorage.setItem(k, v)")
    again.goto(address)
    expect(again.locator("body")).to_have_attribute("data-state", "choice")
    expect(again.locator("#start")).to_have_text("Go on")
    again.click("#start")
    expect(again.locator("body")).to_have_attribute("data-state", "over", timeout=WHOLE)
    records = newest(services, decision).visit.records
    end = records[running.cell].end
    assert end is not None
    assert (end.outcome, end.reason) == (Outcome.FAILED, "The browser ended the page while this ran.")
    other = ({"onnxruntime-web.wasm.1", "litertjs.wasm.1"} - {running.cell}).pop()
    assert len(records[other].rounds) == newest(services, decision).visit.plan.rounds
