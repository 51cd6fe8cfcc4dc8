"""What the scan said of real repositories; ``python -m tests.stress.scanning`` looks again."""

from __future__ import annotations

from typing import Any, get_args

import pytest
import yaml

from advisor.scan.report import BlindKind, FoundFramework, Primary
from advisor.scan.rules import rules
from tests.stress.scanning import RECORD

REPOSITORIES: list[dict[str, Any]] = yaml.safe_load(RECORD.read_text(encoding="utf-8"))


def test_labels_are_met_in_nine_of_ten() -> None:
    assert len(REPOSITORIES) >= 30
    right = sum(one["scan"]["primary"] == one["label"] for one in REPOSITORIES)
    assert right / len(REPOSITORIES) >= 0.9


@pytest.mark.parametrize("one", REPOSITORIES, ids=lambda one: one["repository"])
def test_a_record_speaks_of_what_there_is(one: dict[str, Any]) -> None:
    assert len(one["commit"]) == 40
    assert {one["label"], one["scan"]["primary"]} <= set(get_args(Primary))
    assert set(one["scan"]["uses"]) <= set(get_args(FoundFramework))
    assert set(one["scan"]["findings"]) <= {rule.id for rule in rules()}
    assert set(one["scan"]["blind_spots"]) <= set(get_args(BlindKind))
    assert one["scan"]["lines"] > 500
