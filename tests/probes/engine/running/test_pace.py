"""What the last starts on this machine teach the next plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from probes import catalog
from probes.engine.planning import time_costs
from probes.engine.running import pace
from probes.results import Round
from probes.system import folders

PROBES = [catalog.find("mlp.train_step"), catalog.find("mlp.memory_peak")]
RECKONED = time_costs.pair_seconds(PROBES)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(folders.CACHE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def start(times: float, *, contended: bool = False) -> Round:
    return Round(0, (), start_seconds=times * RECKONED, contended=contended)


def test_nothing_known_is_what_is_reckoned_with() -> None:
    assert pace.read("here") == 1.0


def test_the_median_of_the_last_five_starts_counts_machine_by_machine() -> None:
    for times in (9.0, 2.0, 2.2, 2.0, 9.0, 2.1):
        pace.learn("here", start(times), PROBES)
    pace.learn("there", start(0.7), PROBES)
    assert pace.read("here") == pytest.approx(2.1)
    assert pace.read("there") == pytest.approx(0.7)


def test_it_stays_within_bounds_and_learns_nothing_without_a_start() -> None:
    pace.learn("here", start(50.0), PROBES)
    assert pace.read("here") == pace.HIGHEST
    pace.learn("there", start(0.0), PROBES)
    assert pace.read("there") == 1.0


def test_it_learns_where_others_are_always_at_work() -> None:
    """On a shared machine no round is undisturbed: nothing was learned, and each run took longer than it said."""
    pace.learn("here", start(1.7, contended=True), PROBES)
    assert pace.read("here") == pytest.approx(1.7)


def test_a_start_that_no_probe_took_to_its_first_step_teaches_nothing() -> None:
    """It ends with the imports: plans believed for half of the time, and runs ended a round short."""
    pace.learn("here", start(0.5), PROBES[:1])
    assert pace.read("here") == 1.0
    pace.learn("here", start(0.9), PROBES)
    assert pace.read("here") == pytest.approx(0.9)


@pytest.mark.parametrize("text", ["", "[]", '{"here": 3}', '{"here": ["x"]}', '{"here": [NaN, -1]}'])
def test_a_damaged_file_is_none(place: Path, text: str) -> None:
    place.mkdir()
    (place / "starts.json").write_text(text, encoding="utf-8")
    assert pace.read("here") == 1.0
    pace.learn("here", start(1.5), PROBES)
    assert pace.read("here") == pytest.approx(1.5)


def test_a_cache_that_cannot_be_written_stops_nobody(place: Path) -> None:
    place.write_text("a file where the folder would be")
    pace.learn("here", start(1.5), PROBES)
    assert pace.read("here") == 1.0
