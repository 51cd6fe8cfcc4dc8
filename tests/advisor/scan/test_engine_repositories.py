"""What the scan said of real repositories; ``python -m tests.stress.scanning`` looks again."""

from __future__ import annotations

from typing import Any, get_args

import pytest
import yaml

from advisor.scan.report import BlindKind, FoundFramework, Primary
from advisor.scan.rules import rules
from tests.stress.scanning import RECORD

REPOSITORIES: list[dict[str, Any]] = yaml.safe_load(RECORD.read_text(encoding="utf-8"))


#: JAX or TensorFlow stands behind a dispatcher of its own there (``trax.fastmath``), which the scan says.
MISSED = {"google/trax"}


def test_labels_are_met_but_for_those_that_say_why_not() -> None:
    """The first 33 had a part in making the rule; the other 28 were labelled by their README before it was run."""
    assert len(REPOSITORIES) >= 60
    (trax,) = [one["scan"] for one in REPOSITORIES if one["repository"] in MISSED]
    assert (trax["primary"], trax["blind_spots"]["dispatcher"]) == ("mixed", 1)
    assert {one["repository"] for one in REPOSITORIES if one["scan"]["primary"] != one["label"]} == MISSED


@pytest.mark.parametrize("one", REPOSITORIES, ids=lambda one: one["repository"])
def test_a_record_speaks_of_what_there_is(one: dict[str, Any]) -> None:
    assert len(one["commit"]) == 40
    assert {one["label"], one["scan"]["primary"]} <= set(get_args(Primary))
    assert set(one["scan"]["uses"]) <= set(get_args(FoundFramework))
    assert set(one["scan"]["findings"]) <= {rule.id for rule in rules()}
    assert set(one["scan"]["blind_spots"]) <= set(get_args(BlindKind))
    assert one["scan"]["lines"] > 500


def test_what_was_counted_by_hand_is_found() -> None:
    """Places of five repositories, counted by reading without the rules; the one that is missed is behind a getattr."""
    counted = [row for one in REPOSITORIES for row in one.get("counted", {}).items()]
    assert sum("counted" in one for one in REPOSITORIES) == 5
    assert {rule for rule, _ in counted} <= {rule.id for rule in rules()}
    there, found = (sum(places[key] for _, places in counted) for key in ("there", "found"))
    assert there > 250
    assert found / there >= 0.95
