"""The page of routes with a run on it: it fits a phone, can be read by everybody, and hands its files out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from advisor import wiring
from advisor.answers import Answers
from advisor.queue.kinds import ROUTES, SERVING
from probes.deploy.schema import RoutesRequest
from probes.serving.schema import ServingRequest
from scripts import driving
from scripts.driving import new_page, settle
from tests import servers, ways

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ANSWERS = Answers.model_validate(
    {
        "project": {"domain": "tabular"},
        "targets": [
            {"id": "android", "importance": 5, "latency_ms": {"target": 1, "limit": 9}},
            {"id": "server_rest_grpc", "importance": 3},
        ],
    }
)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The owner's address of a decision on a machine that has tried routes and servers."""
    data: Path = tmp_path_factory.mktemp("routes-data")
    services = wiring.build(wiring.Settings(data_dir=data))
    here = services.runner.machine()
    for kind, request, result in (
        (ROUTES, RoutesRequest(), replace(ways.run(), machine=here)),
        (SERVING, ServingRequest(), replace(servers.run(), machine=here)),
    ):
        job = services.store.enqueue(kind, request)  # type: ignore[arg-type]
        services.store.claim("test")
        services.store.finish(job.id, "done", result=result)
    record = services.store.create_decision(ANSWERS)
    with driving.running_app(data) as address:
        yield f"{address}/routes?decision={record.id}&edit={record.edit_key}"


def opened(chromium: Browser, address: str, **how: object) -> Page:
    page = new_page(chromium, **how)  # type: ignore[arg-type]
    page.goto(address)
    settle(page)
    return page


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_a_run_can_be_read_by_everybody_and_fits(
    chromium: Browser, shown: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = opened(chromium, shown, width=width, scheme=scheme)
    expect(page.get_by_role("heading", name="Latency against size")).to_be_visible()
    expect(page.locator(".f-figures").first).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width, "nothing sticks out to the side"
    page.context.close()


def test_the_chart_follows_its_switches_and_the_checklists_can_be_taken_along(chromium: Browser, shown: str) -> None:
    page = opened(chromium, shown)
    said = page.locator("p", has_text="Nothing beats these in both:")
    before = said.inner_text()
    page.locator(".st-key-pareto-size").get_by_text("With its runtime").click()
    expect(said).not_to_have_text(before)
    settle(page)
    with page.expect_download() as waiting:
        page.locator(".st-key-download-shipping button").click()
    text = waiting.value.path().read_text(encoding="utf-8")
    assert text.startswith("# What would ship")
    assert "## Android: TensorFlow by LiteRT" in text
    page.context.close()
