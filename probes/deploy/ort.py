"""ONNX Runtime: what both frameworks' ways through ONNX share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.deploy import batches
from probes.deploy.contracts import Artefact, Predict
from probes.deploy.schema import ArtefactForm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.deploy.batches import Leaves

FILE = "model.onnx"
_CALIBRATION_BATCH = 16


def quantise(folder: Path, form: ArtefactForm, calibration: Leaves) -> None:
    """Replace the model in ``folder`` by its int8 ``form``; float32 stays as it is."""
    if form == "float32":
        return
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    path, prepared = folder / FILE, folder / "prepared.onnx"
    quant_pre_process(path, prepared, skip_symbolic_shape=True)
    if form == "int8 dynamic":
        quantization.quantize_dynamic(prepared, path)
    else:
        quantization.quantize_static(prepared, path, _Batches(path, calibration))
    prepared.unlink()


def session(artefact: Artefact) -> Predict:
    """A session on the CPU that waits without spinning, as all runtimes here do."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = artefact.threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    inference = onnxruntime.InferenceSession(
        str(artefact.folder / FILE), options, providers=["CPUExecutionProvider"]
    )  # fmt: skip
    names = [given.name for given in inference.get_inputs()]

    def predict(*x: NDArray[Any]) -> NDArray[Any]:
        return batches.table(inference.run(None, batches.fed(names, x)))

    return predict


class _Batches:
    """A ``CalibrationDataReader``, which is called until it returns None."""

    def __init__(self, path: Path, calibration: Leaves) -> None:
        import onnx

        names = [given.name for given in onnx.load(path, load_external_data=False).graph.input]
        starts = range(0, len(calibration[0]), _CALIBRATION_BATCH)
        parts = (batches.rows(calibration, start, start + _CALIBRATION_BATCH) for start in starts)
        self._batches = iter([batches.fed(names, part) for part in parts])

    def get_next(self) -> dict[str, NDArray[Any]] | None:
        return next(self._batches, None)
