"""What crosses a process or a disk comes back as it was, or is refused."""

from __future__ import annotations

import json

import pytest

from probes.json_form import from_dict, from_json, to_dict, to_json
from probes.schema import RunRequest

ASKED = RunRequest(probes=("mlp.train_step",), sizes={"mlp": {"hidden1": 64}}, budget=45.0)


def test_a_record_comes_back_from_text_and_from_plain_types() -> None:
    assert from_json(RunRequest, to_json(ASKED)) == ASKED
    assert from_dict(RunRequest, to_dict(ASKED)) == ASKED
    assert from_dict(RunRequest, json.loads(to_json(ASKED))) == ASKED


def test_what_no_json_has_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(RunRequest(budget=float("nan")))


def test_a_mistake_names_its_place_and_value() -> None:
    with pytest.raises(ValueError, match="threads"):
        from_dict(RunRequest, {"threads": "many"})
