"""Reading one source ends when its time is over, wherever it is."""

from __future__ import annotations

import pytest

from advisor.scan.facts import TooLongError
from advisor.scan.syntax import read


@pytest.mark.parametrize("looks", [0, 3])
def test_a_source_full_of_errors_is_left_when_its_time_is_over(looks: int) -> None:
    """A query for errors took 50 s of one spoilt file, and asked no clock meanwhile."""
    asked = iter([False] * looks)
    source = b"import torch\n" + b"a b\n" * 10_000
    with pytest.raises(TooLongError):
        read(
            "a.py", source, lambda _: (), loads=False, over=lambda: next(asked, True), asked=lambda _: False,
            methods=frozenset(),
        )  # fmt: skip
