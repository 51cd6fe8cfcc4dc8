"""What ways out would refuse of a team's own model before anything is exported."""

from __future__ import annotations

import pytest

from probes.deploy import catalog
from probes.deploy.refusals import BATCH, refusals
from probes.deploy.schema import WayAvailability
from probes.schema import FRAMEWORKS, Framework, Outcome
from probes.team_files import ModelFile

ROWS = ((BATCH, 32), "float64")  # 64-bit floats go out as 32-bit ones
CLASSES = ((BATCH, 4), "float32")


@pytest.fixture(autouse=True)
def everything_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "why_not", lambda *_: "")


def by_way(
    *inputs: tuple[tuple[int, ...], str], sides: tuple[Framework, ...] = FRAMEWORKS
) -> dict[str, WayAvailability]:
    file = ModelFile("ours.py", "a" * 64, "Ours", sides, trains=True)
    return {offer.way.id: offer for offer in refusals(file, inputs, [CLASSES])}


def test_a_plain_model_is_refused_by_nobody() -> None:
    found = by_way(ROWS)
    assert found.keys() == {way.id for way in catalog.ways()}
    assert {offer.outcome for offer in found.values()} == {Outcome.OK}


def test_ways_of_a_half_that_isnt_there_have_nothing_to_begin_with() -> None:
    found = by_way(ROWS, sides=("pytorch",))
    refused = {offer.way.framework for offer in found.values() if offer.outcome is Outcome.UNSUPPORTED}
    assert refused == {"tensorflow"}
    assert found["tensorflow_litert"].reason == "ours.py has no half for TensorFlow"


def test_one_way_takes_one_array_and_says_so() -> None:
    found = by_way(ROWS, ((BATCH,), "int64"))
    assert [name for name, offer in found.items() if offer.reason] == ["pytorch_libtorch"]
    assert "takes one input of float32 or int64" in found["pytorch_libtorch"].reason


def test_what_no_way_takes_every_way_refuses() -> None:
    reasons = {offer.reason for offer in by_way(((7, 7), "float32")).values()}
    (reason,) = reasons
    assert "the first axis has to be the samples" in reason


def test_what_isnt_known_refuses_nothing() -> None:
    assert {offer.reason for offer in by_way().values()} == {""}


def test_a_way_that_cant_be_tried_here_keeps_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "why_not", lambda way, *_: "not installed" if way.heavy else "")
    assert {offer.way.heavy for offer in by_way(ROWS).values() if offer.reason == "not installed"} == {True}
