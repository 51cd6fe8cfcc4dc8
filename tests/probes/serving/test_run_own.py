"""What servers are asked of a team's own model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probes.deploy import summary
from probes.deploy.workshop import Network
from probes.serving import catalog, measure, run
from probes.serving.schema import ServerSpec, ServingRequest
from probes.team_files import ModelFile

LEAF = {"shape": [3], "dtype": "float32"}
ONE = summary.pack(np.full((4, 2), 1000, "f4"))


def network(template: object) -> Network:
    own = {"path": "/ours.py", "sha256": "ab" * 32, "template": template, "plain": False}
    return Network(Path(), "name", "pytorch", "", (), classes=False, own=own)


def spec(name: str) -> ServerSpec:
    found: ServerSpec = catalog.modules()[name].SPEC
    return found


@pytest.mark.parametrize("name", list(catalog.modules()))
def test_any_tree_of_arrays_is_served(name: str) -> None:
    ids = {"shape": [3], "dtype": "int64"}
    for template in (LEAF, {"dict": {"a": LEAF, "b": ids}}, {"tuple": [LEAF, {"list": [ids, ids]}]}):
        assert run.not_spoken(spec(name), network(template)) == ""
    assert run.not_spoken(spec(name), replace(network(LEAF), own=None)) == "", "a stock network's is known"


def test_what_a_protocol_cannot_carry_is_said() -> None:
    flags = {"dict": {"a": LEAF, "flags": {"shape": [3], "dtype": "bool"}}}
    said = run.not_spoken(spec("tensorflow_serving_grpc"), network(flags))
    assert said.startswith("TensorFlow Serving, gRPC: inputs of type bool can't be sent; allowed: float32")
    assert run.not_spoken(spec("litserve_pytorch"), network(flags)) == ""


def test_answers_are_compared_in_the_scale_of_the_model() -> None:
    assert measure.allowed(ONE) == measure.TOLERANCE
    assert measure.allowed(replace(ONE, outputs=(2,))) == pytest.approx(1000 * measure.TOLERANCE)


def test_a_request_for_a_model_file_is_valid_and_for_another_one_is_not() -> None:
    file = ModelFile("ours.py", "12" * 32, "Ours", ("pytorch",), trains=False)
    run.validate(ServingRequest(model=file.id, model_file=file))
    with pytest.raises(ValueError, match="model: 'own-ffffffffffff' doesn't exist"):
        run.validate(ServingRequest(model="own-ffffffffffff", model_file=file))
