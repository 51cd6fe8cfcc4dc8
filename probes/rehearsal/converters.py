"""What converters make of an ONNX file. Each function runs in a child, in the environment that has the converter."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from probes.contracts import UnsupportedError
from probes.deploy import batches
from probes.rehearsal import recording
from probes.rehearsal.recording import Recorded

if TYPE_CHECKING:
    from probes.deploy.batches import Leaves


def onnx2torch(file: Path, leaves: Leaves, seed: int) -> Recorded:
    """A module of PyTorch."""
    import onnx

    _with_torchvision()
    from onnx2torch import convert

    given = [one.name for one in onnx.load(str(file), load_external_data=False).graph.input]
    fed = batches.fed(given, leaves)
    module = convert(str(file)).eval()
    x = tuple(fed[name] for name in given)
    told = recording.of_torch(module, x, seed)
    recording.every_module(module, x, told)
    return told


def onnx2tf(file: Path, leaves: Leaves, seed: int) -> Recorded:
    """A functional model of TensorFlow, which takes its inputs in PyTorch's order of axes."""
    import onnx
    from onnx2tf import convert

    given = [one.name for one in onnx.load(str(file), load_external_data=False).graph.input]
    fed = batches.fed(given, leaves)
    kept = [name for name in given if fed[name].ndim >= 3]  # its own order would be channels last
    model = convert(
        input_onnx_file_path=str(file), output_folder_path=str(file.parent / "onnx2tf"), not_use_onnxsim=True,
        keep_ncw_or_nchw_or_ncdhw_input_names=kept or None, non_verbose=True, verbosity="error",
    )  # fmt: skip
    names = [_plain(one.name) for one in model.inputs]
    by_name = {_plain(name): array for name, array in fed.items()}
    return recording.of_functional(model, tuple(by_name[name] for name in names), seed)


def _plain(name: str) -> str:
    return name.partition(":")[0]


def _with_torchvision() -> None:
    """onnx2torch imports it for two operations of detectors. A build that doesn't fit the PyTorch here doesn't load: a
    stand-in takes its place, which refuses those two."""
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError, OSError):
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        package, operations = ModuleType("torchvision"), ModuleType("torchvision.ops")
        for name in ("roi_align", "nms", "box_convert"):
            setattr(operations, name, _refused(name))
        package.ops = operations  # type: ignore[attr-defined]
        sys.modules |= {"torchvision": package, "torchvision.ops": operations}


def _refused(name: str) -> Callable[..., Any]:
    def refused(*_: Any, **__: Any) -> Any:
        raise UnsupportedError(f"{name} is torchvision's, which isn't part of this rehearsal")

    return refused


BY_WAY: Final[Mapping[str, Callable[[Path, Any, int], Recorded]]] = {"onnx2torch": onnx2torch, "onnx2tf": onnx2tf}
