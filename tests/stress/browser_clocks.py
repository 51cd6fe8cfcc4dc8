"""Does a browser's clock tell sides apart that differ, and none that don't? One visit a trial, through the real app.

Both sides are the same export (PyTorch's), so that a winner is a false one; with ``--spoil`` one of them is slowed by
that share, and has to be found slower. Needs the runtimes of ``python -m probes browser``.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, expect

from advisor import wiring
from advisor.answers import Answers
from advisor.ports import Services
from probes.in_browser import kit as kits
from probes.in_browser.judging import of_cell
from probes.in_browser.schema import Kit, KitRequest, VisitPlan
from probes.places import Framework
from probes.system import folders
from scripts import driving

PATIENCE = 120_000  # milliseconds for a visit


@contextmanager
def served() -> Iterator[tuple[str, Services]]:
    """The real app with data of its own and this machine's cache; its address and its parts."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ[folders.CACHE] = str(folders.cache())
        os.environ[folders.DATA] = folder
        with driving.running_app(Path(folder)) as address:
            yield address, wiring.build()


def same_on_both_sides(kit: Kit) -> Kit:
    """PyTorch's exports as TensorFlow's too."""
    own = [one for one in kit.exports if one.framework == "pytorch"]
    exports = (*own, *(replace(one, framework="tensorflow") for one in own))
    return replace(kit, exports=exports, answers=dict.fromkeys(kit.answers, kit.answers["pytorch"]))


def trial(browser: Browser, address: str, services: Services, plan: VisitPlan, cell: str) -> dict[str, object]:
    """One visit that measures this cell alone; its verdict, and the seconds from Start to the end."""
    decision = services.store.create_decision(Answers()).id
    token = services.store.invite(decision, plan)[1]
    page = driving.new_page(browser, width=390, height=844)
    page.goto(f"{address}/in-browser/#{token}")
    expect(page.locator("body")).to_have_attribute("data-state", "choice")
    runtime, backend, batch = cell.split(".")
    for box in page.locator("#choice input").all():
        if box.is_enabled():
            box.set_checked(box.get_attribute("name") in (f"{runtime}.{backend}", f"batch.{batch}"))
    start = time.monotonic()
    page.click("#start")
    expect(page.locator("body")).to_have_attribute("data-state", "over", timeout=PATIENCE)
    seconds = time.monotonic() - start
    page.context.close()
    visit = services.store.visits(decision)[0].visit
    found = of_cell(visit, next(one for one in plan.cells if one.id == cell))
    services.store.delete_decision(decision)
    ratio = found.ratio
    return {
        "verdict": found.verdict.value,
        "outcome": found.outcome.value,
        "ratio": [round(x, 4) for x in (ratio.low, ratio.middle, ratio.high)] if ratio else None,
        "seconds": round(seconds, 1),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=10)
    options.add_argument("--spoil", type=float, default=0.0, help="0.1: TensorFlow's side is slowed by 10 %%")
    options.add_argument("--cell", default="onnxruntime-web.wasm.1")
    options.add_argument("--seconds", type=float, default=160.0, help="begin no other trial after so long")
    given = options.parse_args()
    kit = same_on_both_sides(kits.make(KitRequest("mlp")))
    spoil: dict[Framework, float] = {"tensorflow": given.spoil} if given.spoil else {}
    begun = time.monotonic()
    with served() as (address, services), driving.browser() as browser:
        for _ in range(given.trials):
            if time.monotonic() - begun > given.seconds:
                break
            plan = replace(services.deployment.browser_plan(kit, secrets.randbits(32)), spoil=spoil)
            found = trial(browser, address, services, plan, given.cell)
            print(json.dumps({"spoil": given.spoil, "cell": given.cell, **found}), flush=True)


if __name__ == "__main__":
    main()
