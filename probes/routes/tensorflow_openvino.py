"""Keras → OpenVINO, by way of a SavedModel."""

from __future__ import annotations

import tempfile
from pathlib import Path

from probes.deploy import keras_model, ov
from probes.deploy.contracts import RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="tensorflow_openvino",
    title="OpenVINO",
    framework="tensorflow",
    steps="model.export → openvino.convert_model → save_model → Core().compile_model",
    forms=("float32", "float16"),
    exports_with=("openvino",),
    runs_with=("openvino",),
    packages=("openvino",),
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:
    """Two files, with a batch of any size."""
    import openvino

    with tempfile.TemporaryDirectory() as saved:
        keras_model.save(source, Path(saved))
        ov.save(openvino.convert_model(saved), folder, form)


load = ov.session
