"""Start the app on a free loopback port and drive it with a headless Chromium: for screenshots and browser tests."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from probes.system import folders

ROOT: Final = Path(__file__).resolve().parent.parent
LOG: Final = "server.log"  # in the folder of the app's data
CHROMIUM_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
#: The page is still: the script has run, the socket is open, every chart is drawn (Plotly comes when the page stands),
#: nothing is stale, loading or covered by a dialog.
_STILL: Final = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    return !!app
        && app.getAttribute('data-test-script-state') === 'notRunning'
        && app.getAttribute('data-test-connection-state') === 'CONNECTED'
        && !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"], [data-testid="stDialog"]')
        && [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].every((e) => e.querySelector('.main-svg'));
}"""
STILL_FOR: Final = 0.25  # seconds without a break: one look is racy


def chromium() -> str | None:
    """Where a Chromium is, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_app(
    data: Path,
    *,
    port: int | None = None,
    bound: str = "127.0.0.1",
    environment: Mapping[str, str] | None = None,
    script: str | Path = "app.py",
) -> Iterator[str]:
    """The real app, or another ``script``, with its data in ``data``; yields its loopback address. Ends it with
    everything that it started. ``bound`` is the address that it listens on, "" for what the README's command takes;
    ``environment`` adds variables.
    """
    port = port or free_port()
    log = data / LOG
    data.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--server.port={port}", *([f"--server.address={bound}"] if bound else [])]
    with log.open("wb") as out:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, folders.DATA: str(data), folders.CACHE: str(folders.cache()), **(environment or {})},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/_stcore/health", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(server)


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - a loopback http address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the app didn't come up; its last words:\n{log.read_text(errors='replace')[-3000:]}")


def _end(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium of the system."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=list(CHROMIUM_ARGUMENTS))
        try:
            yield found
        finally:
            found.close()


def new_page(of: Browser, *, width: int = 1440, height: int = 900, scheme: Literal["light", "dark"] = "light") -> Page:
    """A page in a context of its own: other cookies, another user."""
    size: ViewportSize = {"width": width, "height": height}
    page = of.new_context(viewport=size, color_scheme=scheme, has_touch=width < 640).new_page()
    page.set_default_timeout(20_000)
    return page


def settle(page: Page, seconds: float = 30) -> float:
    """Wait until the page has been still for 250 ms; returns the seconds until it became so."""
    start = time.monotonic()
    since: float | None = None
    while (now := time.monotonic()) - start < seconds:
        if not page.evaluate(_STILL):
            since = None
        elif since is None:
            since = now
        elif now - since >= STILL_FOR:
            return since - start
        page.wait_for_timeout(20)
    raise TimeoutError(f"the page didn't settle within {seconds:g} s: {page.url}")


def whole_page(page: Page, path: Path, *, most: int = 8000) -> None:
    """A picture of all of a page: Streamlit scrolls inside, so the window has to grow (streamlit #10392)."""
    size = page.viewport_size or {"width": 1440, "height": 900}
    height = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(int(height) + 8, most))})
    settle(page)
    page.wait_for_timeout(400)  # charts glide into their new width
    page.screenshot(path=path)
    page.set_viewport_size(size)
