"""The measuring page and «In a browser» in each of their states: for everybody, on a phone and on a desk, by night too.

Files and Workers are made up (``measuring``); what real runtimes do is in ``test_in_browser``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from probes.in_browser import messages, protocol
from probes.schema import Outcome
from scripts import driving
from scripts.driving import settle
from tests import visits
from tests.browser import measuring
from tests.browser.measuring import Measuring
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
FAILS: Final = {"side": "tensorflow", "outcome": "failed", "reason": "No kernel for Erf."}
SIZES = pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measuring]:
    with measuring.served(tmp_path_factory.mktemp("measuring")) as found:
        yield found


@pytest.fixture
def opened(chromium: Browser, shown: Measuring) -> Iterator[Callable[..., tuple[Page, str]]]:
    """Opens a new link in a browser of its own whose Workers do as they are told; the page, and the decision's id."""
    pages: list[Page] = []

    def open_(how: dict[str, Any] | None = None, *, script: str = "", **size: Any) -> tuple[Page, str]:
        page = driving.new_page(chromium, **size)
        pages.append(page)
        if script:
            page.add_init_script(script)
        measuring.workers(page, how or {})
        decision = shown.decision()["decision"]
        page.goto(shown.link(decision))
        expect(page.locator("body")).to_have_attribute("data-state", "choice")
        return page, decision

    yield open_
    for page in pages:
        page.context.close()


def choose(page: Page, *backends: str) -> None:
    for box in page.locator("#choice input").all():
        if box.is_enabled():
            box.set_checked(box.get_attribute("name") in (*backends, "batch.1"))


def over(page: Page) -> None:
    page.click("#start")
    expect(page.locator("body")).to_have_attribute("data-state", "over", timeout=60_000)


def for_everybody(page: Page, width: int) -> None:
    found = Axe().run(page)
    assert len(found.response["passes"]) > 10, "axe looked at the page"
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width, "nothing sticks out to the side"


# ------------------------------------------------------------------------------------------- for everybody


@SIZES
def test_the_measuring_page_can_be_read_by_everybody(
    opened: Callable[..., tuple[Page, str]], shown: Measuring, width: int, scheme: Scheme
) -> None:
    page, decision = opened({"litertjs.wasm": {"hangs": True}, "onnxruntime-web.wasm": {"fails": FAILS}},
                            width=width, scheme=scheme)  # fmt: skip
    for_everybody(page, width)
    choose(page, "onnxruntime-web.wasm", "litertjs.wasm")
    page.click("#start")
    expect(page.locator("#doing")).to_contain_text("LiteRT.js")
    expect(page.locator("#rows")).to_contain_text("TensorFlow's export: failed: No kernel for Erf.")
    for_everybody(page, width)
    page.click("#cancel")
    expect(page.locator("body")).to_have_attribute("data-state", "over")
    expect(page.locator("#rows")).to_contain_text("cancelled: It was cancelled on the device. This was under way.")
    expect(page.locator("#rows")).not_to_contain_text("still to come")
    expect(page.locator("#lacking")).to_contain_text(
        "This browser has no WebGPU. Not run: ONNX Runtime Web, GPU by WebGPU"
    )
    for_everybody(page, width)
    page.goto("about:blank")
    page.goto(f"{shown.address}/in-browser/#nobody")
    expect(page.locator("#refusal")).to_contain_text("This link is not valid")
    for_everybody(page, width)
    assert shown.visit(decision).state == "over"


@SIZES
def test_the_desk_can_be_read_by_everybody(chromium: Browser, shown: Measuring, width: int, scheme: Scheme) -> None:
    page = driving.new_page(chromium, width=width, scheme=scheme)
    owner = shown.decision()
    address = f"{shown.address}/browser?decision={owner['decision']}&edit={owner['edit']}"

    def look(text: str) -> None:
        page.goto(address)
        settle(page)
        expect(page.get_by_test_id("stMain")).to_contain_text(text)
        for_everybody(page, width)

    with shown.nothing_fetched():
        look("The runtimes for browsers were not fetched")
        assert not page.locator(".st-key-start-kit").count(), "nothing is offered that leads nowhere"
    look("Measure in a browser")
    page.locator(".st-key-invite button").click()
    expect(page.locator(".st-key-link-here")).to_be_visible()
    for_everybody(page, width)
    sent(shown, owner["decision"], ended=False)
    look("Between two rounds")
    sent(shown, owner["decision"], ended=True)
    look("No kernel for Erf.")
    page.context.close()


