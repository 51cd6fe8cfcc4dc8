"""What servers are asked of a team's own model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probes.deploy import summary
from probes.deploy.workshop import Network
from probes.serving import measure, run
from probes.serving.schema import ServingRequest
from probes.team_files import ModelFile

LEAF = {"shape": [3], "dtype": "float32"}
ONE = summary.pack(np.full((4, 2), 1000, "f4"))


def network(template: object) -> Network:
    own = {"path": "/ours.py", "sha256": "ab" * 32, "template": template, "plain": False}
    return Network(Path(), "name", "pytorch", "", (), classes=False, own=own)


def test_one_array_in_and_out_is_served() -> None:
    assert run.not_spoken(network(LEAF), replace(ONE, outputs=(2,))) == ""
    assert run.not_spoken(network({"dict": {"a": LEAF}}), replace(ONE, outputs=(2,))) == ""
    assert run.not_spoken(replace(network(LEAF), own=None), ONE) == "", "a stock network says nothing of its outputs"


@pytest.mark.parametrize(
    ("template", "outputs", "why"),
    [
        ({"dict": {"a": LEAF, "b": LEAF}}, (2,), "the model takes 2 arrays: servers are asked with one so far"),
        (LEAF, (1, 1), "the model gives 2 outputs: servers are asked for one so far"),
    ],
)
def test_what_the_protocols_cannot_carry_is_said(template: object, outputs: tuple[int, ...], why: str) -> None:
    assert run.not_spoken(network(template), replace(ONE, outputs=outputs)).startswith(why)


def test_answers_are_compared_in_the_scale_of_the_model() -> None:
    assert measure.allowed(ONE) == measure.TOLERANCE
    assert measure.allowed(replace(ONE, outputs=(2,))) == pytest.approx(1000 * measure.TOLERANCE)


def test_a_request_for_a_model_file_is_valid_and_for_another_one_is_not() -> None:
    file = ModelFile("ours.py", "12" * 32, "Ours", ("pytorch",), trains=False)
    run.validate(ServingRequest(model=file.id, model_file=file))
    with pytest.raises(ValueError, match="model: 'own-ffffffffffff' doesn't exist"):
        run.validate(ServingRequest(model="own-ffffffffffff", model_file=file))
