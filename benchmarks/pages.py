"""How fast a click redraws a page: ``python -m benchmarks.pages [--clicks N] [--viewers N]``.

Three situations in one go on the real app in a real Chromium: nothing else going on; a run under way; a run under way
and so many viewers of it. A click's time is from the event to the moment when the script has ended and the browser has
drawn. Prints median, p95 and the ratios to the first situation; the clicks of a situation share its weather.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from playwright.sync_api import Browser, Page

from advisor import wiring
from advisor.queue.kinds import MEASURE
from benchmarks.viewers import viewers
from probes.schema import RunRequest
from scripts.driving import browser, new_page, running_app, settle

WARM_UP: Final = 20  # clicks until the browser has compiled its scripts
#: Click, wait until the script has started and ended, and until the browser has drawn.
_CLICK = """element => new Promise(done => {
    const app = document.querySelector('[data-testid="stApp"]');
    let started = false;
    const begin = performance.now();
    const watcher = new MutationObserver(() => {
        const state = app.getAttribute('data-test-script-state');
        started = started || state === 'running';
        if (started && state === 'notRunning') {
            watcher.disconnect();
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin)));
        }
    });
    watcher.observe(app, {attributes: true, attributeFilter: ['data-test-script-state']});
    // A click into a fragment's own run melts into it, and its start is never seen: not a sample.
    setTimeout(() => { watcher.disconnect(); done(null); }, 5000);
    element.click();
})"""

#: From the next key to the moment when the verdict has changed on the screen.
_NEXT_KEY = """() => {
    window.redrawn = new Promise(done => {
        let begin = null;
        document.addEventListener('keydown', () => { begin = performance.now(); }, {once: true, capture: true});
        const inVerdict = node => (node.parentElement || node).closest('[class*="st-key-answer"]') !== null;
        const watcher = new MutationObserver(changes => {
            if (begin !== null && changes.some(change => inVerdict(change.target))) {
                watcher.disconnect();
                requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin)));
            }
        });
        watcher.observe(document.body, {subtree: true, childList: true, characterData: true});
        setTimeout(() => { watcher.disconnect(); done(null); }, 5000);
    });
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--clicks", type=int, default=40)
    parser.add_argument("--viewers", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data, running_app(Path(data)) as address, browser() as chromium:
        page, query = _decision(chromium, address)
        _clicks(page, WARM_UP)
        idle = _clicks(page, options.clicks)
        weights = _slides(page, options.clicks)
        _start_run(Path(data), query)
        alone = _clicks(page, options.clicks)
        with viewers(address, query, "probes", options.viewers) as counts:
            _steady(counts)
            crowd = _clicks(page, options.clicks)
        _print("nothing else going on", idle, idle)
        _print("nothing else going on, from a weight to the verdict", weights, idle)
        _print("a run under way", alone, idle)
        _print(f"a run under way, {options.viewers} viewers ({sum(counts)} script runs)", crowd, idle)


def _decision(chromium: Browser, address: str) -> tuple[Page, str]:
    page = new_page(chromium)
    page.goto(address)
    settle(page)
    page.locator("[class*='st-key-example-'] button").first.click()
    settle(page)
    return page, page.url.partition("?")[2]


def _start_run(data: Path, query: str) -> None:
    """As the page does it; returns once there are first ratios to look at."""
    store, decision_id = wiring.build(wiring.Settings(data_dir=data)).store, parse_qs(query)["decision"][0]
    request = RunRequest(budget="standard")  # longer than the clicks
    run_id = store.enqueue(MEASURE, request, decision_id=decision_id).id
    end = time.monotonic() + 120
    while time.monotonic() < end:
        run = store.job(run_id)
        if run is not None and run.result is not None:
            return
        time.sleep(0.5)
    raise TimeoutError("no ratio within two minutes: is another run measuring on this machine?")


def _steady(counts: list[int]) -> None:
    """Until every viewer has drawn the page and asked for news twice: opening forty pages at once is another matter."""
    end = time.monotonic() + 180
    while min(counts) < 3:
        if time.monotonic() > end:
            raise TimeoutError(f"the viewers never settled: {counts}")
        time.sleep(0.5)


def _clicks(page: Page, number: int) -> list[float]:
    """Milliseconds of clicks on an answer of the brief, each of which also redraws the recommendation beside it."""
    found = []
    for index in range(number):
        choice = page.get_by_role("radio", name=("Exploring", "Prototype")[index % 2])
        took = choice.evaluate(_CLICK)
        if took is not None:
            found.append(float(took))
        page.wait_for_timeout(150)
    return found


def _slides(page: Page, number: int) -> list[float]:
    """Milliseconds from a move of the heaviest weight's slider, from one end to the other, to the new verdict."""
    page.get_by_role("link", name="Recommendation").first.click()
    settle(page)
    found = []
    for index in range(number):
        page.evaluate(_NEXT_KEY)
        page.locator(".st-key-weights").get_by_role("slider").first.press(("Home", "End")[index % 2])
        took = page.evaluate("window.redrawn")
        if took is not None:
            found.append(float(took))
        settle(page)
    page.get_by_role("link", name="Brief").first.click()
    settle(page)
    return found


def _print(title: str, times: list[float], base: list[float]) -> None:
    p95 = statistics.quantiles(times, n=20)[-1]
    ratio = p95 / statistics.quantiles(base, n=20)[-1]
    print(f"{title:<60} median {statistics.median(times):5.0f} ms   p95 {p95:5.0f} ms   p95 ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
