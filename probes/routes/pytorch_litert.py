"""PyTorch → LiteRT by ``litert-torch``: one file with a signature for each batch that is clocked, in all forms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.deploy import litert
from probes.deploy.contracts import RouteSpec, SourceModel
from probes.deploy.schema import BATCHES, ArtefactForm

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEC = RouteSpec(
    id="pytorch_litert",
    title="LiteRT (litert-torch)",
    framework="pytorch",
    steps="litert_torch.signature(…).convert → ai_edge_quantizer → ai_edge_litert's Interpreter",
    forms=("float32", "float16", "int8 dynamic", "int8 static"),
    exports_in="litert-torch",
    runs_with=("ai_edge_litert",),
    packages=("ai-edge-litert",),
    heavy=True,
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:
    """One file; the signatures share their weights. Inputs and outputs stay as they are, but int64 becomes int32."""
    import litert_torch
    import numpy as np
    import torch

    parts = litert_torch
    for batch in BATCHES:
        example = torch.from_numpy(np.resize(source.example, (batch, *source.example.shape[1:])))
        parts = parts.signature(litert.signature(batch), source.network, (example,))
    parts.convert().export(str(folder / litert.FILE))
    if form != "float32":
        _quantise(folder / litert.FILE, form, source.calibration)


def _quantise(path: Path, form: ArtefactForm, calibration: NDArray[Any]) -> None:
    from ai_edge_quantizer import algorithm_manager, qtyping, quantizer

    tool = quantizer.Quantizer(str(path))
    everything = qtyping.TFLOperationName.ALL_SUPPORTED
    if form == "float16":
        casting = algorithm_manager.AlgorithmName.FLOAT_CASTING
        tool.add_weight_only_config(".*", everything, num_bits=16, algorithm_key=casting)
    elif form == "int8 dynamic":
        tool.add_dynamic_config(".*", everything, num_bits=8)
    else:
        tool.add_static_config(".*", everything, activation_num_bits=8, weight_num_bits=8)
        for outside in (qtyping.TFLOperationName.INPUT, qtyping.TFLOperationName.OUTPUT):
            tool.update_quantization_recipe(".*", outside, algorithm_key=algorithm_manager.AlgorithmName.NO_QUANTIZE)
    ranges = tool.calibrate(_batches(path, calibration), num_threads=1) if tool.need_calibration else None
    tool.quantize(ranges).export_model(str(path), overwrite=True)


def _batches(path: Path, calibration: NDArray[Any]) -> dict[str, list[dict[str, NDArray[Any]]]]:
    """Calibration data for every signature of a file, in its own batches and under its own input's name."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter: Any = Interpreter(model_path=str(path))
    batches = {}
    for batch in BATCHES:
        ((name, given),) = interpreter.get_signature_runner(litert.signature(batch)).get_input_details().items()
        rows = calibration.astype(given["dtype"], copy=False)
        starts = range(0, len(rows) - batch + 1, batch)
        batches[litert.signature(batch)] = [{name: rows[start : start + batch]} for start in starts]
    return batches


load = litert.session
