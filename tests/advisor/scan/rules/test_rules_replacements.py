"""What rules name instead, what they look for before a move and what their sources are about: there today."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from advisor.scan.rules import CodeRule, rules
from tests.advisor.scan.rules.test_rules import full
from tests.advisor.scan.rules.test_rules_today import there

TOPS = pytest.mark.parametrize("tops", [{"torch"}, {"tensorflow", "keras"}], ids=["torch", "tensorflow"])
#: What a text calls by less than its full name. «name(keyword)» is a keyword of calls.
MEANT: Final[Mapping[str, str]] = {
    "nn.Module": "torch.nn.Module",
    "DataLoader": "torch.utils.data.DataLoader",
    "DistributedDataParallel": "torch.nn.parallel.DistributedDataParallel",
    "FSDP": "torch.distributed.fsdp.FullyShardedDataParallel",
    "SyncBatchNorm": "torch.nn.SyncBatchNorm",
    "LazyLinear": "torch.nn.LazyLinear",
    "ReduceOp": "torch.distributed.ReduceOp",
    "all_gather": "torch.distributed.all_gather",
    "all_gather_into_tensor": "torch.distributed.all_gather_into_tensor",
    "all_reduce": "torch.distributed.all_reduce",
    "reduce_scatter": "torch.distributed.reduce_scatter",
    "reduce_scatter_tensor": "torch.distributed.reduce_scatter_tensor",
    "matrix_rank": "torch.linalg.matrix_rank",
    "eigvalsh": "torch.linalg.eigvalsh",
    "view_as_real": "torch.view_as_real",
    "add_safe_globals": "torch.serialization.add_safe_globals",
    "clip_grad_norm_": "torch.nn.utils.clip_grad_norm_",
    "interpolate": "torch.nn.functional.interpolate",
    "set_default_dtype": "torch.set_default_dtype",
    "set_default_device": "torch.set_default_device",
    "register_full_backward_hook": "torch.nn.Module.register_full_backward_hook",
    "testing.assert_close": "torch.testing.assert_close",
    "loss.backward": "torch.Tensor.backward",
    "optimizer.step": "torch.optim.Optimizer.step",
    "weights_only": "torch.load(weights_only)",
    "return_complex": "torch.stft(return_complex)",
    "dynamo": "torch.onnx.export(dynamo)",
    "dynamic_axes": "torch.onnx.export(dynamic_axes)",
    "dynamic_shapes": "torch.onnx.export(dynamic_shapes)",
    "reduction": "torch.nn.MSELoss(reduction)",
    "GradientTape": "tensorflow.GradientTape",
    "vectorized_map": "tensorflow.vectorized_map",
    "crop_and_resize": "tensorflow.image.crop_and_resize",
    "jit_compile": "tensorflow.function(jit_compile)",
    "TFLiteConverter.from_keras_model": "tensorflow.lite.TFLiteConverter.from_keras_model",
    "from_saved_model": "tensorflow.lite.TFLiteConverter.from_saved_model",
    "Dataset.sample_from_datasets": "tensorflow.data.Dataset.sample_from_datasets",
    "Variable.assign": "tensorflow.Variable.assign",
    "compat.v1": "tensorflow.compat.v1",
    "PyDataset": "keras.utils.PyDataset",
    "image_dataset_from_directory": "keras.utils.image_dataset_from_directory",
    "TextVectorization": "keras.layers.TextVectorization",
    "LSTM": "keras.layers.LSTM",
    "GRU": "keras.layers.GRU",
    "Bidirectional": "keras.layers.Bidirectional",
    "Conv2DTranspose": "keras.layers.Conv2DTranspose",
    "Concatenate": "keras.layers.Concatenate",
    "Multiply": "keras.layers.Multiply",
    "Model.export": "keras.Model.export",
    "Model.quantize": "keras.Model.quantize",
    "train_step": "keras.Model.train_step",
    "to_json": "keras.Model.to_json",
    "model_from_json": "keras.models.model_from_json",
    "mixed_precision.set_global_policy": "keras.mixed_precision.set_global_policy",
    "learning_rate": "keras.optimizers.Adam(learning_rate)",
}
#: What looks like a name of a framework and isn't, or is one of something that isn't installed with the frameworks.
OTHER: Final = {
    "AOTInductor", "ExecuTorch", "KerasHub", "KerasRS", "LibTorch", "LitServe", "LiteRT", "LoRA", "NumPy", "NumPyro",
    "PyTorch", "SavedModel", "SciKeras", "TensorFlow", "TorchRL", "TorchRec", "TorchTPU", "WebDataset", "cuDNN", "vLLM",
    "RandomResizedCrop", "StatefulDataLoader", "TF_USE_LEGACY_KERAS", "TORCH_CHECK", "TORCH_LIBRARY", "REGISTER_OP",
    "ai_edge_litert.interpreter.Interpreter", "collections.abc", "lightning.fabric.Fabric", "math.inf",
    "predict_proba", "pytorch_lightning.loggers.logger.Logger", "scalar_type", "tf_slim", "tf_upgrade_v2",
    "tfds.data_source",
}  # fmt: skip
#: What a move's rule still looks for, though the pinned versions have it nowhere: code that is older has to move too.
OF_OLD_CODE: Final = {"keras:engine.Layer", "tf1:contrib.slim", "tf1:estimator"}
_WORD: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_PAGES: Final = (
    re.compile(r"https://www\.tensorflow\.org/api_docs/python/tf/([\w/]+)$"),
    re.compile(r"https://docs\.pytorch\.org/docs/stable/generated/(torch[\w.]+)\.html$"),
)


def words(rule: CodeRule) -> list[str]:
    """The words of what is to be taken instead."""
    return _WORD.findall(rule.replacement)


def looks_like_a_name(word: str) -> bool:
    return "." in word or "_" in word or re.search(r"[a-z][A-Z]", word) is not None


def named(word: str) -> str | None:
    """The full name that a word stands for; None for a word of the language, or of another package."""
    top = word.partition(".")[0]
    if top in ("torch", "keras", "tensorflow") and "." in word:
        return word
    return f"tensorflow{word[2:]}" if top == "tf" and "." in word else MEANT.get(word)


def of(tops: set[str], name: str | None) -> bool:
    return name is not None and name.partition(".")[0] in tops


def ways(name: str) -> set[str]:
    """Every full name that a rule's short one stands for."""
    kind, _, rest = name.rpartition(":")
    return {full(name)} | ({f"tensorflow.{rest}"} if kind == "tf1" else set())


