"""Does a browser's clock tell sides apart that differ, and none that don't? One visit a trial, through the real app.

Both sides are the same export (PyTorch's), so that a winner is a false one; with ``--spoil`` one of them is slowed by
that share, and has to be found slower. Needs the runtimes of ``python -m probes browser``.

Each trial is a line of ``--to``, with the log-ratios of its superblocks; a later call adds to them until
there are ``--trials`` of that spoil, cell and shape, and says what came of all.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import secrets
import tempfile
import time
from collections import Counter
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
from probes.in_browser.planning import INSTANCES, ROUNDS, SUPERBLOCKS
from probes.in_browser.schema import BrowserRound, Kit, KitRequest, VisitPlan
from probes.results import ORDERS, Order, Superblock
from probes.schema import Outcome
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
        "rounds": [
            [r.seconds, r.load_s, *(s.build_s + s.first_s for s in r.starts.values()), clocked(r)]
            for r in visit.records[cell].rounds
        ],
        "logs": [
            [[round(log_of(block), 5) for block in one.superblocks] for one in r.instances]
            for r in visit.records[cell].rounds
        ],
        "verdict": found.verdict.value,
        "outcome": found.outcome.value,
        "ratio": [round(x, 4) for x in (ratio.low, ratio.middle, ratio.high)] if ratio else None,
        "seconds": round(seconds, 1),
    }


def clocked(made: BrowserRound) -> float:
    """Seconds of all its blocks."""
    return sum(
        wall * one.steps["pytorch" if letter == "A" else "tensorflow"]
        for one in made.instances
        for block in one.superblocks
        for letter, wall in zip(block.order, block.wall, strict=True)
    )


def log_of(block: Superblock) -> float:
    """log(TensorFlow / PyTorch) of a superblock's times."""
    sides = {"A": 0.0, "B": 0.0}
    for letter, wall in zip(block.order, block.wall, strict=True):
        sides[letter] += wall
    return math.log(sides["B"] / sides["A"])


def kept(file: Path, **wanted: object) -> list[dict[str, object]]:
    """The trials in ``file`` that have these values."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    found: list[dict[str, object]] = [json.loads(line) for line in lines]
    return [one for one in found if all(one.get(name) == value for name, value in wanted.items())]


def keep(file: Path, trial: dict[str, object]) -> None:
    """Print a trial, and add it to ``file``."""
    line = json.dumps(trial)
    print(line, flush=True)
    with file.open("a", encoding="utf-8") as open_:
        open_.write(line + "\n")


def shaped(plan: VisitPlan, shape: tuple[int, int, int]) -> VisitPlan:
    """The plan with so many rounds, instances and superblocks, their orders drawn anew."""
    rounds, instances, superblocks = shape

    def orders() -> tuple[tuple[tuple[Order, ...], ...], ...]:
        return tuple(
            tuple(tuple(secrets.choice(ORDERS) for _ in range(superblocks)) for _ in range(instances))
            for _ in range(rounds)
        )

    return replace(plan, orders={name: orders() for name in plan.orders})


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=10)
    options.add_argument("--to", type=Path, required=True, help="a file of JSON lines, to go on with")
    options.add_argument(
        "--shape",
        type=int,
        nargs=3,
        default=[ROUNDS, INSTANCES, SUPERBLOCKS],
        metavar=("ROUNDS", "INSTANCES", "SUPERBLOCKS"),
        help="another than the product's",
    )
    options.add_argument("--spoil", type=float, nargs="+", default=[0.0],
                         help="0.1: TensorFlow's side is slowed by 10 %%; several take turns")  # fmt: skip
    options.add_argument("--cell", default="onnxruntime-web.wasm.1")
    options.add_argument("--seconds", type=float, default=160.0, help="begin no other trial after so long")
    given = options.parse_args()
    kit = same_on_both_sides(kits.make(KitRequest("mlp")))
    whats = [{"spoil": spoil, "cell": given.cell, "shape": given.shape} for spoil in given.spoil]
    begun = time.monotonic()
    with served() as (address, services), driving.browser() as browser:
        while time.monotonic() - begun < given.seconds:
            what = min(whats, key=lambda one: len(kept(given.to, **one)))
            if len(kept(given.to, **what)) >= given.trials:
                break
            plan = shaped(services.deployment.browser_plan(kit, secrets.randbits(32)), tuple(given.shape))
            plan = replace(plan, spoil={"tensorflow": what["spoil"]} if what["spoil"] else {})
            keep(given.to, {**what, **trial(browser, address, services, plan, given.cell)})
    for what in whats:
        verdicts = Counter(_found(one) for one in kept(given.to, **what))
        print(what, dict(verdicts))


def _found(trial: dict[str, object]) -> object:
    return trial["verdict"] if trial["outcome"] == Outcome.OK.value else trial["outcome"]


if __name__ == "__main__":
    main()
