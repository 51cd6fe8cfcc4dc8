"""Every cell of a visit in a real browser, one short round each: what answers like its source, and what ends with which
reason. For a browser's first look, not for its figures.

Chromium is driven by Playwright, Firefox by WebDriver BiDi, which it speaks without any program beside it. Needs the
runtimes of ``python -m probes browser``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import psutil
from playwright.sync_api import sync_playwright
from websockets.sync.client import connect

from advisor.answers import Answers
from probes.in_browser import kit as kits
from probes.in_browser.judging import BrowserFigures, figures
from probes.in_browser.schema import TOLERANCE, KitRequest, Visit
from probes.schema import Outcome
from scripts import driving
from tests.processes import wait_until
from tests.stress.browser_clocks import served

_STATE: Final = "document.body.dataset.state || ''"
_DOING: Final = (
    "[...document.querySelectorAll('#doing, #note, #refusal')].map((one) => one.textContent).join(' ').trim()"
)
#: Everything that the browser has, software or not.
_BEGIN: Final = """
for (const box of document.querySelectorAll('#choice input:enabled')) box.checked = true;
document.querySelector('#start').disabled = false;
document.querySelector('#start').click()"""

Evaluate = Callable[[str], Any]


@contextmanager
def chromium(address: str, arguments: list[str]) -> Iterator[Evaluate]:
    """A page at ``address``; what it yields evaluates an expression there."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=driving.chromium(), args=[*driving.CHROMIUM_ARGUMENTS, *arguments]
        )
        page = browser.new_page()
        page.goto(address)
        yield page.evaluate
        browser.close()


@contextmanager
def firefox(address: str, arguments: list[str]) -> Iterator[Evaluate]:
    """The same in a Firefox with a profile of its own."""
    port, numbers = driving.free_port(), itertools.count(1)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = ["firefox-esr", "--headless", f"--remote-debugging-port={port}", "--profile", profile, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: _listens(process.pid, port), "Firefox")
            with connect(f"ws://127.0.0.1:{port}/session", max_size=None) as socket:

                def ask(method: str, **parameters: object) -> Any:
                    number = next(numbers)
                    socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
                    while (told := json.loads(socket.recv(timeout=60))).get("id") != number:
                        pass
                    if "error" in told:
                        raise RuntimeError(f"{method}: {told['error']}: {told.get('message', '')}")
                    return told["result"]

                ask("session.new", capabilities={})
                tab = ask("browsingContext.getTree")["contexts"][0]["context"]
                ask("browsingContext.navigate", context=tab, url=address, wait="complete")

                def evaluate(expression: str) -> Any:
                    found = ask("script.evaluate", expression=expression, target={"context": tab}, awaitPromise=True)
                    if found["type"] == "exception":
                        raise RuntimeError(found["exceptionDetails"]["text"])
                    return found["result"].get("value")

                yield evaluate
        finally:
            for one in (*psutil.Process(process.pid).children(recursive=True), process):
                one.kill()
            process.wait()


def _listens(pid: int, port: int) -> bool:
    found = psutil.Process(pid).net_connections("tcp")
    return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in found)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("browser", choices=("chromium", "firefox"))
    options.add_argument("--argument", action="append", default=[], help="for the browser, as --argument=--headless")
    options.add_argument("--network", default="mlp")
    options.add_argument("--seconds", type=float, default=600.0, help="what isn't over by then is told as it is")
    options.add_argument("--train", action="store_true", help="let TensorFlow.js train, too")
    given = options.parse_args()
    kit = kits.make(KitRequest(given.network))
    with served() as (address, services):
        plan = services.deployment.browser_plan(kit, seed=1)
        plan = replace(plan, orders=dict.fromkeys(plan.orders, ((("ABBA",),),)), trainable=given.train)
        decision = services.store.create_decision(Answers()).id
        link = f"{address}/in-browser/#{services.store.invite(decision, plan)[1]}"
        with {"chromium": chromium, "firefox": firefox}[given.browser](link, given.argument) as evaluate:
            wait_until(lambda: evaluate(_STATE) in ("choice", "refused"), "the measuring page")
            evaluate(_BEGIN)
            end, before = time.monotonic() + given.seconds, ""
            while evaluate(_STATE) not in ("over", "refused") and time.monotonic() < end:
                if (doing := evaluate(_DOING)) != before:
                    print(f"{given.seconds - end + time.monotonic():5.0f} s  {doing}", file=sys.stderr)
                before = doing
                time.sleep(1)  # looked at seldom: it measures
        return _told(services.store.visits(decision)[0].visit)


def _told(visit: Visit) -> int:
    """A line a cell; 0 if each is as exact as it should be or has ended with a reason."""
    print(visit.conditions)
    rows = figures(visit)
    for row in rows:
        off = f"{max(row.deviation.values()):.1g}" if row.deviation else "-"
        times = {side: f"{span.middle * 1e3:.3g} ms" for side, span in row.latency.items()}
        print(f"{row.cell.id:32} {row.outcome.value:14} {off:>8} {times} {_reasons(row)}")
    if visit.training:
        print("training", visit.training)
    return 0 if rows and all(_stated(row) for row in rows) else 1


def _reasons(row: BrowserFigures) -> str:
    sides = (f"{side}: {end.outcome.value}: {end.reason}" for side, end in row.ended.items())
    return "; ".join(part for part in (row.reason, *sides) if part)


def _stated(row: BrowserFigures) -> bool:
    if row.outcome is not Outcome.OK:
        return bool(row.reason) and not row.pending
    return all(row.deviation[side] <= TOLERANCE for side in row.latency)


if __name__ == "__main__":
    sys.exit(main())