def page(rule: CodeRule) -> str | None:
    """The name that the page of its source is about, if it is one of a reference."""
    found = next((match for pattern in _PAGES if (match := pattern.match(rule.source))), None)
    if found is None:
        return None
    return f"tensorflow.{found[1].replace('/', '.')}" if "tensorflow" in rule.source else found[1]


def test_what_looks_like_a_name_is_known_as_one() -> None:
    seen = {word for rule in rules() for word in words(rule)}
    strange = {word for word in seen if looks_like_a_name(word) and named(word) is None and word not in OTHER}
    assert sorted(word for word in strange if not word.startswith("jax.")) == []
    assert sorted((MEANT.keys() | OTHER) - seen) == []


@pytest.mark.framework
@TOPS
def test_what_is_named_instead_is_there(tops: set[str]) -> None:
    asked = {name: rule.id for rule in rules() for word in words(rule) if of(tops, name := named(word)) and name}
    assert len(asked) > 40
    found = there(set(asked), is_deep=True)
    assert {name: asked[name] for name, is_there in found.items() if not is_there} == {}


@pytest.mark.framework
@TOPS
def test_what_a_move_looks_for_is_there_or_known_to_be_of_old_code(tops: set[str]) -> None:
    looked_for = {
        name: ways(name) for rule in rules() for name in rule.names if rule.concern == "move" and of(tops, full(name))
    }
    found = there({way for each in looked_for.values() for way in each}, is_deep=True)
    gone = {name for name, each in looked_for.items() if not any(found[way] for way in each)}
    assert gone == {name for name in OF_OLD_CODE if of(tops, full(name))}


@pytest.mark.framework
@TOPS
def test_a_page_of_a_reference_is_about_something_that_is_there(tops: set[str]) -> None:
    asked = {name: rule.id for rule in rules() if of(tops, name := page(rule)) and name}
    assert len(asked) > 5
    found = there(set(asked), is_deep=True)
    assert {name: asked[name] for name, is_there in found.items() if not is_there} == {}


@pytest.mark.framework
def test_a_source_that_lists_renamed_names_has_most_of_the_rule_s() -> None:
    spec = find_spec("tensorflow")
    assert spec
    assert spec.submodule_search_locations
    listed = Path(spec.submodule_search_locations[0], "tools", "compatibility", "renames_v2.py").read_text("utf-8")
    asked = [rule for rule in rules() if rule.source.endswith("/tools/compatibility/renames_v2.py")]
    assert len(asked) > 5
    for rule in asked:
        seen = [name for name in rule.names if f"'tf.{name.partition(':')[2]}'" in listed]
        assert len(seen) * 3 > len(rule.names), rule.id
