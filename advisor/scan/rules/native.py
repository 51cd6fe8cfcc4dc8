"""Operations in C++ and CUDA, by their own lines and by what builds them."""

from __future__ import annotations

from advisor.scan.rules import CodeRule, LinePattern

_EXTENDING = "https://docs.pytorch.org/tutorials/advanced/cpp_custom_ops.html"
_OPS = "https://www.tensorflow.org/guide/create_op"

RULES = (
    CodeRule(
        "native-tf-op", "an operation of TensorFlow in C++", "tensorflow", "move", "must",
        "an operation by TORCH_LIBRARY, with its own gradient",
        _OPS, area="model",
        texts=(LinePattern("native", ("REGISTER_OP", "REGISTER_KERNEL_BUILDER"),
        r"\bREGISTER_(?:OP|KERNEL_BUILDER)\s*\("),),
    ),
    CodeRule(
        "native-torch-op", "an operation of PyTorch in C++ or CUDA", "pytorch", "move", "must",
        "an operation by REGISTER_OP, with its own gradient",
        _EXTENDING, area="model",
        texts=(LinePattern("native", ("TORCH_LIBRARY", "TORCH_EXTENSION_NAME", "torch/extension.h"),
        r"\bTORCH_LIBRARY(?:_IMPL|_FRAGMENT)?\s*\(|\bPYBIND11_MODULE\s*\(\s*TORCH_EXTENSION_NAME|^\s*#\s*include\s*[<\"]torch/extension\.h"),),
    ),
    CodeRule(
        "native-torch-build", "a C++ or CUDA extension is built", "pytorch", "move", "must",
        "a build of its own for TensorFlow",
        _EXTENDING, area="model", calls=True,
        names=tuple(f"torch.utils.cpp_extension.{name}" for name in ("CUDAExtension", "CppExtension", "load",
        "load_inline")),
    ),
    CodeRule(
        "native-thc", "headers of THC or TH", "pytorch", "upgrade", "must", "ATen and c10",
        "https://github.com/pytorch/pytorch/releases/tag/v1.11.0",
        "PyTorch 1.11", "model",
        texts=(LinePattern("native", ("TH/", "THC/", "THN/"), r"^\s*#\s*include\s*[<\"]TH[CN]?/"),),
    ),
    CodeRule(
        "native-at-check", "AT_CHECK, or type() of a tensor to dispatch", "pytorch", "upgrade", "must",
        "TORCH_CHECK, scalar_type()",
        "https://github.com/pytorch/pytorch/releases/tag/v1.5.0", "PyTorch 1.5", "model",
        texts=(LinePattern("native", ("AT_CHECK", "AT_DISPATCH_"),
        r"\bAT_CHECK\s*\(|\bAT_DISPATCH_\w+\s*\(\s*\w+\.type\(\)"),),
    ),
    CodeRule(
        "native-libtorch", "LibTorch loads a network in C++", "pytorch", "move", "must",
        "TensorFlow's C API, LiteRT or ONNX Runtime",
        "https://docs.pytorch.org/cppdocs/", area="serving",
        texts=(LinePattern("native", ("torch::jit::load", "torch/script.h"),
        r"\btorch::jit::load\s*\(|^\s*#\s*include\s*[<\"]torch/script\.h"),),
    ),
    CodeRule(
        "native-tf-runtime", "TensorFlow or LiteRT runs in C++", "tensorflow", "move", "must",
        "LibTorch with AOTInductor, ExecuTorch or ONNX Runtime",
        "https://www.tensorflow.org/install/lang_c", area="serving",
        texts=(LinePattern("native", ("tensorflow/",),
        r"^\s*#\s*include\s*[<\"]tensorflow/(?:c/|lite/|cc/saved_model|core/public/session)"),),
    ),
)  # fmt: skip
