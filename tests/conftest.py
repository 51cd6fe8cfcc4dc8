"""What all tests share: the order (fast first, then frameworks, then the browser) and a private data directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from probes.system import folders

ROOT = Path(__file__).resolve().parent.parent

# Before any test has a data directory of its own: the environments that were made for whoever runs the tests, and what
# was compiled for earlier tests, are found where they would be without one.
os.environ.setdefault(folders.CACHE, str(folders.cache()))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A failure that costs a second to find should not wait for one that costs minutes."""

    def cost(item: pytest.Item) -> int:
        return 2 * bool(item.get_closest_marker("browser")) + bool(item.get_closest_marker("framework"))

    items.sort(key=cost)


@pytest.fixture(autouse=True)
def _private_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the decisions of whoever runs it."""
    monkeypatch.setenv("FULCRUM_DATA_DIR", str(tmp_path / "fulcrum"))
    monkeypatch.delenv("FULCRUM_DATABASE_URL", raising=False)
