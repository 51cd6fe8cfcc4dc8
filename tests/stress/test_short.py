"""The stress scripts in a form that a suite has time for; what they find at length is in their own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import loops
from tests.stress import failures, kills, sockets
from tests.stress.apps import App
from ui.app.middleware.sockets import MOST_SOCKETS
from ui.app.server import raise_descriptor_limit

pytestmark = [pytest.mark.slow, pytest.mark.skipif("sys.platform == 'win32'", reason="signals and limits are POSIX")]


@pytest.mark.parametrize("trouble", ["full", "refusing", "moved", "damaged", "postgresql"])
def test_what_cannot_be_stored_is_said_and_saved_again(trouble: str, tmp_path: Path) -> None:
    try:
        seen = failures.TROUBLES[trouble](tmp_path / "app")
    except failures.NotHereError as error:
        pytest.skip(str(error))
    assert seen.right, seen


@pytest.mark.alone
def test_a_crowd_is_refused_and_the_server_stays_well(tmp_path: Path) -> None:
    raise_descriptor_limit()
    app = App(tmp_path / "app")
    app.start()
    try:
        result = loops.run(sockets.crowd(app, sockets=MOST_SOCKETS + 20, uploads=1, megabytes=20))
    finally:
        app.stop()
    assert sockets.faults(result) == [], result
    assert (result.open, result.closed) == (MOST_SOCKETS, {"1013": 20})
    assert result.memory_most_mb - result.memory_before_mb < 100


@pytest.mark.framework
@pytest.mark.timeout(900)
def test_kills_lose_nothing(tmp_path: Path) -> None:
    """With this seed the executor in its second round, and both processes soon after the run was taken up again."""
    arguments = ["--kills", "2", "--seed", "28", "--budget", "30"]
    assert kills.main([*arguments, "--log", str(tmp_path / "kills.jsonl")]) == 0
