"""What counts as a published model, and what is refused before any library is waited for."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probes.contracts import UnsupportedError
from probes.model_file import loading, published

BERT = {"model_type": "bert", "vocab_size": 100, "hidden_size": 16, "max_position_embeddings": 64, "pad_token_id": 0}
GPT2 = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 100, "n_embd": 16, "n_positions": 12}


def folder(at: Path, config: Any = BERT, **files: bytes) -> Path:
    """``model_safetensors=b"…"``: with a dot for each underscore."""
    at.mkdir(exist_ok=True)
    (at / "config.json").write_text(config if isinstance(config, str) else json.dumps(config), encoding="utf-8")
    for name, content in files.items():
        (at / name.replace("__", ".")).write_bytes(content)
    return at


def test_a_folder_and_a_configuration_are_published_models_and_python_is_none(tmp_path: Path) -> None:
    assert published.is_published(folder(tmp_path / "minilm"))
    assert published.is_published(tmp_path / "minilm" / "config.json")
    assert not published.is_published(tmp_path / "ours.py")
    assert not published.is_published(tmp_path / ("x" * 300)), "a name that no file can have"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("{", "is no JSON"),
        ("[]", "holds a list; allowed: a configuration"),
        ({"vocab_size": 9}, "model_type is null; allowed: an architecture's name"),
        (BERT | {"model_type": 3}, "model_type is 3; allowed: an architecture's name"),
        (BERT | {"is_encoder_decoder": True}, "is_encoder_decoder is true; allowed: false"),
        (BERT | {"vocab_size": None}, "vocab_size is null; allowed: a number of at least 2"),
        (BERT | {"vocab_size": 1}, "vocab_size is 1; allowed: a number of at least 2"),
        (BERT | {"quantization_config": {"bits": 4}}, 'quantization_config is {"bits": 4}; allowed: none'),
    ],
)
def test_what_cannot_be_measured_is_told_by_field_value_and_what_is_allowed(
    config: Any, words: str, tmp_path: Path
) -> None:
    with pytest.raises(UnsupportedError) as caught:
        published.load(folder(tmp_path / "model", config))
    assert str(caught.value).startswith("model")
    assert words in str(caught.value)


def test_weights_that_may_hold_code_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"its weights are in pytorch_model\.bin, and only safetensors"):
        published.load(folder(tmp_path / "model", pytorch_model__bin=b"pickled"))
    assert published.load(tmp_path / "model" / "config.json").weights == (), "the configuration alone has none"


@pytest.mark.parametrize("name", ["../secret.safetensors", "missing.safetensors"])
def test_an_index_may_name_files_of_its_folder_only(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.safetensors").write_bytes(b"1")
    index = json.dumps({"weight_map": {"a": name}}).encode()
    at = folder(tmp_path / "model", model__safetensors__index__json=index)
    with pytest.raises(UnsupportedError, match="which isn't in the folder"):
        published.load(at)


def test_a_folder_without_a_configuration_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"has no config\.json: a folder is taken for a published model's"):
        loading.read(tmp_path)


def test_its_hash_is_of_the_configuration_and_all_weights(tmp_path: Path) -> None:
    at = folder(tmp_path / "model", model__safetensors=b"1")
    first = hashlib.sha256(loading.read(at)).hexdigest()
    assert loading.read(at, first)
    for change in ({"config.json": json.dumps(BERT | {"hidden_size": 8})}, {"model.safetensors": "22"}):
        before = hashlib.sha256(loading.read(at)).hexdigest()
        for name, text in change.items():
            (at / name).write_text(text, encoding="utf-8")
        with pytest.raises(UnsupportedError, match="has changed since it was looked at: begin again"):
            loading.read(at, before)


def test_a_configuration_too_large_to_be_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="has more than 1,048,576 bytes"):
        loading.read(folder(tmp_path / "model", " " * 2**21))


def test_an_encoder_gives_vectors_and_a_decoder_tells_the_next_token(tmp_path: Path) -> None:
    encoder, decoder = (published.load(folder(tmp_path / kind["model_type"], kind)) for kind in (BERT, GPT2))
    assert (encoder.kind, decoder.kind) == ("encoder", "decoder")
    x, labels = encoder.inputs(np.random.default_rng(0), 3)
    assert {name: array.shape for name, array in x.items()} == {"input_ids": (3, 32), "attention_mask": (3, 32)}
    assert labels.shape == (3, 16)
    x, labels = decoder.inputs(np.random.default_rng(0), 3)
    assert x["input_ids"].shape == (3, 10), "as many as it has places for, without the two that some keep"
    np.testing.assert_array_equal(x["input_ids"][:, 1:], labels[:, :-1])


def test_no_token_stands_for_padding(tmp_path: Path) -> None:
    model = published.load(folder(tmp_path / "model", BERT | {"vocab_size": 3, "pad_token_id": 2}))
    x, _ = model.inputs(np.random.default_rng(0), 50)
    assert {*np.unique(x["input_ids"])} == {0, 1}
