"""One app and one Chromium for all browser tests; without one they skip, or fail where FULCRUM_REQUIRE_BROWSER=1."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from scripts import driving


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
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real app's address; server, executor and database live in a temporary folder."""
    data: Path = tmp_path_factory.mktemp("browser-data")
    with driving.running_app(data) as address:
        yield address
