"""PyTorch: what decides a move away from it."""

from __future__ import annotations

from advisor.scan.rules import CodeRule, listed

_DOCS = "https://docs.pytorch.org/docs/stable"

RULES = (
    CodeRule(
        "torch-module", "a network as nn.Module", "pytorch", "move", "perhaps",
        "a Keras layer or model; shapes with channels first, and defaults of normalisation differ",
        f"{_DOCS}/generated/torch.nn.Module.html",
        area="model", probability=0.9, names=("torch.nn.Module",), bases=True,
    ),
    CodeRule(
        "torch-autograd-function", "a gradient of its own", "pytorch", "move", "must", "tf.custom_gradient",
        f"{_DOCS}/autograd.html#function", area="training_loop", names=("torch.autograd.Function",), bases=True,
    ),
    CodeRule(
        "torch-hooks", "hooks", "pytorch", "move", "must", "a model with several outputs: Keras has no hooks",
        f"{_DOCS}/generated/torch.nn.Module.html", area="model",
        methods=("register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook", "register_hook"),
    ),
    CodeRule(
        "torch-distributed", "torch.distributed", "pytorch", "move", "must", "tf.distribute, or JAX for sharded models",
        f"{_DOCS}/distributed.html", area="distributed",
        names=("torch.distributed", "torch.nn.parallel.DistributedDataParallel", "torch.multiprocessing.spawn"),
    ),
    CodeRule(
        "torch-sharded", "models that are spread over devices", "pytorch", "move", "must",
        "JAX; TensorFlow's DTensor is experimental",
        f"{_DOCS}/fsdp.html", area="distributed",
        names=("torch.distributed.fsdp", "torch.distributed.tensor", "torch.distributed.pipelining", "deepspeed",
        "fairscale"),
    ),
    CodeRule(
        "torch-lightning", "Lightning", "pytorch", "move", "must",
        "Keras' fit with a train_step, callbacks and a strategy",
        "https://lightning.ai/docs/pytorch/stable/", area="training_loop", bases=True,
        names=tuple(f"{top}.{name}" for top in ("pytorch_lightning", "lightning", "lightning.pytorch")
                    for name in ("LightningModule", "LightningDataModule", "Callback", "callbacks.Callback")),
    ),
    CodeRule(
        "torch-trainer", "a trainer of Lightning or Ignite", "pytorch", "move", "must", "Keras' fit",
        "https://lightning.ai/docs/pytorch/stable/",
        area="training_loop", calls=True,
        names=("pytorch_lightning.Trainer", "lightning.Trainer", "lightning.pytorch.Trainer", "ignite.engine",
        "lightning.Fabric",
               "lightning.fabric.Fabric"),
    ),
    CodeRule(
        "hf-trainer", "Trainer of transformers", "pytorch", "move", "must",
        "none: transformers is PyTorch alone since version 5",
        "https://huggingface.co/docs/transformers/main_classes/trainer", area="training_loop",
        names=listed("transformers: Trainer Seq2SeqTrainer TrainingArguments Seq2SeqTrainingArguments"),
    ),
    CodeRule(
        "hf-models", "models of transformers", "pytorch", "move", "must", "KerasHub for a few of them",
        "https://keras.io/keras_hub/", area="model",
        names=listed("transformers: AutoModel AutoModelForCausalLM AutoModelForSequenceClassification "
                     "AutoModelForTokenClassification AutoModelForMaskedLM AutoModelForQuestionAnswering "
                     "AutoModelForSeq2SeqLM "
                     "PreTrainedModel BertModel BertForSequenceClassification GPT2LMHeadModel "
                     "T5ForConditionalGeneration "
                     "RobertaModel CLIPModel LlamaForCausalLM"),
    ),
    CodeRule(
        "hf-accelerate", "Accelerate or PEFT", "pytorch", "move", "must", "tf.distribute; LoRA by KerasHub",
        "https://huggingface.co/docs/accelerate/index", area="distributed", names=("accelerate", "peft"),
    ),
    CodeRule(
        "torch-diffusers", "Diffusers", "pytorch", "move", "must", "KerasHub has Stable Diffusion 3 and little else",
        "https://huggingface.co/docs/diffusers/index", area="model", names=("diffusers",),
    ),
    CodeRule(
        "torch-compile", "torch.compile", "pytorch", "move", "nice", "tf.function, jit_compile=True",
        f"{_DOCS}/generated/torch.compile.html", area="training_loop", names=("torch.compile", "torch._dynamo"),
    ),
    CodeRule(
        "torch-export", "torch.export", "pytorch", "move", "must", "SavedModel by Model.export",
        f"{_DOCS}/user_guide/torch_compiler/export.html",
        area="export",
        names=("torch.export",),
    ),
    CodeRule(
        "torch-jit-move", "TorchScript files that something else loads", "pytorch", "move", "must",
        "SavedModel or LiteRT, and what loads it",
        f"{_DOCS}/jit.html", area="export", names=listed("torch.jit: script trace save load"),
    ),
    CodeRule(
        "torch-onnx", "ONNX by torch.onnx", "pytorch", "move", "perhaps",
        "Model.export to ONNX, by tf2onnx, which looks for a maintainer; whoever reads ONNX stays as it is",
        f"{_DOCS}/onnx.html", area="export", probability=0.5, names=("torch.onnx.export",),
    ),
    CodeRule(
        "torch-executorch", "ExecuTorch", "pytorch", "move", "must", "LiteRT",
        "https://docs.pytorch.org/executorch/stable/index.html",
        area="export", names=("executorch",),
    ),
    CodeRule(
        "torch-fx", "graphs by torch.fx", "pytorch", "move", "must",
        "none: TensorFlow's graphs can't be rewritten in Python like that",
        f"{_DOCS}/fx.html", area="model", names=("torch.fx",),
    ),
    CodeRule(
        "torch-func", "torch.func or functorch", "pytorch", "move", "perhaps",
        "GradientTape and vectorized_map, or JAX",
        f"{_DOCS}/func.html", area="training_loop", probability=0.8, names=("torch.func", "functorch"),
    ),
    CodeRule(
        "torch-data", "Dataset and DataLoader", "pytorch", "move", "perhaps",
        "tf.data, or keras.utils.PyDataset; Keras 3's fit takes a DataLoader",
        f"{_DOCS}/data.html", area="data_pipeline", probability=0.7, calls=True, names=("torch.utils.data.DataLoader",),
    ),
    CodeRule(
        "torch-dataset", "a Dataset or sampler of its own", "pytorch", "move", "perhaps",
        "tf.data from a generator, or keras.utils.PyDataset",
        f"{_DOCS}/data.html", area="data_pipeline", probability=0.7, bases=True,
        names=listed("torch.utils.data: Dataset IterableDataset Sampler BatchSampler dataset.Dataset"),
    ),
    CodeRule(
        "torch-sparse", "sparse or nested tensors", "pytorch", "move", "perhaps", "tf.sparse, tf.ragged",
        f"{_DOCS}/sparse.html",
        area="model", probability=0.7, names=("torch.sparse", "torch.nested", "torch_sparse", "torch_scatter"),
    ),
    CodeRule(
        "torch-geometric", "PyTorch Geometric or DGL", "pytorch", "move", "must",
        "TF-GNN, which does less, needs Keras 2 and has had no release since 2024; Jraph on JAX, none since 2022",
        "https://github.com/tensorflow/gnn/issues/874", area="model", names=("torch_geometric", "dgl"),
    ),
    CodeRule(
        "torch-detectors", "Detectron2, MMDetection or torchvision's detectors", "pytorch", "move", "must",
        "KerasHub's detectors; trained weights don't go across", "https://keras.io/keras_hub/", area="model",
        names=("detectron2", "mmdet", "mmcv", "mmengine", "torchvision.models.detection",
        "ultralytics.YOLO"),
    ),
    CodeRule(
        "torch-box-operations", "torchvision's operations on boxes and regions", "pytorch", "move", "perhaps",
        "tf.image.non_max_suppression and crop_and_resize; the rest is a few lines of one's own",
        "https://docs.pytorch.org/vision/stable/ops.html", area="model", probability=0.8, names=("torchvision.ops",),
    ),
    CodeRule(
        "torch-pretrained", "trained networks of timm, torchvision or torch.hub", "pytorch", "move", "perhaps",
        "keras.applications or KerasHub: other weights, other preprocessing", "https://keras.io/api/applications/",
        area="model",
        probability=0.8, calls=True, names=("timm.create_model", "torchvision.models", "torch.hub.load"),
    ),
    CodeRule(
        "torch-rl", "TorchRL or Stable-Baselines3", "pytorch", "move", "must",
        "TF-Agents, which has had no release since 2023; Brax and RLax on JAX",
        "https://stable-baselines3.readthedocs.io/", area="training_loop", names=("torchrl", "stable_baselines3"),
    ),
    CodeRule(
        "torch-probability", "Pyro, GPyTorch or BoTorch", "pytorch", "move", "must",
        "TensorFlow Probability, which works with Keras 2 alone; NumPyro on JAX",
        "https://github.com/tensorflow/probability/issues/2006", area="model", names=("pyro", "gpytorch", "botorch"),
    ),
    CodeRule(
        "torch-kernels", "kernels of others: flash_attn, xformers, bitsandbytes", "pytorch", "move", "must",
        "none; XLA fuses some of it, and Keras rounds weights by Model.quantize",
        "https://github.com/Dao-AILab/flash-attention", area="model", names=("flash_attn", "xformers", "bitsandbytes"),
    ),
    CodeRule(
        "torch-triton", "kernels in Triton", "pytorch", "move", "must", "Pallas on JAX, or an operation in CUDA",
        "https://triton-lang.org/", area="model", names=("triton.jit", "triton.language"), calls=False,
    ),
    CodeRule(
        "torch-xla", "TPUs by torch_xla or TorchTPU", "pytorch", "move", "perhaps",
        "JAX; tf.distribute.TPUStrategy as well, but TensorFlow's package for TPUs stopped at 2.20",
        "https://docs.pytorch.org/xla/",
        area="distributed", probability=0.6, names=("torch_xla", "torch_tpu"),
    ),
    CodeRule(
        "horovod-pytorch", "Horovod", "pytorch", "move", "perhaps",
        "tf.distribute; Horovod's side for TensorFlow, last released in 2023, fails from 2.16 on",
        "https://github.com/horovod/horovod/issues/4290", area="distributed", probability=0.6,
        names=("horovod.torch",),
    ),
)  # fmt: skip
