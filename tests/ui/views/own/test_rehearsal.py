"""A rehearsal on «Your own»: asked for, followed, and told in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.ports import Services
from advisor.queue.handlers import run_job
from advisor.queue.kinds import REHEARSE, RehearseRequest
from probes.rehearsal.schema import Learning, RehearsalFailure, RehearsedWay
from tests import fakes, own_models
from tests.own_models import LISTED
from tests.stores import the
from tests.ui.driving import open_page, texts

MOVES = (
    RehearsedWay("keras_on_pytorch", "Keras code on PyTorch", "tensorflow", "same", learning=Learning(4, 4, 1e-6, "w")),
    RehearsedWay(
        "keras_on_jax", "Keras code on JAX", "tensorflow", "refused", "tf.image.resize isn't there",
        RehearsalFailure("move", "tf.image.resize isn't there", "ranker.py", 12, "tensorflow.image"),
    ),
    RehearsedWay(
        "onnx2tf", "PyTorch → ONNX → TensorFlow model", "pytorch", "missing", "python -m probes env create onnx2tf"
    ),
)  # fmt: skip


def services() -> Services:
    made = own_models.services()
    assert isinstance(made.own_models, fakes.FakeOwnModels)
    made.own_models.moves = MOVES
    own_models.looked_at(made)
    return made


def test_it_is_queued_for_that_very_file_and_its_outcome_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    made = services()
    app = open_page(monkeypatch, made, "own", operator=True)
    app.button(key="start-rehearse").click().run()
    job = the(made.store.latest(REHEARSE))
    assert job.request == RehearseRequest(LISTED.name, LISTED.sha256)
    assert "### Waiting to start" in texts(app)
    run_job(made, the(made.store.claim("here")), lambda: False)
    app = open_page(monkeypatch, made, "own", operator=True)
    said = texts(app).replace("\\", "")
    assert "**Keras code on PyTorch**: answers and learns alike" in said
    assert "**Keras code on JAX**: a call fails" in said
    assert "where it went, ranker.py, line 12, calling tensorflow.image · tf.image.resize isn't there" in said
    assert "python -m probes env create onnx2tf" in said
    assert app.button(key="start-rehearse").label == "Rehearse it again"


def test_what_went_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    made = services()
    made.store.enqueue(REHEARSE, RehearseRequest(LISTED.name, LISTED.sha256), own_models.OPERATOR)
    made.store.finish(the(made.store.claim("here")).id, "failed", reason="ranker.py has changed")
    said = texts(open_page(monkeypatch, made, "own", operator=True)).replace("\\", "")
    assert "ranker.py has changed" in said


def test_a_changed_file_was_not_rehearsed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = services()
    made.store.enqueue(REHEARSE, RehearseRequest(LISTED.name, LISTED.sha256), own_models.OPERATOR)
    run_job(made, the(made.store.claim("here")), lambda: False)
    folder = made.own_models.folder  # type: ignore[attr-defined]  # the fake's
    folder[replace(LISTED, sha256="b" * 64)] = folder.pop(LISTED)
    assert "answers and learns alike" not in texts(open_page(monkeypatch, made, "own", operator=True))
