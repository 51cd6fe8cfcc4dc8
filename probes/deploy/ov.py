"""OpenVINO: what both frameworks' ways to it share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.deploy import batches

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from probes.deploy.contracts import Artefact, Predict
    from probes.deploy.schema import ArtefactForm

_FILE = "model.xml"


def save(model: Any, folder: Path, form: ArtefactForm) -> None:
    """A converted model; its weights as float16 only if that is the form (OpenVINO's own default is float16)."""
    import openvino

    openvino.save_model(model, folder / _FILE, compress_to_fp16=form == "float16")


def session(artefact: Artefact) -> Predict:
    """Compiled for the CPU, computing in float32, whatever shorter types the processor knows."""
    import openvino

    settings = {
        "INFERENCE_NUM_THREADS": artefact.threads,
        "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "f32",
        "ENABLE_CPU_PINNING": False,
    }
    compiled = openvino.Core().compile_model(artefact.folder / _FILE, "CPU", settings)
    request = compiled.create_infer_request()

    names = [given.get_any_name() for given in compiled.inputs] if len(compiled.inputs) > 1 else []

    def predict(*x: NDArray[Any]) -> NDArray[Any]:
        outputs = request.infer(batches.fed(names, x) if names else list(x))
        return batches.table([outputs[place] for place in range(len(outputs))])

    return predict
