"""PyTorch → OpenVINO."""

from __future__ import annotations

from pathlib import Path

from probes.deploy import ov, torch_model
from probes.deploy.contracts import RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="pytorch_openvino",
    title="OpenVINO",
    framework="pytorch",
    steps="openvino.convert_model → save_model → Core().compile_model",
    forms=("float32", "float16"),
    exports_with=("openvino",),
    runs_with=("openvino",),
    packages=("openvino",),
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:
    """Two files, with a batch of any size."""
    import openvino

    shapes = [[-1, *leaf.shape[1:]] for leaf in source.example]
    example = torch_model.example(source)
    one = len(shapes) == 1
    try:
        model = openvino.convert_model(
            source.network, example_input=example[0] if one else example, input=shapes[0] if one else shapes
        )
    except (openvino.frontend.OpConversionFailure, RuntimeError):  # the latter where it can't trace
        # Two traces of an encoder with a fast path aren't alike; of Keras' operations it knows those of a graph.
        model = openvino.convert_model(torch_model.exported(source))
    ov.save(model, folder, form)


load = ov.session