def sent(shown: Measuring, decision: str, *, ended: bool) -> None:
    """A browser that has measured one side of a cell to its end, or has just begun."""
    store, cells = shown.services.store, ("onnxruntime-web.wasm.1", "litertjs.webgpu.1")
    _, key = store.open_visit(store.invite(decision, measuring.plan())[1])

    def say(content: bytes) -> None:
        store.change_visit(key, lambda visit, now: protocol.accepted(visit, messages.read(content), now))

    say(visits.begin(*cells, device="Pixel 8"))
    if ended:
        say(visits.message(event="end", cell=cells[0], **FAILS))
        say(visits.message(event="end", cell=cells[1], outcome="unsupported", reason="This browser has no WebGPU."))
        say(visits.message(event="over", why="closed"))


# ------------------------------------------------------------------------------------------- each side for itself


def test_a_side_that_fails_is_told_and_the_other_is_measured_to_its_end(
    opened: Callable[..., tuple[Page, str]], shown: Measuring
) -> None:
    page, decision = opened({"onnxruntime-web.wasm": {"fails": FAILS}})
    choose(page, "onnxruntime-web.wasm", "litertjs.wasm")
    over(page)
    record = shown.visit(decision).records["onnxruntime-web.wasm.1"]
    assert record.end is None
    assert record.ended["tensorflow"].reason == "No kernel for Erf."
    assert [set(kept.starts) for kept in record.rounds] == [{"pytorch"}] * shown.visit(decision).plan.rounds
    row = page.locator("#cell-onnxruntime-web\\.wasm\\.1")
    expect(row).to_contain_text("TensorFlow's export: failed: No kernel for Erf.")
    expect(row.locator("dd")).to_have_text(["2.00 ms"])
    expect(page.locator("#cell-litertjs\\.wasm\\.1")).to_contain_text("equal, within 5 %")


def test_a_worker_that_ends_without_a_word_ends_the_side_that_it_was_at(
    opened: Callable[..., tuple[Page, str]], shown: Measuring
) -> None:
    page, decision = opened({"litertjs.wasm": {"throws": "pytorch"}})
    choose(page, "litertjs.wasm")
    over(page)
    record = shown.visit(decision).records["litertjs.wasm.1"]
    assert record.playing == ("tensorflow",)
    assert record.ended["pytorch"].outcome is Outcome.FAILED
    assert "the runtime is broken" in record.ended["pytorch"].reason
    assert len(record.rounds) == shown.visit(decision).plan.rounds


# ------------------------------------------------------------------------------------------- what a browser lacks


def test_without_webassembly_the_reasons_can_be_sent(opened: Callable[..., tuple[Page, str]], shown: Measuring) -> None:
    page, decision = opened(script="delete self.WebAssembly")
    expect(page.locator("#cost")).to_contain_text("Nothing of this can run in this browser")
    expect(page.locator("#start")).to_have_text("Send the reasons")
    over(page)
    ends = {record.end for record in shown.visit(decision).records.values()}
    assert {(end.outcome, end.reason) for end in ends if end} == {
        (Outcome.UNSUPPORTED, "This browser has no WebAssembly.")
    }
    assert None not in ends


