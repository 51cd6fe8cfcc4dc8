"""A team's own tokens for a published model. No library of either side is needed to draw them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from probes.contracts import DataPlace, UnsupportedError
from probes.model_file.published_model import PublishedModel
from probes.team_data import looking

CONFIG = {
    "model_type": "bert", "architectures": ["BertModel"], "vocab_size": 100, "hidden_size": 8,
    "max_position_embeddings": 64,
}  # fmt: skip
ROWS, TOKENS = 80, 12


def model(folder: Path, label: str = "", *, low: int = 0, high: int = 100, tokens: int = TOKENS) -> PublishedModel:
    rng = np.random.default_rng(0)
    arrays = {
        "input_ids": rng.integers(low, high, (ROWS, tokens)),
        "attention_mask": np.ones((ROWS, tokens), np.int32),
        "vectors": rng.standard_normal((ROWS, 8)),
    }
    if not label:
        del arrays["vectors"]
    np.savez(folder / "texts.npz", **arrays)
    (folder / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    place = DataPlace(looking.look(folder / "texts.npz", label), folder / "texts.npz")
    return PublishedModel("pytorch", folder / "config.json", data=place)


def test_they_take_the_place_of_drawn_ones_and_are_as_long_as_they_are(tmp_path: Path) -> None:
    x, labels = model(tmp_path, "vectors").drawn(7, 4)
    assert {name: array.shape for name, array in x.items()} == {"input_ids": (4, 12), "attention_mask": (4, 12)}
    with np.load(tmp_path / "texts.npz") as kept:
        place = int(np.flatnonzero((kept["input_ids"] == x["input_ids"][0]).all(1))[0])
        np.testing.assert_allclose(labels[0], kept["vectors"][place], rtol=1e-6)


def test_without_labels_there_is_nothing_to_train_on(tmp_path: Path) -> None:
    assert model(tmp_path).drawn(7, 4)[1] is None


def test_a_token_that_the_model_doesnt_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"^data: texts\.npz has the token 1\d\d; allowed: 0 to 99, the model's"):
        model(tmp_path, high=200).drawn(7, 64)
    with pytest.raises(UnsupportedError, match=r"has the token -\d; allowed: 0 to 99"):
        model(tmp_path, low=-5).drawn(7, 64)


def test_texts_that_are_too_long_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"has the shape \(70,\) a sample in «input_ids»; allowed: \(62,\)"):
        model(tmp_path, tokens=70).drawn(7, 4)
