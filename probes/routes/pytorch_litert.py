"""PyTorch → LiteRT by ``litert-torch``: one file with a signature for each batch that is clocked, in all forms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.deploy import batches, litert, torch_model
from probes.deploy.contracts import RouteSpec, SourceModel
from probes.deploy.schema import BATCHES, ArtefactForm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.deploy.batches import Leaves

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

    parts = litert_torch
    for batch in BATCHES:
        parts = parts.signature(litert.signature(batch), source.network, torch_model.example(source, batch))
    parts.convert().export(str(folder / litert.FILE))
    if form != "float32":
        _quantise(folder / litert.FILE, form, source.calibration)


def _quantise(path: Path, form: ArtefactForm, calibration: Leaves) -> None:
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


def _batches(path: Path, calibration: Leaves) -> dict[str, list[dict[str, NDArray[Any]]]]:
    """Calibration data for every signature of a file, in its own batches and under its own inputs' names."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter: Any = Interpreter(model_path=str(path))
    found = {}
    for batch in BATCHES:
        given = interpreter.get_signature_runner(litert.signature(batch)).get_input_details()
        starts = range(0, len(calibration[0]) - batch + 1, batch)
        found[litert.signature(batch)] = [
            {
                name: leaf.astype(given[name]["dtype"], copy=False)
                for name, leaf in litert.fed(given, batches.rows(calibration, start, start + batch)).items()
            }
            for start in starts
        ]
    return found


load = litert.session
