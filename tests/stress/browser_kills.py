"""What is left when a browser ends in the middle: its Worker throws, its renderer is killed, its tab is closed, its
network goes away. One visit a trial, through the real app, at a random moment.

Lost is a round that the store had, or that the page had been told was kept; unstated an end without a reason.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Error, Page, expect

from advisor.answers import Answers
from advisor.ports import Services
from probes.in_browser import kit as kits
from probes.in_browser.protocol import SILENCE, gone
from probes.in_browser.schema import KitRequest, Visit, VisitPlan
from scripts import driving
from tests.processes import wait_until
from tests.stress.browser_clocks import keep, kept, served

CELLS: Final = ("onnxruntime-web.wasm.1", "litertjs.wasm.1")
OFFLINE: Final = 4.0  # seconds without a network
PATIENCE: Final = 900.0  # seconds, on a machine that others use as well


def throw(page: Page) -> None:
    """As a Worker ends that meets a fault of its runtime. The one that was found may have ended by itself meanwhile."""
    for worker in page.workers[:1]:
        with contextlib.suppress(Error):
            worker.evaluate("() => { setTimeout(() => { throw new Error('killed'); }); }")


def crash(page: Page) -> None:
    """As a browser ends a page that takes too much: without a word."""
    with page.expect_event("crash", timeout=20_000), contextlib.suppress(Error):
        page.goto("chrome://crash", timeout=10_000)


def close(page: Page) -> None:
    page.close(run_before_unload=False)


def unplug(page: Page) -> None:
    page.context.set_offline(True)
    page.wait_for_timeout(1000 * OFFLINE)
    page.context.set_offline(False)


KINDS: Final[dict[str, Callable[[Page], None]]] = {"worker": throw, "renderer": crash, "tab": close, "network": unplug}


def trial(browser: Browser, address: str, services: Services, plan: VisitPlan, kind: str, after: float) -> str:
    """ "" if nothing was lost and every end is stated, else what is wrong."""
    decision = services.store.create_decision(Answers()).id
    token = services.store.invite(decision, plan)[1]

    def visit() -> Visit:
        return services.store.visits(decision)[0].visit

    page = driving.new_page(browser, width=390, height=844)
    page.goto(f"{address}/in-browser/#{token}")
    expect(page.locator("body")).to_have_attribute("data-state", "choice")
    for box in page.locator("#choice input").all():
        name = str(box.get_attribute("name"))
        if box.is_enabled():
            box.set_checked(name == "batch.1" or any(cell.startswith(f"{name}.") for cell in CELLS))
    page.click("#start")
    wait_until(lambda: visit().running, "a round that was started")
    page.wait_for_timeout(1000 * after)
    before = visit().records
    KINDS[kind](page)
    if kind in ("worker", "network"):
        expect(page.locator("body")).to_have_attribute("data-state", "over", timeout=1000 * PATIENCE)
    elif kind == "tab":
        wait_until(lambda: visit().state == "over", "the last word of a tab that was closed", PATIENCE)
    with contextlib.suppress(Error):
        page.context.close()
    stored = services.store.visits(decision)[0]
    after_all = gone(stored.visit, stored.updated_at, stored.updated_at + timedelta(seconds=SILENCE + 1))
    services.store.delete_decision(decision)
    for name, record in before.items():
        if after_all.records[name].rounds[: len(record.rounds)] != record.rounds:
            return f"{name}: a round was lost"
    if after_all.state != "over":
        return f"it is {after_all.state}"
    for name in CELLS:
        kept = after_all.records.get(name)
        whole = kept is not None and len(kept.rounds) == plan.rounds
        if not whole and (kept is None or kept.end is None or not kept.end.reason):
            return f"{name}: no end is stated"
    return ""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=8)
    options.add_argument("--to", type=Path, required=True, help="a file of JSON lines, to go on with")
    options.add_argument("--kind", choices=KINDS, help="one kind alone")
    options.add_argument("--seconds", type=float, default=150.0, help="begin no other trial after so long")
    given = options.parse_args()
    kit, begun = kits.make(KitRequest("mlp")), time.monotonic()
    with served() as (address, services), driving.browser() as browser:
        while (number := len(kept(given.to))) < given.trials and time.monotonic() - begun < given.seconds:
            kind = given.kind or list(KINDS)[number % len(KINDS)]
            plan = services.deployment.browser_plan(kit, secrets.randbits(32))
            wrong = trial(browser, address, services, plan, kind, random.uniform(0, 6))
            keep(given.to, {"kind": kind, "wrong": wrong})
    print(dict(Counter((str(one["kind"]), str(one["wrong"])) for one in kept(given.to))))


if __name__ == "__main__":
    main()
