"""Making a kit: every export or its reason, one folder named by its content, and no process left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probes.deploy import catalog, environments, exporter, summary
from probes.engine.running.child import CancelledError
from probes.in_browser import kit
from probes.in_browser.schema import ASKED, Kit, KitRequest
from probes.json_form import from_json, to_dict, to_json
from probes.schema import Outcome
from probes.system import folders
from tests.probes.deploy.fake_children import FakeChild, Workplace
from tests.probes.fake_child import no_lock

ANSWERS = np.zeros((ASKED, 2), np.float32)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(folders.CACHE, str(tmp_path))
    monkeypatch.setattr(catalog, "why_not", lambda *_: "")
    monkeypatch.setattr(environments, "variables", lambda place: {})


def train(inputs: tuple[np.ndarray[Any, Any], ...]) -> Any:
    def spoil(child: FakeChild, arguments: Mapping[str, Any]) -> dict[str, Any]:
        named = {f"asked{n or ''}": leaf for n, leaf in enumerate(inputs)}
        np.savez(Path(arguments["folder"]) / exporter.DATA, **named)
        return {"task": "handwritten digits", "labels": [1] * ASKED}

    return spoil


@pytest.fixture
def workplace() -> Workplace:
    return Workplace(
        spoilt={
            "train": train((np.ones((ASKED, 3), np.float32),)),
            "source": lambda *_: {"answers": asdict(summary.pack(ANSWERS))},
        }
    )


def made(workplace: Workplace, **options: Any) -> Kit:
    found = kit.make(KitRequest("mlp"), launcher=workplace, lock=no_lock, **options)
    assert all(child.closed for child in workplace.children), "no process is left"
    return found


def test_a_kit_has_what_browsers_load(workplace: Workplace) -> None:
    found = made(workplace)
    assert {(one.framework, one.runtime) for one in found.exports} == {
        ("pytorch", "onnxruntime-web"), ("tensorflow", "onnxruntime-web"), ("pytorch", "litertjs"),
        ("tensorflow", "litertjs"), ("tensorflow", "tfjs"),
    }  # fmt: skip
    assert {one.outcome for one in found.exports} == {Outcome.OK}
    place = kit.folder(found)
    assert place is not None
    for file in (found.inputs, *(file for one in found.exports for file in one.files)):
        assert (place / file.name).stat().st_size == file.bytes
    assert np.frombuffer((place / found.inputs.name).read_bytes(), "<f4").shape == (ASKED * 3,)
    assert (found.shape, found.dtype, len(found.labels)) == ((3,), "float32", ASKED)
    assert from_json(Kit, to_json(found)) == found


def test_the_same_content_is_the_same_kit(workplace: Workplace) -> None:
    first, second = made(workplace), made(workplace)
    assert (first.folder, first.digest) == (second.folder, second.digest)
    assert len(workplace.commands("export")) == 5, "nothing is exported twice"


def test_an_export_that_fails_says_why_and_the_others_stand(workplace: Workplace) -> None:
    def fail(child: FakeChild, arguments: Mapping[str, Any]) -> None:
        if arguments["route"] == "tensorflow_tfjs":
            child.fail(Outcome.FAILED, "Erfc isn't known")

    workplace.spoilt["export"] = fail
    found = made(workplace)
    broken = found.export("tensorflow", "tfjs")
    assert broken is not None
    assert (broken.outcome, broken.reason, broken.files) == (Outcome.FAILED, "Erfc isn't known", ())
    assert sum(one.outcome is Outcome.OK for one in found.exports) == 4


def test_a_network_of_several_inputs_is_refused_with_a_reason(workplace: Workplace) -> None:
    leaf = np.ones((ASKED, 1), np.float32)
    workplace.spoilt["train"] = train((leaf, leaf))
    with pytest.raises(ValueError, match="mlp: it takes 2 inputs; browsers are asked with one array so far"):
        made(workplace)


def test_who_cancels_gets_nothing_half(workplace: Workplace) -> None:
    with pytest.raises(CancelledError):
        made(workplace, cancelled=lambda: bool(workplace.commands("train")))


def test_a_network_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match="model: 'resnet' doesn't exist; allowed: cnn, "):
        kit.make(KitRequest("resnet"))


def test_a_kit_of_before_says_when_it_was_made_and_is_read_without(workplace: Workplace) -> None:
    found = made(workplace)
    before = {**to_dict(found), "made_at": "2026-11-29T10:00:00+00:00"}
    assert from_json(Kit, json.dumps(before)) == found
