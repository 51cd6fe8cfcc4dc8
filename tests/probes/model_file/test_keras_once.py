"""Which files are written once for both sides is told by their source."""

from __future__ import annotations

import pytest

from probes.model_file import keras_once


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("def keras(): ...", True),
        ("import keras\ndef pytorch(): ...", False),
        ("class Net:\n  def keras(self): ...", False),
        ("def keras(", False),
        ("x = " + "-" * 5000 + "1\ndef keras(): ...", False),  # nested too deeply for Python
        ("def keras(): ...\0", False),
    ],
)
def test_a_function_keras_at_its_top_makes_it_one(source: str, written: bool) -> None:
    assert keras_once.is_written(source.encode()) is written
