"""What wasn't seen, in the page's words."""

from __future__ import annotations

from typing import get_args

from advisor.scan.report import BlindKind
from ui.views.your_code import blind_spots


def test_every_kind_of_blind_spot_has_a_title() -> None:
    assert set(blind_spots._TITLES) == set(get_args(BlindKind))
