"""What the page tells to run on the command line."""

from __future__ import annotations

import pytest

from probes.__main__ import parser
from ui.views.own.beginning import _COMMANDS


@pytest.mark.parametrize("line", [line for _, line in _COMMANDS], ids=lambda line: line.split()[0])
def test_every_line_is_one_that_the_command_takes(line: str) -> None:
    options = parser().parse_args(line.format(name="ours.py").split())
    assert options.command == line.split()[0]