LACKS: Final = {
    "threads": ("Object.defineProperty(self, 'crossOriginIsolated', { value: false })", "wasm-threads",
                "This browser doesn't let threads share memory here."),
    "WebGPU": ("Object.defineProperty(navigator, 'gpu', { value: undefined })", "webgpu",
               "This browser has no WebGPU."),
    "WebNN": ("Object.defineProperty(navigator, 'ml', { value: undefined })", "webnn", "This browser has no WebNN."),
    "WebGL": ("HTMLCanvasElement.prototype.getContext = () => null", "webgl", "This browser has no WebGL."),
    "https": ("Object.defineProperty(self, 'isSecureContext', { value: false })", "webgpu",
              "WebGPU needs an https address, or this very machine."),
}  # fmt: skip


@pytest.mark.parametrize("what", LACKS)
def test_what_a_browser_lacks_is_a_stated_outcome(
    opened: Callable[..., tuple[Page, str]], shown: Measuring, what: str
) -> None:
    script, backend, reason = LACKS[what]
    page, decision = opened(script=script)
    expect(page.locator("#runtimes")).to_contain_text(reason)
    choose(page, "onnxruntime-web.wasm")
    over(page)
    ends = [
        record.end
        for record in shown.visit(decision).records.values()
        if record.cell.backend == backend and record.end is not None
    ]
    assert {(end.outcome, end.reason) for end in ends} == {(Outcome.UNSUPPORTED, reason)}


def test_a_device_that_cuts_its_speed_has_no_figures_that_count(
    opened: Callable[..., tuple[Page, str]], shown: Measuring
) -> None:
    page, _ = opened({"onnxruntime-web.wasm": {"times": {"later": 1.5}}})
    choose(page, "onnxruntime-web.wasm")
    over(page)
    expect(page.locator("#rows")).to_contain_text(
        "contaminated: It was slower by 50 % at the end than at the beginning: the device cut its speed, or other "
        "work took it."
    )


# ------------------------------------------------------------------------------------------- links


def test_a_link_that_was_used_says_what_to_do(chromium: Browser, shown: Measuring) -> None:
    link = shown.link(shown.decision()["decision"])
    first, second = driving.new_page(chromium), driving.new_page(chromium)
    first.goto(link)
    expect(first.locator("body")).to_have_attribute("data-state", "choice")
    second.goto(link)
    expect(second.locator("#refusal")).to_contain_text("was used already: it opens once. Ask for a new one.")
    expect(second.locator("#choice")).to_be_hidden()
    for page in (first, second):
        page.context.close()


@pytest.mark.parametrize(
    ("status", "says"),
    [(404, "A file is missing on the server: inputs.bin."), (200, "A file came otherwise than it was promised")],
)
def test_a_page_that_fails_in_the_middle_tells_the_desk(
    opened: Callable[..., tuple[Page, str]], shown: Measuring, status: int, says: str
) -> None:
    page, decision = opened()
    choose(page, "onnxruntime-web.wasm")
    page.route("**/inputs.bin", lambda route: route.fulfill(status=status, body="something else"))
    page.click("#start")
    expect(page.locator("#refusal")).to_contain_text(says)
    wait_until(lambda: shown.visit(decision).state == "over", "the last word of the page")
    assert shown.visit(decision).reason.startswith("The measuring page failed on the device")


def test_a_network_that_is_away_while_files_load_is_waited_for(
    opened: Callable[..., tuple[Page, str]], shown: Measuring
) -> None:
    page, decision = opened()
    choose(page, "onnxruntime-web.wasm")
    failed: list[str] = []

    def once(route: Route) -> None:
        """The first two requests: the file, and the look whether it is there."""
        if len(failed) < 2:
            failed.append(route.request.method)
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/inputs.bin", once)
    over(page)
    assert failed == ["GET", "HEAD"]
    found = shown.visit(decision)
    assert len(found.records["onnxruntime-web.wasm.1"].rounds) == found.plan.rounds


def test_files_that_went_meanwhile_are_said_before_anything_is_offered(chromium: Browser, shown: Measuring) -> None:
    page = driving.new_page(chromium)
    link = shown.link(shown.decision()["decision"])
    with shown.nothing_fetched():
        page.goto(link)
        expect(page.locator("#refusal")).to_contain_text("no longer on the server. Have it prepared again.")
    page.context.close()
