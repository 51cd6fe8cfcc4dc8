"""The stress scripts in a form that a suite has time for; what they find at length is in their own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stress import failures, kills

pytestmark = [pytest.mark.slow, pytest.mark.skipif("sys.platform == 'win32'", reason="signals and limits are POSIX")]


@pytest.mark.parametrize("trouble", ["full", "refusing", "moved", "damaged", "postgresql"])
def test_what_cannot_be_stored_is_said_and_saved_again(trouble: str, tmp_path: Path) -> None:
    try:
        seen = failures.TROUBLES[trouble](tmp_path / "app")
    except failures.NotHereError as error:
        pytest.skip(str(error))
    assert seen.right, seen


@pytest.mark.framework
@pytest.mark.measures
@pytest.mark.timeout(900)
def test_kills_lose_nothing(tmp_path: Path) -> None:
    """With this seed the executor in its second round, and both processes soon after the run was taken up again."""
    arguments = ["--kills", "2", "--seed", "28", "--budget", "30"]
    assert kills.main([*arguments, "--log", str(tmp_path / "kills.jsonl")]) == 0
