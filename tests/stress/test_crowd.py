"""``python -m tests.stress.sockets`` in a form that a suite has time for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import loops
from tests.stress import sockets
from tests.stress.apps import App
from ui.app.middleware.sockets import MOST_SOCKETS
from ui.app.server import raise_descriptor_limit

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("sys.platform == 'win32'", reason="signals and limits are POSIX"),
]


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
