"""``data/effort.yaml``: every option has its way, every judgement its reason; what is wrong is refused by its path."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from advisor.effort.rates import EffortRates, rates
from advisor.knowledge.options import Options
from probes.system.data_files import DATA, DataError, parsed


def test_every_option_has_a_way_and_the_other_way_round() -> None:
    assert {way.id for way in rates().ways} == {option.id for option in Options.read().options}


def test_every_move_is_taken() -> None:
    taken = {move for way in rates().ways for move in way.moves.values()}
    assert taken == {move.id for move in rates().moves}


def test_a_framework_that_is_come_to_is_only_brought_up_to_date() -> None:
    for option in ("pytorch", "jax", "tensorflow"):
        assert rates().way(option).moves[option] == "upgrade"


def test_every_judgement_has_its_reason() -> None:
    def ranges(node: Any) -> list[dict[str, Any]]:
        if isinstance(node, dict):
            return [node] if "low" in node else [one for value in node.values() for one in ranges(value)]
        return [one for value in node for one in ranges(value)] if isinstance(node, list) else []

    found = ranges(parsed(DATA, EffortRates.file))
    assert len(found) > 40
    assert all(len(one["because"].split()) >= 3 for one in found)


def _unordered(written: Any) -> None:
    written["moves"][0]["name"]["low"] = 100


def _cheaper_finding(written: Any) -> None:
    written["moves"][0]["findings"]["must"].update(low=0, likely=1, high=2)


def _missing_severity(written: Any) -> None:
    del written["moves"][0]["findings"]["nice"]


def _unknown_move(written: Any) -> None:
    written["ways"][0]["moves"]["keras"] = "fly"


def _no_moves(written: Any) -> None:
    written["ways"][0]["moves"] = {}


def _slow_expert(written: Any) -> None:
    written["skills"][5]["high"] = 9


def _cheap_rewrite(written: Any) -> None:
    written["rewrite"]["low"] = 0.5


def _area_twice(written: Any) -> None:
    written["phases"][0]["areas"].append("model")


def _more_than_all(written: Any) -> None:
    written["moves"][1]["tools"][0]["share"]["high"] = 1.5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_unordered, r"moves\.port\.name: needs low ≤ likely ≤ high, not 100, 9, 25"),
        (_cheaper_finding, r"moves\.port: findings\.must: less than an ordinary name costs"),
        (_missing_severity, r"moves\.port: findings: 'nice' is missing"),
        (_unknown_move, r"ways\.pytorch\.moves: no move 'fly'; allowed: port, upgrade"),
        (_no_moves, r"ways\.pytorch: needs moves, or stays with the reason"),
        (_slow_expert, r"skills: who knows more is never slower"),
        (_cheap_rewrite, r"rewrite: another design never costs less"),
        (_area_twice, r"phases: each of .* belongs to one phase"),
        (_more_than_all, r"moves\.upgrade\.tools\.tf-upgrade-v2: no tool takes more than all of the work off"),
    ],
)
def test_what_is_wrong_is_refused_by_its_path(change: Callable[[Any], None], said: str) -> None:
    written = copy.deepcopy(parsed(DATA, EffortRates.file))
    change(written)
    with pytest.raises(DataError, match=rf"^effort\.yaml: .*{said}"):
        EffortRates.understood(written)
