"""What either side of a pair is called."""

from __future__ import annotations

import pytest

from probes.schema import Track
from probes.tracks import MODES, WITHOUT_KERAS, ran


@pytest.mark.parametrize("track", MODES)
def test_a_side_is_named_by_what_ran(track: Track) -> None:
    assert ran("pytorch", [MODES[track]["pytorch"]]) == "PyTorch"
    expected = "TensorFlow" if track in WITHOUT_KERAS else "TensorFlow (Keras 3)"
    assert ran("tensorflow", [MODES[track]["tensorflow"]]) == expected


def test_results_of_both_kinds_share_the_shorter_name() -> None:
    assert ran("tensorflow", [MODES[track]["tensorflow"] for track in ("default", "plain")]) == "TensorFlow"
