"""One app and one Chromium for all browser tests; without one they skip, or fail where FULCRUM_REQUIRE_BROWSER=1.

What the app wrote into its log while a test failed stands beside the failure, and a page that failed where no test
looked fails the test that opened it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from scripts import driving

LOG: Final = pytest.StashKey[Path]()
expect.set_options(timeout=20_000)  # a machine that does other things too takes its time; what comes isn't waited for


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if driving.chromium() is None:
        reason = "no Chromium was found on PATH"
        if os.environ.get("FULCRUM_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with driving.browser() as found:
        yield found


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[str]:
    """The real app's address; server, executor and database live in a temporary folder."""
    data: Path = tmp_path_factory.mktemp("browser-data")
    pytestconfig.stash[LOG] = data / driving.LOG
    with driving.running_app(data) as address:
        yield address


@pytest.fixture(autouse=True)
def no_page_failed(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Iterator[None]:
    """Where the test uses the common app, what that logs meanwhile stands in the test's output and holds no trace."""
    if "app" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("app")
    log = pytestconfig.stash[LOG]
    before = log.stat().st_size
    yield
    with log.open("rb") as file:
        file.seek(before)
        written = file.read().decode(errors="replace")
    sys.stdout.write(written)
    assert "Traceback (most recent call last)" not in written, "a page failed; the app's log has the reason"
