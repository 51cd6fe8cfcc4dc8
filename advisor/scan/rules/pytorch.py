"""PyTorch: what newer versions dropped, changed or deprecate."""

from __future__ import annotations

from advisor.scan.rules import CodeRule, LinePattern, listed

_RELEASES = "https://github.com/pytorch/pytorch/releases/tag"
_DOCS = "https://docs.pytorch.org/docs/stable"
_EXPORT = f"{_DOCS}/user_guide/torch_compiler/export.html"

RULES = (
    CodeRule(
        "torch-load", "torch.load without weights_only", "pytorch", "upgrade", "perhaps",
        "weights_only=True is the default since 2.6: files with more than tensors need add_safe_globals",
        f"{_RELEASES}/v2.6.0", "PyTorch 2.6", "export", 0.3, names=("torch.load",), calls=True,
        lacking=("weights_only",),
    ),
    CodeRule(
        "torch-load-unsafe", "torch.load that runs what the file says", "pytorch", "upgrade", "nice",
        "weights_only=True, or safetensors", f"{_DOCS}/generated/torch.load.html", "PyTorch 2.6", "export",
        names=("torch.load",), calls=True, keywords=("weights_only=False",),
    ),
    CodeRule(
        "torch-variable", "autograd.Variable", "pytorch", "upgrade", "nice", "the tensor itself", f"{_RELEASES}/v0.4.0",
        "PyTorch 0.4",
        names=("torch.autograd.Variable",),
    ),
    CodeRule(
        "torch-volatile", "Variable with volatile", "pytorch", "upgrade", "must", "torch.no_grad()",
        f"{_RELEASES}/v0.4.0", "PyTorch 0.4",
        "training_loop", names=("torch.autograd.Variable",), calls=True, keywords=("volatile",),
    ),
    CodeRule(
        "torch-linalg", "torch.eig, lstsq, matrix_rank", "pytorch", "upgrade", "must",
        "torch.linalg: eig, lstsq with its arguments the other way round, matrix_rank", f"{_RELEASES}/v1.13.0",
        "PyTorch 1.13", names=listed("torch: eig lstsq matrix_rank"), calls=True,
    ),
    CodeRule(
        "torch-solve", "torch.solve", "pytorch", "upgrade", "must",
        "torch.linalg.solve with its arguments the other way round", f"{_RELEASES}/v1.12.0", "PyTorch 1.12",
        names=("torch.solve",), calls=True,
    ),
    CodeRule(
        "torch-symeig", "torch.symeig", "pytorch", "upgrade", "must",
        "torch.linalg.eigh, or eigvalsh for the values alone; it takes the lower triangle where symeig took the upper",
        f"{_RELEASES}/v2.0.0", "PyTorch 2.0", names=("torch.symeig",), calls=True,
    ),
    CodeRule(
        "torch-linalg-old", "torch.svd, qr, cholesky, norm, ger", "pytorch", "upgrade", "nice",
        "torch.linalg, torch.outer",
        f"{_DOCS}/linalg.html", "PyTorch 1.13", names=listed("torch: svd qr cholesky norm ger chain_matmul lu"),
        calls=True,
    ),
    CodeRule(
        "torch-fft", "torch.rfft, irfft", "pytorch", "upgrade", "must", "torch.fft", f"{_RELEASES}/v1.8.0",
        "PyTorch 1.8",
        names=listed("torch: rfft irfft"),
    ),
    CodeRule(
        "torch-stft", "torch.stft without return_complex", "pytorch", "upgrade", "perhaps",
        "return_complex=True and view_as_real", f"{_DOCS}/generated/torch.stft.html", "PyTorch 2.0", "data_pipeline",
        0.8,
        names=listed("torch: stft"), calls=True, lacking=("return_complex",),
    ),
    CodeRule(
        "torch-range", "torch.range", "pytorch", "upgrade", "nice", "torch.arange, which leaves out the end",
        f"{_DOCS}/generated/torch.range.html", "PyTorch 0.4", names=listed("torch: range"), calls=True,
    ),
    CodeRule(
        "torch-amp", "torch.cuda.amp", "pytorch", "upgrade", "nice", "torch.amp with the device as its first argument",
        f"{_RELEASES}/v2.4.0", "PyTorch 2.4", "training_loop",
        names=(*listed("torch.cuda.amp: autocast GradScaler custom_fwd custom_bwd"), "torch.cpu.amp"),
    ),
    CodeRule(
        "torch-jit", "TorchScript", "pytorch", "upgrade", "nice", "torch.compile, or torch.export to ship",
        f"{_DOCS}/jit.html",
        "PyTorch 2.10", "export",
        names=listed("torch.jit: script trace ScriptModule script_method trace_module interface"),
    ),
    CodeRule(
        "torch-jit-load", "a TorchScript file is loaded", "pytorch", "upgrade", "nice",
        "torch.export.load of a file exported anew",
        f"{_DOCS}/jit.html", "PyTorch 2.10", "serving", names=listed("torch.jit: load"),
    ),
    CodeRule(
        "torch-mobile", "PyTorch Mobile", "pytorch", "upgrade", "nice", "ExecuTorch",
        "https://docs.pytorch.org/executorch/stable/index.html",
        "PyTorch 2.10", "export", names=("torch.utils.mobile_optimizer", "torch.utils.bundled_inputs"),
        methods=("_save_for_lite_interpreter",),
    ),
    CodeRule(
        "torch-quantization", "torch.quantization", "pytorch", "upgrade", "nice", "torchao",
        "https://github.com/pytorch/ao/issues/2259", "PyTorch 2.8", "export", names=("torch.quantization",
        "torch.ao.quantization"),
    ),
    CodeRule(
        "torch-onnx-export", "torch.onnx.export without dynamo", "pytorch", "upgrade", "perhaps",
        "dynamo=True is the default since 2.9; dynamic_axes become dynamic_shapes", f"{_RELEASES}/v2.9.0",
        "PyTorch 2.9", "export", 0.4,
        names=("torch.onnx.export",), calls=True, lacking=("dynamo",),
    ),
    CodeRule(
        "torch-onnx-gone", "parts of torch.onnx that are gone", "pytorch", "upgrade", "must",
        "torch.onnx.export(dynamo=True)",
        f"{_DOCS}/onnx.html", "PyTorch 2.9", "export", names=listed("torch.onnx: dynamo_export ExportOptions"),
    ),
    CodeRule(
        "torch-export-gone", "export_for_training", "pytorch", "upgrade", "must", "torch.export.export",
        _EXPORT, "PyTorch 2.11", "export", names=("torch.export.export_for_training",),
    ),
    CodeRule(
        "torch-export-capture", "capture_pre_autograd_graph", "pytorch", "upgrade", "must", "torch.export.export",
        _EXPORT, "PyTorch 2.7", "export", names=("torch._export.capture_pre_autograd_graph",),
    ),
    CodeRule(
        "torch-export-dim", "export.dynamic_dim", "pytorch", "upgrade", "must", "torch.export.Dim and dynamic_shapes",
        _EXPORT, "PyTorch 2.5", "export", names=("torch.export.dynamic_dim",),
    ),
    CodeRule(
        "torch-pipeline-gone", "torch.distributed.pipeline", "pytorch", "upgrade", "must",
        "torch.distributed.pipelining",
        "https://github.com/pytorch/pytorch/pull/127354", "PyTorch 2.4", "distributed",
        names=("torch.distributed.pipeline",),
    ),
    CodeRule(
        "torch-ffi", "torch.utils.ffi, torch.legacy", "pytorch", "upgrade", "must",
        "torch.utils.cpp_extension; layers of torch.nn", f"{_RELEASES}/v1.0.0", "PyTorch 1.0",
        names=("torch.utils.ffi", "torch.legacy"),
    ),
    CodeRule(
        "torch-functions", "torch.nn._functions", "pytorch", "upgrade", "must",
        "torch.nn.functional, or a torch.autograd.Function of your own", f"{_RELEASES}/v1.3.0", "PyTorch 1.3", "model",
        names=("torch.nn._functions",),
    ),
    CodeRule(
        "torch-six", "torch._six", "pytorch", "upgrade", "must", "str, collections.abc and math.inf of Python",
        "https://github.com/pytorch/pytorch/pull/94709", "PyTorch 2.0", names=("torch._six",),
    ),
    CodeRule(
        "torch-dataparallel", "nn.DataParallel", "pytorch", "upgrade", "nice", "DistributedDataParallel",
        f"{_DOCS}/generated/torch.nn.DataParallel.html", "PyTorch 1.5", "distributed", names=("torch.nn.DataParallel",),
    ),
    CodeRule(
        "torch-launch", "torch.distributed.launch", "pytorch", "upgrade", "nice", "torchrun",
        f"{_DOCS}/elastic/run.html", "PyTorch 1.9",
        "distributed", names=("torch.distributed.launch",),
        texts=(LinePattern("docker", ("torch.distributed.launch",), r"-m\s+torch\.distributed\.launch"),),
    ),
    CodeRule(
        "torch-collective-old", "collectives by their old names", "pytorch", "upgrade", "perhaps",
        "all_gather_into_tensor, reduce_scatter_tensor, ReduceOp", f"{_DOCS}/distributed.html", "PyTorch 1.13",
        "distributed", 0.3, names=listed("torch.distributed: _all_gather_base _reduce_scatter_base reduce_op"),
    ),
    CodeRule(
        "torch-collective-multigpu", "collectives over several GPUs of a process", "pytorch", "upgrade", "must",
        "a process a GPU, with all_gather, all_reduce, reduce, reduce_scatter and broadcast",
        f"{_RELEASES}/v2.2.0", "PyTorch 2.2", "distributed",
        names=listed("torch.distributed: all_gather_multigpu all_reduce_multigpu broadcast_multigpu reduce_multigpu "
                     "reduce_scatter_multigpu"),
    ),
    CodeRule(
        "torch-init-old", "an initialiser without underscore", "pytorch", "upgrade", "nice",
        "the name with an underscore",
        f"{_DOCS}/nn.init.html", "PyTorch 0.4", "model",
        names=listed("torch.nn.init: xavier_uniform xavier_normal kaiming_uniform kaiming_normal normal uniform "
        "constant orthogonal"),
    ),
    CodeRule(
        "torch-clip-old", "clip_grad_norm without underscore", "pytorch", "upgrade", "nice", "clip_grad_norm_",
        f"{_DOCS}/generated/torch.nn.utils.clip_grad_norm_.html", "PyTorch 0.4", "training_loop",
        names=("torch.nn.utils.clip_grad_norm",),
    ),
    CodeRule(
        "torch-functional-old", "upsample of nn.functional", "pytorch", "upgrade", "nice",
        "interpolate", f"{_DOCS}/generated/torch.nn.functional.upsample.html", "PyTorch 0.4.1", "model",
        names=listed("torch.nn.functional: upsample upsample_bilinear upsample_nearest"),
    ),
    CodeRule(
        "torch-weight-norm", "weight_norm, spectral_norm", "pytorch", "upgrade", "nice",
        "torch.nn.utils.parametrizations; names in saved weights change",
        f"{_DOCS}/generated/torch.nn.utils.parametrizations.weight_norm.html",
        "PyTorch 2.1", "model", names=("torch.nn.utils.weight_norm",),
    ),
    CodeRule(
        "torch-loss-reduce", "size_average or reduce of a loss", "pytorch", "upgrade", "nice", "reduction",
        f"{_DOCS}/nn.html#loss-functions",
        "PyTorch 0.4.1", "losses_metrics", calls=True, keywords=("size_average", "reduce"),
        names=(*listed("torch.nn: CrossEntropyLoss MSELoss L1Loss BCELoss BCEWithLogitsLoss NLLLoss KLDivLoss "
        "SmoothL1Loss "
                       "NLLLoss2d"), *listed("torch.nn.functional: cross_entropy mse_loss l1_loss nll_loss kl_div "
                       "binary_cross_entropy binary_cross_entropy_with_logits smooth_l1_loss")),
    ),
    CodeRule(
        "torch-tensor-type", "set_default_tensor_type", "pytorch", "upgrade", "nice",
        "set_default_dtype and set_default_device",
        f"{_RELEASES}/v2.1.0", "PyTorch 2.1", names=("torch.set_default_tensor_type",),
    ),
    CodeRule(
        "torch-legacy-tensor", "a tensor by its old type", "pytorch", "upgrade", "nice",
        "torch.tensor with dtype and device",
        f"{_DOCS}/tensors.html", "PyTorch 0.4", calls=True,
        names=listed("torch.cuda: FloatTensor LongTensor HalfTensor ByteTensor DoubleTensor IntTensor BoolTensor"),
    ),
    CodeRule(
        "torch-backward-hook", "register_backward_hook", "pytorch", "upgrade", "nice", "register_full_backward_hook",
        f"{_DOCS}/generated/torch.nn.Module.html", "PyTorch 1.8", "model", methods=("register_backward_hook",),
    ),
    CodeRule(
        "torch-sdp-kernel", "backends.cuda.sdp_kernel", "pytorch", "upgrade", "nice", "torch.nn.attention.sdpa_kernel",
        f"{_DOCS}/generated/torch.nn.attention.sdpa_kernel.html", "PyTorch 2.3", "model",
        names=("torch.backends.cuda.sdp_kernel",),
    ),
    CodeRule(
        "torch-assert-allclose", "testing.assert_allclose", "pytorch", "upgrade", "nice", "testing.assert_close",
        f"{_DOCS}/testing.html", "PyTorch 1.12", "tests", names=("torch.testing.assert_allclose",),
    ),
    CodeRule(
        "torch-functorch", "functorch", "pytorch", "upgrade", "nice", "torch.func", f"{_RELEASES}/v2.0.0",
        "PyTorch 2.0",
        names=("functorch", "torch.nn.utils.stateless"),
    ),
    CodeRule(
        "torch-caffe2", "Caffe2", "pytorch", "upgrade", "must", "PyTorch itself; ONNX Runtime to run old files",
        "https://github.com/pytorch/pytorch/pull/87986", "PyTorch 1.13", names=("caffe2",),
    ),
    CodeRule(
        "torchvision-pretrained", "pretrained= of torchvision", "pytorch", "upgrade", "perhaps", "weights=",
        "https://docs.pytorch.org/vision/stable/models.html", "torchvision 0.13", "model", 0.9,
        names=("torchvision.models",), calls=True, keywords=("pretrained", "pretrained_backbone"),
    ),
    CodeRule(
        "torchvision-transforms-gone", "Scale, RandomSizedCrop", "pytorch", "upgrade", "must",
        "Resize, RandomResizedCrop",
        "https://github.com/pytorch/vision/issues/5927", "torchvision 0.12", "data_pipeline",
        names=listed("torchvision.transforms: Scale RandomSizedCrop"),
    ),
    CodeRule(
        "torchtext-ended", "torchtext", "pytorch", "upgrade", "must",
        "tokenizers and datasets of Hugging Face; it ended with 0.18",
        "https://github.com/pytorch/text/issues/2250", "PyTorch 2.4", "data_pipeline", names=("torchtext",),
        packages=("torchtext",),
    ),
    CodeRule(
        "torchdata-pipes", "data pipes", "pytorch", "upgrade", "must", "StatefulDataLoader, Dataset and DataLoader",
        "https://github.com/pytorch/data/issues/1196", "torchdata 0.10", "data_pipeline",
        names=("torchdata.datapipes", "torchdata.dataloader2"),
    ),
    CodeRule(
        "torchserve-ended", "TorchServe", "pytorch", "upgrade", "must", "Triton, LitServe or vLLM; it isn't maintained",
        "https://github.com/pytorch/serve", "2025", "serving", names=("ts.torch_handler", "ts.context"),
        packages=("torchserve", "torch-model-archiver"),
    ),
    CodeRule(
        "torch-apex", "NVIDIA Apex", "pytorch", "upgrade", "perhaps",
        "torch.amp, fused optimisers and SyncBatchNorm of torch itself",
        "https://github.com/NVIDIA/apex", "PyTorch 1.6", "training_loop", 0.7, names=("apex.amp", "apex.parallel",
        "apex.fp16_utils"),
    ),
    CodeRule(
        "torch-lightning-old", "Lightning's metrics", "pytorch", "upgrade", "must", "the package torchmetrics",
        "https://github.com/Lightning-AI/pytorch-lightning/releases/tag/1.5.0", "Lightning 1.5", "losses_metrics",
        names=("pytorch_lightning.metrics",),
    ),
    CodeRule(
        "torch-lightning-loggers", "Lightning's loggers.base", "pytorch", "upgrade", "must",
        "pytorch_lightning.loggers.logger.Logger", "https://lightning.ai/docs/pytorch/stable/upgrade/from_1_7.html",
        "Lightning 1.9", "training_loop", names=("pytorch_lightning.loggers.base",),
    ),
    CodeRule(
        "torch-lightning-lite", "LightningLite", "pytorch", "upgrade", "must", "lightning.fabric.Fabric",
        "https://lightning.ai/docs/pytorch/stable/upgrade/from_1_9.html", "Lightning 2.0", "training_loop",
        names=("pytorch_lightning.lite",),
    ),
    CodeRule(
        "torch-pin-old", "a requirement for PyTorch 1", "pytorch", "upgrade", "perhaps",
        "PyTorch 2: most code runs as it is",
        f"{_RELEASES}/v2.0.0", "PyTorch 2.0", probability=0.5, packages=("torch<2", "pytorch<2"),
    ),
    CodeRule(
        "torch-docker-old", "an image of an old PyTorch", "pytorch", "upgrade", "perhaps",
        "pytorch/pytorch with a tag from 2 on",
        "https://hub.docker.com/r/pytorch/pytorch", "PyTorch 2.0", probability=0.5,
        texts=(LinePattern("docker", ("pytorch/pytorch:",), r"^\s*FROM\s+\S*pytorch/pytorch:[01]\."),),
    ),
)  # fmt: skip
