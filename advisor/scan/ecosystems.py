"""Which packages belong to which framework, by the name under which they are imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from advisor.scan.report import FoundFramework

#: What people call them.
FRAMEWORK_NAMES: Final[Mapping[str, str]] = {
    "tensorflow": "TensorFlow", "keras": "Keras", "pytorch": "PyTorch", "jax": "JAX",
}  # fmt: skip
_PACKAGES: Final[dict[FoundFramework, str]] = {
    "tensorflow": """
        tensorflow tensorflow_probability tensorflow_hub tensorflow_datasets tensorflow_addons tensorflow_text
        tensorflow_transform tensorflow_model_optimization tensorflow_federated tensorflow_recommenders
        tensorflow_ranking tensorflow_decision_forests tensorflow_gnn tensorflow_serving tensorflow_io
        tensorflow_graphics tensorflow_estimator tensorflow_lattice tensorflow_privacy tensorflow_data_validation
        tensorflow_model_analysis tensorflow_cloud tensorflow_quantum tensorflow_similarity tensorflowjs tf_agents tfx
        tfx_bsl tf_slim tf2onnx tflearn tensorlayer tensorpack tflite_runtime tflite_model_maker
        object_detection official sonnet trfl dopamine ai_edge_litert
    """,
    "keras": """
        keras keras_cv keras_nlp keras_hub keras_tuner kerastuner keras_core keras_contrib keras_applications
        keras_preprocessing keras_rs tf_keras keras_retinanet segmentation_models autokeras
    """,
    "pytorch": """
        torch torchvision torchaudio torchtext torchdata torchmetrics torcheval torchrl torchao torchtune torchrec
        torch_geometric torch_scatter torch_sparse torch_cluster torch_tpu torch_xla torchserve torchelastic
        torch_tensorrt pytorch_lightning lightning lightning_fabric lightning_lite ignite timm fastai kornia monai pyro
        gpytorch botorch accelerate deepspeed fairscale apex xformers flash_attn bitsandbytes peft diffusers fairseq
        detectron2 mmcv mmdet mmseg mmengine catalyst skorch allennlp functorch pytorch3d torchdiffeq
        segmentation_models_pytorch stable_baselines3 sentence_transformers captum opacus pytorch_metric_learning
        ultralytics efficientnet_pytorch open_clip tensordict executorch dgl
    """,
    "jax": """
        jax jaxlib flax haiku optax equinox chex orbax numpyro distrax rlax jraph trax t5x objax elegy maxtext
    """,
}
#: By the first part of a module's name.
ROOTS: Final[dict[str, FoundFramework]] = {
    name: framework for framework, names in _PACKAGES.items() for name in names.split() if "." not in name
}
#: Neither one's nor the other's by themselves, and of weight for a move.
NEUTRAL: Final = frozenset({"transformers", "horovod", "triton", "ts", "caffe2"})
_HOROVOD: Final[dict[str, FoundFramework]] = {"torch": "pytorch", "tensorflow": "tensorflow", "keras": "keras"}
#: What imports are followed for.
KNOWN: Final = frozenset(ROOTS) | NEUTRAL


def framework_of(name: str) -> FoundFramework | None:
    """Whose a full name is. Keras inside TensorFlow is TensorFlow's; ``transformers`` is by its class' prefix."""
    top, _, rest = name.partition(".")
    if top == "transformers":
        last = rest.rpartition(".")[2]
        if last.startswith("TF"):
            return "tensorflow"
        return "jax" if last.startswith("Flax") else None
    if top == "horovod":
        return _HOROVOD.get(rest.partition(".")[0])
    return ROOTS.get(top)
