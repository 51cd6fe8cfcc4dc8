"""What several tests of environments share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.probes.deploy.house import MAKES, House


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    return House(tmp_path, monkeypatch)


@pytest.fixture
def made(house: House) -> House:
    house.installs(MAKES)
    house.create()
    return house
