"""No judgement about all of the work is kept from those who read its outcome."""

from __future__ import annotations

from typing import Any

from advisor.effort.judgements import judgements
from advisor.effort.rates import EffortRates, rates
from probes.system.data_files import DATA, parsed


def _reasons(node: Any) -> list[str]:
    """Every reason below a node of the file, whatever its key is called."""
    if isinstance(node, dict):
        own = [value for key, value in node.items() if key.endswith("because")]
        return own + [one for value in node.values() for one in _reasons(value)]
    return [one for value in node for one in _reasons(value)] if isinstance(node, list) else []


def test_every_reason_that_belongs_to_no_move_is_told() -> None:
    written = parsed(DATA, EffortRates.file)
    general = _reasons({key: value for key, value in written.items() if key not in ("moves", "ways")})
    assert len(general) > 5
    assert sorted(one.because for one in judgements(rates())) == sorted(general)


def test_each_is_told_with_its_figures() -> None:
    told = {one.title: one.reckoned.replace("\N{NO-BREAK SPACE}", " ") for one in judgements(rates())}
    known = rates()
    assert f"n to the power of {known.repetition:g} " in told["Many of a kind"]
    assert told["Another design"] == (
        f"times {known.rewrite.low:g} to {known.rewrite.high:g}, {known.rewrite.likely:g} most likely"
    )
    assert "50 % most likely, on top" in told["Checking what was changed"]
    assert len(told) == len(judgements(known)), "no two are called alike"
