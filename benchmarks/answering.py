"""From an answer to what follows from it: ``python -m benchmarks.answering [--clicks N] [--kind NAME …]``.

One visitor in a real Chromium on the real app answers by kind of widget, never twice the same: a decision that was made
before costs nothing. A time is from the browser's event to the moment when the text «as it stands» (on Recommendation:
the verdict) has changed and is drawn.
Two cases: a project to which as many ways are open as can be at once, and the same with a finished run and a read code.
Prints median, p95 and the longest of each kind, of those within 200 ms how many, and how often no text changed.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from advisor import questionnaire, wiring
from advisor.adapters.scan_process import scanned
from advisor.answers import Priorities
from advisor.decision.decide import decide
from advisor.knowledge import load
from advisor.ports import Store
from advisor.queue.kinds import SCAN, ScanRequest
from advisor.records import Requester
from probes import records
from probes.system.data_files import HOME
from scripts.driving import browser, new_page, running_app, settle

GOAL: Final = 200.0  # ms
WARM_UP: Final = 4  # answers of each kind until caches are filled and the browser has compiled its scripts
RUN: Final = HOME / "docs" / "measurements" / "run-epyc5-mlp-2026-11-30.json"
CODE: Final = HOME / "probes"  # both frameworks in one tree
#: Every way that doesn't exclude another is open: the code is TensorFlow's, so that «keep both» isn't.
PROJECT: Final = """
schema: 2
stage: prototype
project: {domain: tabular}
targets:
- {id: server_rest_grpc, importance: 4}
- {id: android, importance: 3}
hardware: {train: [nvidia]}
constraints: {os: [linux, windows]}
code: {framework: tensorflow2, lines: 20000, plan: undecided, use: inference}
team: {size: 4, skills: {pytorch: 2, tensorflow: 4}}
"""

#: From the next input to the moment when the text in the element has changed and is drawn; null if it doesn't.
_NEXT_INPUT: Final = """selector => {
    const text = () => document.querySelector(selector)?.innerText;
    const before = text();
    window.changed = new Promise(done => {
        let begin = null;
        const heard = event => { begin ??= event.timeStamp; };
        for (const kind of ['click', 'keydown']) document.addEventListener(kind, heard, {once: true, capture: true});
        const watcher = new MutationObserver(() => {
            if (begin !== null && text() !== before) {
                watcher.disconnect();
                requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin)));
            }
        });
        watcher.observe(document.body, {subtree: true, childList: true, characterData: true});
        setTimeout(() => { watcher.disconnect(); done(null); }, 3000);
    });
}"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of answer: on which page, where what follows from it shows, and how the nth one is given."""

    name: str
    page: str
    shows: str  # a selector
    answer: Callable[[Page, int], None]
    ranking: tuple[str, ...] = ()  # that the team has said before


def _click(question: str, *labels: str) -> Callable[[Page, int], None]:
    """One of the labels in turn; a single one goes on and off."""

    def answer(page: Page, number: int) -> None:
        asked = page.locator(f".st-key-ask-{question.replace('.', '-')}")
        asked.get_by_text(labels[number % len(labels)], exact=True).first.click()

    return answer


def _press(place: str, *keys: str) -> Callable[[Page, int], None]:
    """One of the keys in turn, on the first slider there."""

    def answer(page: Page, number: int) -> None:
        page.locator(place).get_by_role("slider").first.press(keys[number % len(keys)])

    return answer


def _count(page: Page, number: int) -> None:
    """One more and one less."""
    page.locator(".st-key-ask-team-size").get_by_test_id(f"stNumberInputStep{('Up', 'Down')[number % 2]}").click()


def _swing(page: Page, number: int) -> None:
    """One of six sliders to its other end, in the order of a Gray code: 64 different decisions."""
    at = (number + 1) ^ number
    slider = page.locator(".st-key-weights").get_by_role("slider").nth(min(at.bit_length() - 1, 5))
    slider.press("Home" if int(slider.get_attribute("aria-valuenow") or 0) > 50 else "End")


def _rank(page: Page, number: int) -> None:
    """A step down in a ranking of five: 120 different ones, by plain changes. What can't matter here isn't ranked."""
    steps = page.locator("[class*='st-key-rank-down-']")
    place = next(islice(cycle(_plain_changes(steps.count())), number, None))
    steps.nth(place).get_by_role("button").first.click()


def _plain_changes(size: int) -> Iterator[int]:
    """The places that change with the next one, so that every order comes once (Steinhaus, Johnson, Trotter)."""
    if size < 2:
        return
    down, others = True, _plain_changes(size - 1)
    while True:
        yield from reversed(range(size - 1)) if down else range(size - 1)
        if (other := next(others, None)) is None:
            return
        yield other + down
        down = not down


