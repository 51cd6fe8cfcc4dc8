"""What requests are about: never longer than the database takes, and never two things under one name."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.queue.kinds import CHECK, DATA, DESCRIBE, ROUTES, CheckRequest, DataRequest, DescribeRequest
from advisor.records import JobKind
from probes.deploy.schema import RoutesRequest

LONG = "transactions of all shops with every feature that we ever had.csv"
NETWORKS = ("mlp", "cnn", "transformer", "lstm", "unet", "wide_deep")


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (DATA, DataRequest(LONG, "price"), DataRequest(LONG, "price_2")),
        (CHECK, CheckRequest(machine=f"{LONG}-1"), CheckRequest(machine=f"{LONG}-2")),
        (DESCRIBE, DescribeRequest(f"{LONG}1.py", "a" * 64), DescribeRequest(f"{LONG}2.py", "a" * 64)),
        (ROUTES, RoutesRequest(NETWORKS, machine=f"{LONG}-1"), RoutesRequest(NETWORKS, machine=f"{LONG}-2")),
    ],
)
def test_long_subjects_are_cut_and_stay_apart(kind: JobKind[Any, Any], one: Any, other: Any) -> None:
    assert kind.subject is not None
    subjects = {kind.subject(one), kind.subject(other)}
    assert len(subjects) == 2
    assert max(map(len, subjects)) <= 64


def test_short_ones_are_what_people_read() -> None:
    assert DataRequest("rows.csv", "price").subject == "rows.csv price"
    assert CheckRequest("standard", "cuda", "shed").subject == "standard cuda on shed"