_PANEL: Final = ".st-key-as-it-stands"
_VERDICT: Final = ".st-key-answer"
_ENDS: Final = ("Home", "End")
_RANKING: Final = ("skills", "ecosystem", "stability", "deployment", "maintenance")
KINDS: Final = (
    Kind("one of few", "brief", _PANEL, _click("stage", "Scaling up", "Prototype")),
    Kind("one of many", "brief", _PANEL, _click("project.domain", "Language", "Tables")),
    Kind("one that opens questions", "brief", _PANEL, _click("code.framework", "JAX", "TensorFlow 2")),
    Kind("some of many", "brief", _PANEL, _click("hardware.train", "AMD GPU")),
    Kind("a target", "brief", _PANEL, _click("targets", "iOS")),
    Kind("a target's importance", "brief", _PANEL, _press(".st-key-target-android", *_ENDS)),
    Kind("a skill's slider", "brief", _PANEL, _press(".st-key-ask-team-skills-pytorch", *_ENDS)),
    Kind("yes or no", "brief", _PANEL, _click("constraints.wsl", "Yes", "No")),
    Kind("a number's step", "brief", _PANEL, _count),
    Kind("a swing's slider", "recommendation", _VERDICT, _swing),
    Kind("a step in a ranking", "recommendation", _VERDICT, _rank, _RANKING),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--clicks", type=int, default=40, help="answers of each kind")
    names = [kind.name for kind in KINDS]
    parser.add_argument("--kind", action="append", choices=names, help="this one only; may be repeated")
    options = parser.parse_args()
    chosen = [kind for kind in KINDS if kind.name in (options.kind or names)]
    for title, stored in (("answers alone", False), ("with a run and a scan", True)):
        with opened(stored=stored) as visit:
            print(f"{title}: {visit.ways} ways open")
            together: list[float | None] = []
            for kind in chosen:
                together += (times := _measured(visit, kind, options.clicks))
                _print(kind.name, times)
            _print("all", together)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visitor who may edit the decision."""

    page: Page
    store: Store
    decision_id: str
    address: str  # of the app, with ``{}`` for the page
    ways: int  # that are open


@contextmanager
def opened(*, stored: bool) -> Iterator[Visit]:
    """The app with a decision about ``PROJECT``, and with a run and a scan if ``stored``."""
    with tempfile.TemporaryDirectory() as data, running_app(Path(data)) as address, browser() as chromium:
        store, answers = wiring.build(wiring.Settings(data_dir=Path(data))).store, questionnaire.parse(PROJECT)
        decision = store.create_decision(answers)
        if stored:
            store.adopt(decision.id, records.read(RUN))
            asked, scan = ScanRequest("folder", str(CODE), "Fulcrum"), scanned("folder", CODE, "Fulcrum")
            store.keep_result(SCAN, asked, scan, Requester(operator=True), decision_id=decision.id)
        ways = sum(not way.closed for way in decide(answers, load()).options)
        link = f"{address}/{{}}?decision={decision.id}&edit={decision.edit_key}"
        yield Visit(new_page(chromium), store, decision.id, link, ways)


def _measured(visit: Visit, kind: Kind, number: int) -> list[float | None]:
    """Milliseconds of each answer, None where no text changed."""
    page, said = visit.page, Priorities(ranking=kind.ranking)
    answers = questionnaire.parse(PROJECT).model_copy(update={"priorities": said})
    visit.store.change_answers(visit.decision_id, lambda _: answers)
    page.goto(visit.address.format(kind.page))
    settle(page)
    found: list[float | None] = []
    for index in range(WARM_UP + number + number % 2):
        if kind.page == "brief":
            _other_code(page)
        page.evaluate(_NEXT_INPUT, kind.shows)
        kind.answer(page, index)
        found.append(page.evaluate("window.changed"))
        settle(page)
    return found[WARM_UP:]


def _other_code(page: Page) -> None:
    """A line more: hardly another project, and a decision that nobody has made yet."""
    page.locator(".st-key-ask-code-lines").get_by_test_id("stNumberInputStepUp").click()
    settle(page)


def _print(name: str, times: Sequence[float | None]) -> None:
    told = sorted(took for took in times if took is not None)
    silent = f", {len(times) - len(told)} changed nothing" if len(told) < len(times) else ""
    if len(told) < 2:
        print(f"  {name:<26} too few{silent}")
        return
    p95, within = statistics.quantiles(told, n=20)[-1], sum(took <= GOAL for took in told)
    figures = f"median {statistics.median(told):4.0f}  p95 {p95:4.0f}  longest {told[-1]:4.0f} ms"
    print(f"  {name:<26} {figures}   within {GOAL:.0f} ms: {within} of {len(told)}{silent}", flush=True)


if __name__ == "__main__":
    main()
